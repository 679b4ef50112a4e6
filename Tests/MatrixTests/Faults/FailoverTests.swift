// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting
import Testing

extension ServerFaultTests {
    /// A server that was the primary and only reads for a while: another has its address afterwards, or it is promoted again.
    @Suite struct FailoverTests {
        @Test func `who writes waits for a server that writes`() async throws {
            let server = ControlledServer.postgreSQL
            let leftovers = try await FaultyService.with(server, .faulty) { service in
                let database = service.database
                try await database.execute("CREATE TABLE notes (note INTEGER)")
                try await database.warmUp(3)
                try await setReadOnly(true, server)
                let writing = Task { try await database.execute("INSERT INTO notes (note) VALUES (1)") }
                // Who only reads does not notice.
                #expect(try await database.query("SELECT count(*) FROM notes", as: Int.self) == [0])
                try await Task.sleep(for: .milliseconds(100))
                try await setReadOnly(false, server)
                _ = try await writing.value
                #expect(try await database.query("SELECT count(*) FROM notes", as: Int.self) == [1])
                #expect((database.statistics.retriesByReason[.readOnly] ?? 0) > 0)
            }
            #expect(leftovers == FaultyService.Leftovers())
        }

        @Test func `a server that only reads for good is told as such`() async throws {
            let server = ControlledServer.postgreSQL
            _ = try await FaultyService.with(server, .faulty) { service in
                try await service.database.execute("CREATE TABLE notes (note INTEGER)")
                try await setReadOnly(true, server)
                let error = await #expect(throws: DatabaseError.self) {
                    try await service.database.execute("INSERT INTO notes (note) VALUES (1)")
                }
                try await setReadOnly(false, server)
                #expect(error?.code == .readOnly)
                #expect((error?.earlierFailures.count ?? 0) + 1 == RetryPolicy.standard.maxAttempts)
            }
        }

        /// Sessions that are there are told as well, at their next statement.
        private func setReadOnly(_ isReadOnly: Bool, _ server: ControlledServer) async throws {
            let database = try await Database(server.url, drivers: Backends.plugins)
            try await database.withSession { session in
                try session.execute("SET default_transaction_read_only = off")
                try session.commit()
                try session.executeAutocommit(
                    SQL(raw: "ALTER SYSTEM SET default_transaction_read_only = \(isReadOnly ? "on" : "off")")
                )
                _ = try session.query("SELECT pg_reload_conf()", as: Bool.self).one()
            }
            // The server reloads when it comes to it, and then tells its sessions. New ones see it first.
            while true {
                database.evictConnections()
                let setting = try await database.query("SHOW default_transaction_read_only", as: String.self).first
                if setting == (isReadOnly ? "on" : "off") { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            try await Task.sleep(for: .milliseconds(100))
            await database.close()
        }
    }
}
