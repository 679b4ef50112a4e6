// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct ErrorTests {
    private func withTables(_ body: (MariaDBConnection) throws -> Void) throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(
                """
                CREATE TABLE parent (id INT PRIMARY KEY);
                CREATE TABLE child (
                    id INT PRIMARY KEY, p INT NOT NULL, e VARCHAR(10), n INT,
                    UNIQUE KEY child_email (e), CONSTRAINT child_parent FOREIGN KEY (p) REFERENCES parent (id),
                    CONSTRAINT child_positive CHECK (n > 0)
                );
                INSERT INTO parent VALUES (1);
                INSERT INTO child VALUES (1, 1, 'secret', 1);
                """
            )
            try body(connection)
        }
    }

    @Test func `Violations name their constraint and not the value`() throws {
        try withTables { connection in
            func error(_ sql: String, _ values: Value...) throws -> DatabaseError {
                let statement = try connection.prepare(sql, parameterTypes: values.map(\.type))
                defer { statement.close() }
                let error = try #require(failure { _ = try statement.rows(values) }.error, "\(sql)")
                #expect(!"\(error)".contains("secret"))
                #expect(error.isConnectionUsable && !error.isTransient)
                #expect(connection.isUsable && connection.transactionState == .none)
                return error
            }
            let insert = "INSERT INTO child VALUES (?, ?, ?, ?)"
            let unique = try error(insert, .int32(2), .int32(1), .text("secret"), .int32(1))
            #expect(unique.code == .uniqueViolation)
            #expect(unique.constraint == "child_email")
            #expect(unique.sqlState == "23000")
            #expect(unique.sensitiveDetail?.contains("secret") == true)
            let key = try error(insert, .int32(1), .int32(1), .text("b"), .int32(1))
            #expect(key.constraint == "PRIMARY")
            let foreign = try error(insert, .int32(2), .int32(9), .text("b"), .int32(1))
            #expect(foreign.code == .foreignKeyViolation)
            #expect(foreign.constraint == "child_parent")
            #expect(try error("DELETE FROM parent").code == .foreignKeyViolation)
            let null = try error(insert, .int32(2), .null(.int32), .text("b"), .int32(1))
            #expect(null.code == .notNullViolation)
            #expect(null.constraint == "p")
            let absent = try error("INSERT INTO child (id) VALUES (?)", .int32(2))
            #expect(absent.code == .notNullViolation)
            #expect(absent.constraint == "p")
            let check = try error(insert, .int32(2), .int32(1), .text("b"), .int32(0))
            #expect(check.code == .checkViolation)
            #expect(check.constraint == "child_positive")
            let long = try error(insert, .int32(2), .int32(1), .text("secret secret"), .int32(1))
            #expect(long.code == .valueOutOfRange)
            let form = try error(insert, .text("secret"), .int32(1), .text("b"), .int32(1))
            #expect(form.code == .invalidValue)
            #expect(form.message.contains("`id`"))
            #expect(try error(insert, .int64(1 << 40), .int32(1), .text("b"), .int32(1)).code == .valueOutOfRange)
            #expect(try error("SELECT CAST(1 AS UNSIGNED) - ?", .int64(2)).code == .valueOutOfRange)
            #expect(try error("UPDATE child SET n = 1 / ?", .int64(0)).code == .invalidValue)
        }
    }

    @Test(arguments: [
        ("SELECT * FROM nowhere", DatabaseError.Code.undefinedObject), ("SELECT nothing FROM parent", .undefinedObject),
        ("SELECT no_function()", .undefinedObject), ("DROP TABLE nowhere", .undefinedObject),
        ("ALTER TABLE parent DROP COLUMN nothing", .undefinedObject), ("SELECT @@no_variable", .undefinedObject),
        ("CREATE TABLE parent (id INT)", .duplicateObject), ("ALTER TABLE parent ADD COLUMN id INT", .duplicateObject),
        ("SELEKT 1", .syntaxError), ("SELECT 1 FROM parent WHERE", .syntaxError),
        ("SELECT * FROM parent USE INDEX (nothing)", .undefinedObject),
        ("CREATE TRIGGER x BEFORE INSERT ON parent FOR EACH ROW FOLLOWS nothing SET @a = 1", .undefinedObject),
    ])
    func `Statements fail by the code that says why`(_ sql: String, _ code: DatabaseError.Code) throws {
        try withTables { connection in
            let error = failure { _ = try connection.rows(sql) }.error
            #expect(error?.code == code)
            #expect(connection.isUsable)
        }
    }

    @Test func `A trigger that does not exist ends no connection, although its number does on MySQL`() throws {
        try withTables { connection in
            let sql = "CREATE TRIGGER x BEFORE INSERT ON parent FOR EACH ROW FOLLOWS nothing SET @a = 1"
            let error = failure { try connection.execute(sql) }.error
            #expect(error?.nativeCode == DatabaseError.NativeCode(vendor: "MariaDB", number: 4031))
            #expect(error?.isConnectionUsable == true)
            try connection.ping()
        }
    }

    @Test func `A table that is full`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(
                """
                SET max_heap_table_size = 16384;
                CREATE TABLE t (v CHAR(200)) ENGINE = MEMORY;
                """
            )
            let insert = try connection.prepare("INSERT INTO t VALUES (?)", parameterTypes: [.text])
            defer { insert.close() }
            var error: DatabaseError?
            for _ in 0..<10_000 where error == nil {
                error =
                    failure {
                        try insert.start([.text("x")], reading: .all)
                        _ = try insert.finish()
                    }.error
            }
            #expect(error?.code == .storageFull)
            #expect(error?.nativeCode?.number == 1114)
            #expect(error?.isConnectionUsable == true)
        }
    }

    @Test func `A statement that takes too long by the server's own clock`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let error = failure { _ = try connection.rows("SET STATEMENT max_statement_time = 0.1 FOR SELECT SLEEP(10)") }
            .error
        #expect(error?.code == .timeout)
        #expect(error?.isConnectionUsable == true)
    }
}
