// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayMariaDB
import MainstayPostgreSQL
import Testing

extension ServerFaultTests {
    /// The servers that tests hurt do what the tests ask of them.
    @Suite struct ControlledServerTests {
        @Test(arguments: ControlledServer.all, ControlledServer.Stop.allCases)
        func `is stopped and launched`(_ server: ControlledServer, _ stop: ControlledServer.Stop) async throws {
            let port = try await server.port
            #expect(try await ServerProbe.isAccepting(port))
            try await server.stop(stop)
            #expect(ServerProbe.connect(to: port) == nil)
            try await server.launch()
            #expect(try await ServerProbe.isAccepting(port))

            try await server.restart(stop)
            #expect(try await ServerProbe.isAccepting(port))
        }

        @Test(arguments: ControlledServer.all, ControlledServer.Stop.allCases)
        func `keeps what it has answered`(_ server: ControlledServer, _ stop: ControlledServer.Stop) async throws {
            let table = Backends.uniqueName()
            try await withDatabase(server) { database in
                try await database.execute("CREATE TABLE \(identifier: table) (id INT PRIMARY KEY)")
            }
            for id in 1...3 {
                try await withDatabase(server) { database in
                    try await database.execute("INSERT INTO \(identifier: table) VALUES (\(id))")
                    try await server.restart(stop)
                }
                #expect(try await ServerProbe.isAccepting(server.port))
                try await withDatabase(server) { database in
                    let count = try await database.read { session in
                        try session.query("SELECT count(*) FROM \(identifier: table)", as: Int.self).one()
                    }
                    #expect(count == id)
                }
            }
        }

        @Test(arguments: ControlledServer.all)
        func `is paused, with all its processes`(_ server: ControlledServer) async throws {
            let port = try await server.port
            #expect(try await ServerProbe.isAccepting(port))
            // PostgreSQL's answers come from a process of their own, which is there before the pause.
            let early = try #require(ServerProbe.connect(to: port))
            if server.name == "postgresql" {
                try await Task.sleep(for: .milliseconds(200))
            } else {
                #expect(early.hears(within: 10_000), "the greeting")
            }
            try await server.pause()
            let late = try #require(ServerProbe.connect(to: port), "the system accepts")
            if server.name == "postgresql" {
                early.askForTLS()
                late.askForTLS()
                #expect(!early.hears(within: 200))
            }
            #expect(!late.hears(within: 200))
            try await server.resume()
            if server.name == "postgresql" { #expect(early.hears(within: 10_000)) }
            #expect(late.hears(within: 10_000))
        }

        @Test(arguments: ControlledServer.all)
        func `is stopped while it is paused`(_ server: ControlledServer) async throws {
            try await server.pause()
            try await server.restart(.kill)
            #expect(try await ServerProbe.isAccepting(server.port))
        }

        private func withDatabase(_ server: ControlledServer, _ body: (Database) async throws -> Void) async throws {
            let database = try await Database(server.url, drivers: [.postgreSQL, .mariaDB])
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(database))
            } catch {
                outcome = .failure(error)
            }
            await database.close()
            try outcome.get()
        }
    }
}
