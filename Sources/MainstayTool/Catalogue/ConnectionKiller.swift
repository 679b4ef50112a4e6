// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import Synchronization

/// Kills the connection of a session once, in the middle of its transaction, as an administrator or a failing network would.
final class ConnectionKiller: Sendable {
    private enum State {
        case idle, armed
        case killed(String)
    }

    private let state = Mutex(State.idle)

    /// What was killed.
    var victim: String? {
        state.withLock { if case .killed(let victim) = $0 { victim } else { nil } }
    }

    /// From now on the next strike kills.
    func arm() {
        state.withLock { $0 = .armed }
    }

    /// Kills the session's connection if it is time to. The next statement of the session will find out.
    func strike(_ session: isolated Session, of database: Database) async throws {
        let isArmed = state.withLock { state in
            guard case .armed = state else { return false }
            state = .idle
            return true
        }
        guard isArmed, let victim = try await kill(session, database) else { return }
        state.withLock { $0 = .killed(victim) }
        // COMMIT must not be the statement that finds out: whether it was carried out would then be uncertain.
        _ = try session.query("SELECT 1", as: Int.self).one()
    }

    private func kill(_ session: isolated Session, _ database: Database) async throws -> String? {
        switch database.driver {
        case is PostgreSQLDriver:
            let process = try session.query("SELECT pg_backend_pid()", as: Int32.self).one()
            // Waits up to 5 s until the process is gone.
            _ = try await database.query("SELECT pg_terminate_backend(\(process), 5000)", as: Bool.self)
            return "server process \(process)"
        case is MariaDBDriver:
            let id = try session.query("SELECT connection_id()", as: Int64.self).one()
            try await database.execute("KILL CONNECTION \(raw: String(id))")
            // KILL does not wait until it is done.
            let others: SQL = "SELECT count(*) FROM information_schema.processlist WHERE id = \(id)"
            for _ in 1...500 {
                if try await database.query(others, as: Int.self) == [0] { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            return "connection \(id)"
        case let driver as SQLiteDriver where driver.topology != .singleConnection:
            try session.withConnection(as: SQLiteConnection.self) { $0.close() }
            return "handle of the file"
        default:
            // A database in memory would be gone with its connection.
            return nil
        }
    }
}
