// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct BatchTests {
    private func batch(
        _ connection: MariaDBConnection,
        _ sql: String,
        _ sets: [[Value]],
        types: [ValueType]? = nil
    ) throws -> Completion {
        let statement = try connection.prepare(sql, parameterTypes: types ?? sets[0].map(\.type))
        defer { statement.close() }
        return try statement.executeBatch(sets)
    }

    @Test func `Values of every type arrive as they do one by one`() throws {
        try TestServer.withConnection { connection in
            let types: [ColumnType] = [
                .bool, .int16, .int32, .int64, .uint64, .float, .double, .text, .bytes, .uuid, .date, .time, .dateTime,
                .timestamp, .decimal(precision: 30, scale: 8), .json,
            ]
            let columns = types.enumerated().map { "c\($0) \(Dialect.mariaDB.columnType($1))" }.joined(separator: ", ")
            let places = types.map { _ in "?" }.joined(separator: ", ")
            let names = types.indices.map { "c\($0)" }.joined(separator: ", ")
            func set(_ n: Int) throws -> [Value] {
                let moment = LocalDateTime(microsecondsSinceEpoch: Int64(n) * 1_234_567_891)
                let values: [Value] = [
                    .bool(n % 2 == 0), .int16(Int16(-n)), .int32(.min + Int32(n)), .int64(.max - Int64(n)),
                    .uint64(.max - UInt64(n)), .float(Float(n) / 3), .double(Double(n) / 7),
                    .text(String(repeating: "é\0", count: n)), .bytes([UInt8](repeating: UInt8(n & 255), count: n)),
                    .uuid(UUID()), .date(moment.date), .time(moment.time), .dateTime(moment),
                    .timestamp(Timestamp(microsecondsSinceEpoch: moment.microsecondsSinceEpoch)),
                    .decimal(Decimal(n) / 8), .json("[\(n)]"),
                ]
                // A NULL in every column, in different rows.
                return values.enumerated().map { (n + $0) % 7 == 0 ? .null($1.type) : $1 }
            }
            let sets = try (0..<300).map(set)
            for table in ["bulk", "single"] {
                try connection.execute("CREATE TABLE \(table) (n INT AUTO_INCREMENT PRIMARY KEY, \(columns))")
            }
            let valueTypes = try set(1).enumerated().map { index, _ in types[index].valueType }
            let done = try batch(connection, "INSERT INTO bulk (\(names)) VALUES (\(places))", sets, types: valueTypes)
            #expect(done.affectedRows == 300)
            let single = try connection.prepare(
                "INSERT INTO single (\(names)) VALUES (\(places))",
                parameterTypes: valueTypes
            )
            for set in sets {
                try single.start(set, reading: .all)
                _ = try single.finish()
            }
            single.close()
            let bulkRows = try connection.rows("SELECT \(names) FROM bulk ORDER BY n")
            #expect(bulkRows.count == 300)
            #expect(try bulkRows == connection.rows("SELECT \(names) FROM single ORDER BY n"))
        }
    }

    @Test func `A NULL is a NULL, and not the column's default`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a BIGINT DEFAULT 5, b TEXT DEFAULT 'x', n INT)")
            let sets: [[Value]] = [
                [.null(.int64), .text("a"), .int32(1)], [.int64(2), .null(.text), .int32(2)],
                [.null(.any), .null(.any), .int32(3)],
            ]
            _ = try batch(connection, "INSERT INTO t VALUES (?, ?, ?)", sets)
            let rows: [[Datum]] = [[.null, .text("a")], [.integer(2), .null], [.null, .null]]
            #expect(try connection.rows("SELECT a, b FROM t ORDER BY n") == rows)
        }
    }

    @Test func `Rows are counted as they are one by one`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a BIGINT PRIMARY KEY, v BIGINT)")
            func sets(_ pairs: [(Int64, Int64)]) -> [[Value]] { pairs.map { [.int64($0), .int64($1)] } }
            let rows = sets((1...20).map { ($0, $0 * 10) })
            #expect(try batch(connection, "INSERT INTO t VALUES (?, ?)", rows).affectedRows == 20)
            let update = "UPDATE t SET v = ? WHERE a = ?"
            let updates = sets((1...30).map { ($0 * 10, $0) })
            // Twenty of them match, and not one changes anything.
            #expect(try batch(connection, update, updates).affectedRows == 20)
            #expect(
                try batch(connection, "UPDATE t SET v = ? WHERE a >= ?", sets([(1, 11), (2, 1)])).affectedRows == 30
            )
            let upsert = "INSERT INTO t VALUES (?, ?) ON DUPLICATE KEY UPDATE v = v + 1"
            #expect(try batch(connection, upsert, sets([(1, 0), (100, 0)])).affectedRows == 3)
            #expect(try batch(connection, "REPLACE INTO t VALUES (?, ?)", sets([(1, 0), (101, 0)])).affectedRows == 3)
            #expect(
                try batch(connection, "DELETE FROM t WHERE a = ? OR a = ?", sets([(1, 2), (2, 3), (9, 9)])).affectedRows
                    == 4
            )
            #expect(
                try batch(connection, "INSERT IGNORE INTO t VALUES (?, ?)", sets([(4, 0), (200, 0)])).affectedRows == 1
            )
        }
    }

    @Test func `What can't be executed at once is executed one by one`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a BIGINT AUTO_INCREMENT PRIMARY KEY, v BIGINT)")
            let sets = (1...5).map { [Value.int64($0)] }
            let select = "INSERT INTO t (v) SELECT seq FROM seq_1_to_10 WHERE seq <= ?"
            #expect(try batch(connection, select, sets).affectedRows == 15)
            #expect(try batch(connection, "SELECT ?", sets).affectedRows == 0)
            #expect(try batch(connection, "SET @a = ?", sets).affectedRows == 0)
            #expect(try connection.cell("SELECT @a") == .integer(5))
            let returning = "INSERT INTO t (v) VALUES (?) RETURNING a"
            #expect(try batch(connection, returning, sets).affectedRows == 5)
            let multiple = "UPDATE t, t AS u SET t.v = ? WHERE t.a = u.a AND u.v = 3"
            #expect(try batch(connection, multiple, sets).affectedRows >= 0)
            // No parameters, no sets, one set, and values of several types in a column.
            #expect(try batch(connection, "INSERT INTO t (v) VALUES (1)", [[], [], []]).affectedRows == 3)
            #expect(try batch(connection, "INSERT INTO t (v) VALUES (?)", [], types: [.int64]).affectedRows == 0)
            #expect(try batch(connection, "INSERT INTO t (v) VALUES (?)", [[.int64(9)]]).affectedRows == 1)
            let mixed: [[Value]] = [[.int64(77)], [.text("77")], [.null(.any)], [.int16(77)]]
            #expect(try batch(connection, "INSERT INTO t (v) VALUES (?)", mixed).affectedRows == 4)
            #expect(try connection.cell("SELECT COUNT(*) FROM t WHERE v = 77") == .integer(3))
        }
    }

    @Test func `A batch that fails says why, and the connection goes on`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a BIGINT PRIMARY KEY)")
            let sets = [1, 2, 1, 3].map { [Value.int64($0)] }
            try connection.begin(TransactionOptions())
            let error = failure { _ = try batch(connection, "INSERT INTO t VALUES (?)", sets) }.error
            #expect(error?.code == .uniqueViolation)
            #expect(error?.constraint == "PRIMARY")
            #expect(connection.transactionState == .active)
            try connection.rollback()
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
            let infinite: [[Value]] = [[.double(1)], [.double(.infinity)]]
            #expect(
                failure { _ = try batch(connection, "INSERT INTO t VALUES (?)", infinite) }.error?.code
                    == .invalidParameter
            )
            let short: [[Value]] = [[.int64(1)], []]
            #expect(
                failure { _ = try batch(connection, "INSERT INTO t VALUES (?)", short) }.error?.code == .parameterCount
            )
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
            // The statement is as good as before.
            let statement = try connection.prepare("INSERT INTO t VALUES (?)", parameterTypes: [.int64])
            #expect(failure { _ = try statement.executeBatch(sets) }.error?.code == .uniqueViolation)
            try statement.start([.int64(5)], reading: .all)
            #expect(try statement.finish().affectedRows == 1)
            #expect(try statement.executeBatch([[.int64(6)], [.int64(7)]]).affectedRows == 2)
            statement.close()
        }
    }

    @Test func `Batches larger than a packet, and than a chunk`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, v LONGTEXT)")
            let insert = "INSERT INTO t (v) VALUES (?)"
            let large = (0..<45).map { [Value.text(String(repeating: "\($0 % 10)", count: 1_000_000))] }
            #expect(try batch(connection, insert, large).affectedRows == 45)
            #expect(try connection.cell("SELECT SUM(LENGTH(v)) FROM t") == .decimal("45000000"))
            try connection.execute("TRUNCATE TABLE t")
            let many = (0..<25_001).map { [Value.text("\($0)")] }
            #expect(try batch(connection, insert, many).affectedRows == 25_001)
            let rows = try connection.rows("SELECT v FROM t ORDER BY a")
            #expect(rows == (0..<25_001).map { [.text("\($0)")] })
        }
    }
}

extension ColumnType {
    fileprivate var valueType: ValueType {
        switch self {
        case .bool: .bool
        case .int16: .int16
        case .int32: .int32
        case .int64, .generatedKey: .int64
        case .uint64: .uint64
        case .float: .float
        case .double: .double
        case .text, .varchar: .text
        case .bytes: .bytes
        case .uuid: .uuid
        case .date: .date
        case .time: .time
        case .dateTime: .dateTime
        case .timestamp: .timestamp
        case .decimal: .decimal
        case .json: .json
        }
    }
}
