// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayPostgreSQL
import Synchronization

/// Statements whose answers tell which of them was executed, and with which values.
struct PoolerWork: Sendable {
    let schema: String
    /// The isolation of what reads the table whose columns change; nil for the default.
    var isolation: IsolationLevel?

    struct Report: Sendable, CustomStringConvertible {
        var right = 0
        var inserted = 0
        var wrong: [String] = []
        var errors: [String] = []

        var description: String { "\(right) right, \(wrong.count) wrong, \(errors.count) errors" }
    }

    private enum Failure: Error { case wrong(String) }

    func prepare(_ direct: Database) async throws {
        try await direct.execute("CREATE TABLE \(identifier: schema, "kept") (id int8 PRIMARY KEY, text text)")
        try await direct.execute("CREATE TABLE \(identifier: schema, "shape") (id int8 PRIMARY KEY, v int4)")
        try await direct.execute(
            "INSERT INTO \(identifier: schema, "shape") SELECT n, n FROM generate_series(1, 100) n"
        )
    }

    /// Changes the types and the number of a table's columns over and over.
    ///
    /// - Returns: How many times.
    func changeSchema(_ direct: Database, until isDone: borrowing Atomic<Bool>) async throws -> Int {
        let table: SQL = "ALTER TABLE \(identifier: schema, "shape")"
        var changes = 0
        while !isDone.load(ordering: .acquiring) {
            for change: SQL in [
                "ALTER COLUMN v TYPE float4", "ADD COLUMN more text DEFAULT 'x'", "ALTER COLUMN v TYPE text",
                "DROP COLUMN more", "ALTER COLUMN v TYPE int8 USING v::int8", "ALTER COLUMN v TYPE numeric",
                "ALTER COLUMN v TYPE interval USING v * interval '1 second'",
                "ALTER COLUMN v TYPE int4 USING extract(epoch FROM v)::int4",
            ] {
                try await direct.execute("\(table) \(change)")
                changes += 1
            }
        }
        return changes
    }

    func run(_ database: Database, tasks: Int, statements: Int) async -> Report {
        await withTaskGroup(of: Report.self) { group in
            for task in 0..<tasks {
                group.addTask { await work(database, task, statements / tasks + 1) }
            }
            var total = Report()
            for await report in group {
                total.right += report.right
                total.inserted += report.inserted
                total.wrong += report.wrong
                total.errors += report.errors
            }
            return total
        }
    }

    private func work(_ database: Database, _ task: Int, _ count: Int) async -> Report {
        var report = Report()
        for index in 0..<count {
            // No two tasks begin with the same one.
            let kind = (index + task) % 12
            let number = 1 + (index * 7 + task) % 100
            do {
                try await step(kind, number, task * 1_000_000 + index * 10, database, &report)
                report.right += 1
            } catch Failure.wrong(let text) {
                report.wrong.append(text)
            } catch {
                report.errors.append("\(kind): \(error)")
            }
        }
        return report
    }

    private func expect<Answer: Equatable>(_ answer: Answer, _ expected: Answer, _ kind: Int) throws {
        if answer != expected { throw Failure.wrong("\(kind): \(answer) instead of \(expected)") }
    }

    private func step(
        _ kind: Int,
        _ n: Int,
        _ key: Int,
        _ database: Database,
        _ report: inout Report
    ) async throws {
        let kept: SQL = "\(identifier: schema, "kept")"
        switch kind {
        case 0: try expect(try await database.query("SELECT \(n) + 1000", as: Int.self), [n + 1000], kind)
        case 1: try expect(try await database.query("SELECT 'two ' || \(n)::text", as: String.self), ["two \(n)"], kind)
        case 2: try expect(try await database.query("SELECT \(n)::float8 / 4", as: Double.self), [Double(n) / 4], kind)
        case 3: try expect(try await database.query("SELECT \(n) % 2 = 0", as: Bool.self), [n % 2 == 0], kind)
        case 4:
            let answer = try await database.query("SELECT \(n), 'four', NULL::int", as: (Int, String, Int?).self)
            try expect(answer.map { "\($0)" }, ["(\(n), \"four\", nil)"], kind)
        case 5:
            let answer = try await database.read { session in
                let first = try session.query("SELECT 5000 + \(n)", as: Int.self).one()
                return [first, try session.query("SELECT 6000 + \(n)", as: Int.self).one()]
            }
            try expect(answer, [5000 + n, 6000 + n], kind)
        case 6:
            let sum = try await database.read { session in
                var sum = 0
                let rows = session.query("SELECT generate_series(1, \(n)) * 1", as: Int.self)
                for row in try rows.all() { sum += row }
                return sum
            }
            try expect(sum, n * (n + 1) / 2, kind)
        case 7:
            let count = try await database.execute("INSERT INTO \(kept) VALUES (\(key), \("seven"))")
            try expect(count.affectedRows, 1, kind)
            report.inserted += 1
        case 8:
            let text = try await database.write { session in
                try session.execute("INSERT INTO \(kept) VALUES (\(key), \("eight"))")
                return try session.query("SELECT text FROM \(kept) WHERE id = \(key)", as: String.self).one()
            }
            try expect(text, "eight", kind)
            report.inserted += 1
        case 9:
            try await database.write { session in
                try session.execute(each: [key, key + 1, key + 2]) { "INSERT INTO \(kept) VALUES (\($0), \("nine"))" }
            }
            report.inserted += 3
        default: try await readShape(kind, n, database)
        }
    }

    /// Reads the table whose columns change.
    private func readShape(_ kind: Int, _ n: Int, _ database: Database) async throws {
        let table: SQL = "\(identifier: schema, "shape")"
        let rows =
            if kind == 10 {
                try await database.query("SELECT *, pg_typeof(v)::text AS kind FROM \(table) WHERE id = \(n)")
            } else {
                try await database.write(isolation: isolation) { session in
                    try session.query(
                        "UPDATE \(table) SET v = v WHERE id = \(n) RETURNING *, pg_typeof(v)::text AS kind"
                    ).all()
                }
            }
        try expect(rows.count, 1, kind)
        let row = rows[0]
        try expect(try row["id", as: Int.self], n, kind)
        switch try row["kind", as: String.self] {
        case "integer", "bigint": try expect(try row["v", as: Int.self], n, kind)
        case "real": try expect(try row["v", as: Float.self], Float(n), kind)
        case "numeric": try expect(try row["v", as: Decimal.self], Decimal(n), kind)
        case "text": try expect(try row["v", as: String.self], "\(n)", kind)
        default:
            let seconds = String(n % 60)
            let text = "00:0\(n / 60):\(seconds.count == 1 ? "0" : "")\(seconds)"
            try expect(try row["v", as: String.self], text, kind)
        }
        let hasMore = row.columns.contains { $0.name == "more" }
        try expect(row.columns.count, hasMore ? 4 : 3, kind)
        if hasMore { try expect(try row["more", as: String.self], "x", kind) }
    }
}
