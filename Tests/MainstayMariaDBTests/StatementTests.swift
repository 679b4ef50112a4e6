// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct StatementTests {
    @Test func `Rows are read in either mode, and those that are not read are skipped`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let sql = "SELECT seq, REPEAT('x', 100) FROM seq_1_to_50000"
        for reading in [Reading.all, .rowByRow] {
            let statement = try connection.prepare(sql, parameterTypes: [])
            for wanted in [0, 1, 17, 60_000] {
                try statement.start([], reading: reading)
                #expect(statement.columns.map(\.name) == ["seq", "REPEAT('x', 100)"])
                var count = 0
                while count < wanted, try statement.step() {
                    count += 1
                    #expect(Datum(try statement.cell(at: 0)) == .unsigned(UInt64(count)))
                }
                #expect(count == min(wanted, 50_000))
                #expect(try statement.finish() == Completion(affectedRows: 0))
                #expect(connection.probe())
            }
            statement.close()
        }
    }

    @Test func `After the last row there is none, and no cell`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let statement = try connection.prepare("SELECT 1", parameterTypes: [])
        defer { statement.close() }
        #expect(failure { _ = try statement.cell(at: 0) }.error?.code == .misuse)
        try statement.start([], reading: .all)
        #expect(try statement.step())
        #expect(try !statement.step())
        #expect(try !statement.step())
        #expect(failure { _ = try statement.cell(at: 0) }.error?.code == .misuse)
        // Started again without having been finished.
        try statement.start([], reading: .all)
        try statement.start([], reading: .all)
        #expect(try statement.step())
        _ = try statement.finish()
    }

    @Test func `Affected rows are those that matched, and the key is that of the row`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (id \(Dialect.mariaDB.columnType(.generatedKey)), v INT)")
            func run(_ sql: String) throws -> Completion {
                let statement = try connection.prepare(sql, parameterTypes: [])
                defer { statement.close() }
                try statement.start([], reading: .all)
                return try statement.finish()
            }
            #expect(try run("INSERT INTO t (v) VALUES (1)") == Completion(affectedRows: 1, generatedKey: 1))
            #expect(try run("INSERT INTO t (v) VALUES (2)") == Completion(affectedRows: 1, generatedKey: 2))
            #expect(try run("UPDATE t SET v = 2") == Completion(affectedRows: 2))
            #expect(try run("UPDATE t SET v = 2") == Completion(affectedRows: 2))
            #expect(try run("UPDATE t SET v = 3 WHERE v = 4") == Completion(affectedRows: 0))
            #expect(try run("SELECT * FROM t") == Completion(affectedRows: 0))
            #expect(try run("DELETE FROM t WHERE id = 2") == Completion(affectedRows: 1))
            #expect(try run("TRUNCATE TABLE t") == Completion(affectedRows: 0))
        }
    }

    @Test func `RETURNING counts the rows that were written, whether they are read or not`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT)")
            let insert = try connection.prepare(
                "INSERT INTO t (v) VALUES (1), (2), (3) RETURNING id",
                parameterTypes: []
            )
            for read in 0...4 {
                try insert.start([], reading: .rowByRow)
                for _ in 0..<read where try insert.step() {}
                #expect(try insert.finish().affectedRows == 3)
            }
            insert.close()
            let delete = try connection.prepare("DELETE FROM t RETURNING v", parameterTypes: [])
            try delete.start([], reading: .all)
            #expect(try delete.finish().affectedRows == 15)
            delete.close()
        }
    }

    @Test func `A table that is altered changes the columns of a statement`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT, b TEXT)")
            try connection.execute("INSERT INTO t VALUES (1, 'x')")
            let statement = try connection.prepare("SELECT * FROM t", parameterTypes: [])
            defer { statement.close() }
            #expect(try statement.rows([]) == [[.integer(1), .text("x")]])
            try connection.execute("ALTER TABLE t ADD c BIGINT UNSIGNED DEFAULT 7, RENAME COLUMN a TO first")
            #expect(try statement.rows([]) == [[.integer(1), .text("x"), .unsigned(7)]])
            #expect(statement.columns.map(\.name) == ["first", "b", "c"])
            try connection.execute("ALTER TABLE t MODIFY first VARCHAR(10), RENAME COLUMN b TO second")
            #expect(try statement.rows([]) == [[.text("1"), .text("x"), .unsigned(7)]])
            #expect(statement.columns.map(\.name) == ["first", "second", "c"])
            try connection.execute("ALTER TABLE t DROP first, DROP second")
            #expect(try statement.rows([]) == [[.unsigned(7)]])
            #expect(try statement.rows([]) == [[.unsigned(7)]])
            try connection.execute("DROP TABLE t")
            #expect(failure { _ = try statement.rows([]) }.error?.code == .undefinedObject)
            try connection.execute("CREATE TABLE t (z INT)")
            #expect(try statement.rows([]) == [])
            #expect(statement.columns.map(\.name) == ["z"])
        }
    }

    @Test func `A procedure gives its first result, and is over when its last one is`() throws {
        try TestServer.withConnection { connection in
            try connection.execute(
                "CREATE PROCEDURE p() BEGIN START TRANSACTION; SELECT 1 AS a; SELECT 2, 3; DO 0; END"
            )
            try connection.execute("CREATE PROCEDURE fails() BEGIN SELECT 1; SELECT * FROM nowhere; END")
            let call = try connection.prepare("CALL p()", parameterTypes: [])
            defer { call.close() }
            for _ in 0..<2 {
                #expect(try call.rows([]) == [[.integer(1)]])
                #expect(connection.transactionState == .active)
                try connection.rollback()
                try call.start([], reading: .rowByRow)
                _ = try call.finish()
                #expect(connection.transactionState == .active)
                try connection.rollback()
                #expect(connection.probe())
            }
            #expect(failure { _ = try connection.rows("CALL fails()") }.error?.code == .undefinedObject)
            #expect(try connection.cell("SELECT 5") == .integer(5))
        }
    }

    @Test func `An error among the rows ends the statement and not the connection`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            try connection.execute("INSERT INTO t VALUES (1), (2), (3)")
            let sql = "SELECT a, (SELECT b.a FROM t b WHERE b.a <= t.a) FROM t ORDER BY a"
            let statement = try connection.prepare(sql, parameterTypes: [])
            defer { statement.close() }
            #expect(failure { _ = try statement.rows([]) }.error?.nativeCode?.number == 1242)
            // The same, found while the rest is skipped.
            try statement.start([], reading: .rowByRow)
            #expect(try statement.step())
            #expect(failure { _ = try statement.finish() }.error?.nativeCode?.number == 1242)
            #expect(connection.isUsable && connection.probe())
            #expect(try connection.cell("SELECT 5") == .integer(5))
        }
    }

    @Test func `The number of values is that of the placeholders`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        #expect(failure { _ = try connection.prepare("SELECT ?", parameterTypes: []) }.error?.code == .parameterCount)
        #expect(
            failure { _ = try connection.prepare("SELECT 1", parameterTypes: [.text]) }.error?.code == .parameterCount
        )
        let statement = try connection.prepare("SELECT ?", parameterTypes: [.text])
        #expect(failure { try statement.start([], reading: .all) }.error?.code == .parameterCount)
        #expect(try statement.rows([.text("a")]) == [[.text("a")]])
        statement.close()
        #expect(failure { try statement.start([.text("a")], reading: .all) }.error?.code == .misuse)
        let many = "SELECT 0 IN (\(String(repeating: "?, ", count: 65_535))?)"
        let types = [ValueType](repeating: .int64, count: 65_536)
        #expect(failure { _ = try connection.prepare(many, parameterTypes: types) }.error?.code == .parameterCount)
        let most = try connection.prepare(
            "SELECT 65535 IN (\(String(repeating: "?, ", count: 65_534))?)",
            parameterTypes: [ValueType](repeating: .int64, count: 65_535)
        )
        #expect(try most.rows((1...65_535).map { .int64($0) }) == [[.integer(1)]])
        most.close()
    }

    @Test(arguments: ["", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE t", "SELECT 'a' FROM", "NONSENSE"])
    func `One statement is prepared, and no more`(_ sql: String) throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        #expect(failure { _ = try connection.prepare(sql, parameterTypes: []) }.error?.code == .syntaxError)
        #expect(connection.isUsable)
        #expect(try connection.cell("SELECT 5") == .integer(5))
    }

    @Test func `What can't be prepared is sent as text`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let text = TextStatement(connection, "SET @a = 5")
        try text.start([], reading: .all)
        #expect(try !text.step())
        #expect(try text.finish() == Completion(affectedRows: 0))
        #expect(try connection.cell("SELECT @a") == .integer(5))
        let rows = TextStatement(connection, "SELECT 1 UNION SELECT 2")
        #expect(failure { try rows.start([], reading: .all) }.error?.code == .unsupported)
        #expect(try connection.cell("SELECT 5") == .integer(5))
        let wrong = TextStatement(connection, "NONSENSE")
        #expect(failure { try wrong.start([], reading: .all) }.error?.code == .syntaxError)
    }

    @Test func `An empty list finds nothing, and NOT finds everything`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let empty = Dialect.mariaDB.emptyList(.int64)
        #expect(try connection.cell("SELECT COUNT(*) FROM seq_1_to_3 WHERE seq IN (\(empty))") == .integer(0))
        #expect(try connection.cell("SELECT COUNT(*) FROM seq_1_to_3 WHERE seq NOT IN (\(empty))") == .integer(3))
        #expect(try connection.cell("SELECT NULL IN (\(empty))") == .integer(0))
    }

    @Test func `An identifier of 64 characters is taken whatever its bytes, a longer one is refused by the server`()
        throws
    {
        try TestServer.withConnection { connection in
            let longest = String(repeating: "\u{FFFD}", count: 64)
            #expect(longest.utf8.count == Dialect.mariaDB.identifierLimit)
            try connection.execute("CREATE TABLE t (`\(longest)` INT)")
            let tooLong = String(repeating: "a", count: 65)
            for sql in [
                "CREATE TABLE `\(tooLong)` (a INT)", "CREATE TABLE u (`\(tooLong)` INT)", "SELECT * FROM `\(tooLong)`",
            ] {
                #expect(failure { try connection.execute(sql) }.error?.code == .syntaxError)
            }
            // No limit, and nothing cut off.
            try connection.begin(TransactionOptions())
            try connection.savepoint(.set, tooLong)
            let cutOff = String(tooLong.dropLast())
            #expect(failure { try connection.savepoint(.rollback, cutOff) }.error?.code == .undefinedObject)
        }
    }

    @Test func `Every column type is understood`() throws {
        try TestServer.withConnection { connection in
            let types: [ColumnType] = [
                .bool, .int16, .int32, .int64, .uint64, .float, .double, .text, .varchar(1), .varchar(100), .bytes,
                .uuid,
                .date, .time, .dateTime, .timestamp, .decimal(precision: 10, scale: 2), .json,
            ]
            let columns = types.enumerated().map { "c\($0) \(Dialect.mariaDB.columnType($1))" }
            let key = "id \(Dialect.mariaDB.columnType(.generatedKey))"
            try connection.execute("CREATE TABLE t (\(([key] + columns).joined(separator: ", ")))")
        }
    }

    @Test func `Values larger than the server takes are refused before they are sent`() throws {
        try TestServer.withConnection { connection in
            let limit = try connection.largestPacket()
            try connection.execute("CREATE TABLE t (v LONGBLOB)")
            let large = [UInt8](repeating: 1, count: limit - 100)
            try connection.execute("INSERT INTO t VALUES (?)", .bytes(large))
            let tooLarge = Value.bytes([UInt8](repeating: 1, count: limit))
            let error = try #require(failure { try connection.execute("INSERT INTO t VALUES (?)", tooLarge) }.error)
            #expect(error.code == .valueOutOfRange)
            #expect(error.isConnectionUsable && !error.isTransient)
            let comment = String(repeating: "x", count: limit)
            #expect(failure { _ = try connection.rows("SELECT '\(comment)'") }.error?.code == .valueOutOfRange)
            #expect(failure { _ = try connection.executeScript("SELECT '\(comment)'") }.error?.code == .valueOutOfRange)
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
        }
    }

    @Test func `The native handle is the connection's`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let id = try connection.withNativeHandle { Int64(mysql_thread_id($0)) }
        #expect(try connection.id == id)
    }
}
