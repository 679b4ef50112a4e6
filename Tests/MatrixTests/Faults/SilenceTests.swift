// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting
import Testing

extension ServerFaultTests {
    /// A server that is stopped where it is answers nothing, and breaks nothing off.
    @Suite struct SilenceTests {
        /// What a scope may take in all. Half a second more goes by before a silent connection is broken off.
        private static let timeout = Duration.seconds(2)

        @Test(arguments: ControlledServer.all)
        func `every call ends by its deadline`(_ server: ControlledServer) async throws {
            var configuration = DatabaseConfiguration.faulty
            configuration.scopeTimeout = Self.timeout
            configuration.statementTimeout = nil
            // Some wait for a connection, and some for one to be opened.
            configuration.pool.size = 4
            let leftovers = try await FaultyService.with(server, configuration) { service in
                let database = service.database
                try await database.execute("CREATE TABLE notes (id \(type: .generatedKey), note \(type: .int32))")
                let paused = Rendezvous(of: 2)
                let scopes: [@Sendable () async throws -> Void] = [
                    { _ = try await database.query("SELECT count(*) FROM notes", as: Int.self) },
                    { try await database.execute("INSERT INTO notes (note) VALUES (1)") },
                    {
                        // Its COMMIT meets the silence.
                        try await database.write { session in
                            try session.execute("INSERT INTO notes (note) VALUES (2)")
                            await paused.meet()
                        }
                    },
                    {
                        try await database.withSession { session in
                            try session.execute("INSERT INTO notes (note) VALUES (3)")
                            try session.commit()
                        }
                    },
                ]
                try await database.warmUp(2)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    var ends: [Duration] = []
                    let start = ContinuousClock.now
                    func begin(_ scope: @escaping @Sendable () async throws -> Void) {
                        group.addTask {
                            let error = await #expect(throws: DatabaseError.self) { try await scope() }
                            #expect(
                                [.timeout, .commitOutcomeUnknown, .connectionLost].contains(error?.code),
                                "\(String(describing: error))"
                            )
                            #expect(ContinuousClock.now - start < Self.timeout + .seconds(4))
                        }
                    }
                    begin(scopes[2])
                    try await Task.sleep(for: .milliseconds(300))
                    try await server.pause()
                    await paused.meet()
                    for _ in 0..<3 { for index in [0, 1, 3] { begin(scopes[index]) } }
                    try await group.waitForAll()
                    ends.append(ContinuousClock.now - start)
                    report("silence of \(server): all calls with \(Self.timeout) ended after \(ends)")
                }
                try await server.resume()
                try await database.write { session in try session.execute("INSERT INTO notes (note) VALUES (4)") }
                #expect(try await database.query("SELECT note FROM notes WHERE note = 4", as: Int.self) == [4])
            }
            #expect(leftovers == FaultyService.Leftovers())
        }
    }
}
