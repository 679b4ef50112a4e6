// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayPostgreSQL
import MainstayTesting
import Testing

extension ServerFaultTests {
    /// A COMMIT waits for a standby that never comes, and somebody ends the wait: the transaction is committed here, and not there.
    @Suite struct UnconfirmedCommitServerWordTests {
        @Test(arguments: ["pg_cancel_backend", "pg_terminate_backend"])
        func `a commit that reached no standby is told, and not repeated`(_ function: String) async throws {
            let server = try Database(try await ControlledServer.postgreSQL.url, drivers: [.postgreSQL])
            defer { Task { await server.close() } }
            try await server.execute("CREATE TABLE IF NOT EXISTS unconfirmed (how text)")
            try await server.execute("DELETE FROM unconfirmed")
            try await waitForStandby("nobody", server)
            let error = await error { try await insert(function, server) }
            try await waitForStandby("", server)
            #expect(error?.code == .commitNotReplicated, "\(String(describing: error))")
            #expect(error?.isTransient == false)
            #expect(server.statistics.retries == 0)
            #expect(try await server.query("SELECT how FROM unconfirmed", as: String.self) == [function])
        }

        @Test func `a script and a statement outside of transactions tell it as well`() async throws {
            let server = try Database(try await ControlledServer.postgreSQL.url, drivers: [.postgreSQL])
            defer { Task { await server.close() } }
            try await server.execute("CREATE TABLE IF NOT EXISTS unconfirmed (how text)")
            try await server.execute("DELETE FROM unconfirmed")
            try await waitForStandby("nobody", server)
            let autocommit = await error {
                try await whileWaiting("pg_cancel_backend", server) {
                    try await server.withSession { session in
                        _ = try session.executeAutocommit("INSERT INTO unconfirmed VALUES ('autocommit')")
                    }
                }
            }
            let script = await error {
                try await whileWaiting("pg_cancel_backend", server) {
                    try await server.withSession { session in
                        _ = try session.executeScript("INSERT INTO unconfirmed VALUES ('script'); COMMIT")
                    }
                }
            }
            try await waitForStandby("", server)
            #expect(autocommit?.code == .commitNotReplicated, "\(String(describing: autocommit))")
            #expect(script?.code == .commitNotReplicated, "\(String(describing: script))")
            #expect(try await server.query("SELECT count(*) FROM unconfirmed", as: Int.self) == [2])
        }

        private func insert(_ how: String, _ server: Database) async throws {
            try await whileWaiting(how, server) {
                try await server.write { session in
                    _ = try session.execute("INSERT INTO unconfirmed VALUES (\(how))")
                }
            }
        }

        /// Does something whose COMMIT waits for the standby, and ends the wait by a function of the server.
        private func whileWaiting(
            _ function: String,
            _ server: Database,
            _ body: @Sendable @escaping () async throws -> Void
        ) async throws {
            let waiting = Task { try await body() }
            var isEnded = false
            while !isEnded {
                isEnded =
                    try await server.query(
                        """
                        SELECT bool_or(\(raw: function)(pid)) FROM pg_stat_activity
                        WHERE wait_event = 'SyncRep' AND datname = current_database()
                        """,
                        as: Bool?.self
                    ).first == true
                await Task.yield()
            }
            try await waiting.value
        }

        /// Has every COMMIT wait for a standby of this name, or for none.
        private func waitForStandby(_ name: String, _ server: Database) async throws {
            try await server.withSession { session in
                try session.executeAutocommit("ALTER SYSTEM SET synchronous_standby_names = '\(raw: name)'")
                try session.executeAutocommit("SELECT pg_reload_conf()")
            }
            var names: String?
            while names != name {
                names = try await server.query("SHOW synchronous_standby_names", as: String.self).first
            }
        }

        private func error(_ body: () async throws -> Void) async -> DatabaseError? {
            do {
                try await body()
                return nil
            } catch {
                return error as? DatabaseError
            }
        }
    }
}
