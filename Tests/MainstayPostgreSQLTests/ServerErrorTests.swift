// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

struct SQLStateTests {
    @Test(arguments: [
        ("08000", DatabaseError.Code.connectionLost), ("08006", .connectionLost), ("08P01", .connectionLost),
        ("08001", .cannotConnect), ("08004", .cannotConnect), ("08007", .commitOutcomeUnknown), ("0A000", .unsupported),
        ("22001", .valueOutOfRange), ("22003", .valueOutOfRange), ("22P02", .invalidValue), ("22007", .invalidValue),
        ("22008", .invalidValue), ("23000", .constraintViolation), ("23001", .foreignKeyViolation),
        ("23502", .notNullViolation), ("23503", .foreignKeyViolation), ("23505", .uniqueViolation),
        ("23514", .checkViolation), ("23P01", .constraintViolation), ("25006", .readOnly),
        ("25P02", .transactionFailed),
        ("25P03", .connectionLost), ("25001", .misuse), ("28000", .authenticationFailed),
        ("28P01", .authenticationFailed),
        ("3D000", .unknownDatabase), ("3F000", .undefinedObject), ("40000", .serializationFailure),
        ("40001", .serializationFailure), ("40003", .commitOutcomeUnknown), ("40P01", .deadlock),
        ("42601", .syntaxError),
        ("42P01", .undefinedObject), ("42703", .undefinedObject), ("42883", .undefinedObject),
        ("42704", .undefinedObject),
        ("42P07", .duplicateObject), ("42701", .duplicateObject), ("42710", .duplicateObject),
        ("42P06", .duplicateObject),
        ("42501", .permissionDenied), ("42804", .syntaxError), ("53100", .storageFull), ("53200", .outOfResources),
        ("53300", .tooManyConnections), ("53400", .outOfResources), ("55P03", .lockTimeout), ("57P01", .connectionLost),
        ("57P02", .connectionLost), ("57P03", .serverUnavailable), ("57P04", .unknownDatabase),
        ("57P05", .connectionLost),
        ("58030", .other), ("P0001", .other), ("XX000", .other), ("XX001", .dataCorrupted), ("XX002", .dataCorrupted),
        ("", .other), ("?", .other),
    ])
    func `A SQLSTATE has a code`(state: String, code: DatabaseError.Code) {
        #expect(SQLState.code(state) == code)
    }
}

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ServerErrorTests {
    private static let tables = """
        CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE t (
            id int CONSTRAINT t_once UNIQUE, n int NOT NULL DEFAULT 0 CONSTRAINT t_small CHECK (n < 10),
            p int CONSTRAINT t_parent REFERENCES parent, s varchar(3), d numeric(3,1),
            r int4range, CONSTRAINT t_apart EXCLUDE USING gist (r WITH &&)
        );
        INSERT INTO t (id, r) VALUES (4711, '[1,5)')
        """

    @Test(
        arguments: [
            ("INSERT INTO t (id) VALUES (4711)", .uniqueViolation, "t_once"),
            ("INSERT INTO t (n) VALUES (4711)", .checkViolation, "t_small"),
            ("INSERT INTO t (n) VALUES (NULL)", .notNullViolation, "n"),
            ("INSERT INTO t (p) VALUES (4711)", .foreignKeyViolation, "t_parent"),
            ("INSERT INTO t (r) VALUES ('[4,4711)')", .constraintViolation, "t_apart"),
            ("INSERT INTO t (s) VALUES ('4711')", .valueOutOfRange, nil),
            ("INSERT INTO t (d) VALUES (4711)", .valueOutOfRange, nil),
            ("SELECT '4711474711471147114711'::int8", .valueOutOfRange, nil),
            ("SELECT '4711x'::int", .invalidValue, nil),
            ("SELECT '4711-13-01'::date", .invalidValue, nil),
            ("SELECT '4711-x'::timestamp", .invalidValue, nil),
            ("SELECT '{\"4711}'::json", .invalidValue, nil),
            ("SELECT '4711\"x\"'::uuid", .invalidValue, nil),
            ("SELECT to_date('4711x', 'Mon')", .invalidValue, nil),
            ("SELEC 1", .syntaxError, nil),
            ("SELECT nothing", .undefinedObject, nil),
            ("SELECT * FROM nothing", .undefinedObject, nil),
            ("SELECT nothing()", .undefinedObject, nil),
            ("CREATE TABLE t (a int)", .duplicateObject, nil),
            ("SELECT 1 UNION SELECT 'a' || 1", .syntaxError, nil),
            ("DROP DATABASE no_such_database", .unknownDatabase, nil),
            ("CALL pg_terminate_backend(1)", .syntaxError, nil),
        ] as [(String, DatabaseError.Code, String?)]
    )
    func `Servers' errors speak our language, and quote no values`(
        sql: String,
        code: DatabaseError.Code,
        constraint: String?
    ) throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript(Self.tables)
            let error = try #require(failure { _ = try connection.executeScript(sql) }.error)
            #expect(error.code == code)
            #expect(error.constraint == constraint)
            #expect(error.isConnectionUsable)
            #expect(!error.description.contains("4711"), "\(error)")
            #expect(connection.isUsable && connection.transactionState == .none)
        }
    }

    @Test func `Messages say where and what, and keep the values apart`() throws {
        try TestServer.withConnection { connection throws in
            let syntax = failure { try connection.execute("SELECT 1 FORM t") }.error
            #expect(syntax?.message == "syntax error at or near \"t\", at character 15")
            let value = failure { try connection.execute("SELECT '4711 \"x\" y'::int") }.error
            #expect(value?.message == "invalid input syntax for type integer: \"…\", at character 8")
            #expect(value?.sensitiveDetail?.contains("4711") == true)
            let raised = failure { _ = try connection.executeScript("DO 'BEGIN RAISE EXCEPTION ''no''; END'") }.error
            #expect(raised?.message == "no")
            #expect(raised?.sqlState == "P0001")
            let polymorphic = failure { try connection.execute("SELECT to_jsonb($1)", .text("a")) }.error
            #expect(polymorphic?.hint?.contains("::text") == true)
        }
    }

    @Test func `A message in another language gives nothing away either`() throws {
        try TestServer.withConnection { connection throws in
            // Where the server has no translations this is the English message.
            _ = try? connection.executeScript("SET lc_messages TO 'de_DE.UTF-8'")
            let error = failure { try connection.execute("SELECT '4711'::uuid") }.error
            #expect(error?.code == .invalidValue)
            #expect(error?.description.contains("4711") == false)
        }
    }

    @Test func `Transactions that can't be put in an order, and deadlocks`() throws {
        try TestServer.withSchema { configuration, connection throws in
            _ = try connection.executeScript(
                "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0), (2, 0)"
            )
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            for each in [connection, other] {
                try each.begin(TransactionOptions(isolation: .serializable))
                _ = try each.cell("SELECT sum(n) FROM t")
            }
            try connection.execute("UPDATE t SET n = n + 1 WHERE id = 1")
            try other.execute("UPDATE t SET n = n + 1 WHERE id = 2")
            try connection.commit()
            let error = failure { try other.commit() }.error
            #expect(error?.code == .serializationFailure)
            #expect(error?.isTransient == true && error?.isConnectionUsable == true)
            #expect(other.transactionState == .none)
        }
    }

    @Test func `A native handle`() throws {
        try TestServer.withConnection { connection throws in
            let isThere = try connection.withNativeHandle { handle in handle != OpaquePointer(bitPattern: 0) }
            #expect(isThere)
            connection.close()
            #expect(failure { try connection.withNativeHandle { _ in } }.error?.code == .connectionLost)
        }
    }
}
