// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization

/// Where interleavings are played: a table with two rows, `1: 10` and `2: 20`, and transactions on it.
struct Stage: Sendable {
    /// What a step read, once it has.
    final class Seen: Sendable {
        private let rows = Mutex<[Int: Int]?>(nil)

        func see(_ rows: [Int: Int]) { self.rows.withLock { $0 = rows } }

        /// The value of a row. Nil if the row was not there, or the step failed or was not reached.
        subscript(_ id: Int) -> Int? { rows.withLock { $0?[id] } }
    }

    let database: Database
    let backend: any ConformanceBackend
    let isolation: IsolationLevel

    func prepare() async throws {
        try await database.execute("CREATE TABLE stage (id \(type: .int32) PRIMARY KEY, value \(type: .int32))")
        try await database.execute("INSERT INTO stage (id, value) VALUES (1, 10), (2, 20)")
    }

    func begin(isReader: Bool = false) -> ScriptedTransaction {
        ScriptedTransaction(database, backend, isolation, isReader: isReader)
    }

    /// What is committed.
    func rows() async throws -> [Int: Int] {
        let rows = try await database.query("SELECT id, value FROM stage", as: (Int, Int).self)
        return Dictionary(rows) { first, _ in first }
    }
}

extension ScriptedTransaction {
    /// Changes a row.
    func set(_ id: Int, to value: Int) async throws {
        try await play { try $0.execute("UPDATE stage SET value = \(Int32(value)) WHERE id = \(Int32(id))") }
    }

    /// Adds a row.
    func add(_ id: Int, _ value: Int) async throws {
        try await play { try $0.execute("INSERT INTO stage (id, value) VALUES (\(Int32(id)), \(Int32(value)))") }
    }

    /// Reads a row.
    func read(_ id: Int) async throws -> Stage.Seen {
        try await read("SELECT id, value FROM stage WHERE id = \(Int32(id))")
    }

    /// Reads both rows.
    func readBoth() async throws -> Stage.Seen {
        try await read("SELECT id, value FROM stage WHERE id IN (1, 2)")
    }

    /// Searches for rows whose value is divisible by three. At first there are none.
    func search() async throws -> Stage.Seen {
        try await read("SELECT id, value FROM stage WHERE value % 3 = 0")
    }

    private func read(_ sql: SQL) async throws -> Stage.Seen {
        let seen = Stage.Seen()
        try await play { session in
            let rows = try session.query(sql, as: (Int, Int).self).all()
            seen.see(Dictionary(rows) { first, _ in first })
        }
        return seen
    }
}
