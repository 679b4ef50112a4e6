// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

/// A statement that brings the transaction's number along does all that it does without.
@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct NumberedStatementTests {
    private static let setting = """
        CREATE TABLE t (a int PRIMARY KEY, b text);
        INSERT INTO t VALUES (1, 'one'), (2, 'two');
        CREATE TABLE d (a int CONSTRAINT once UNIQUE DEFERRABLE INITIALLY DEFERRED);
        CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN FOR i IN 1..3000 LOOP RAISE NOTICE ''%'', repeat(''x'', 300); END LOOP; RETURN NEW; END';
        CREATE TABLE n (a int);
        CREATE TRIGGER loud BEFORE INSERT ON n FOR EACH ROW EXECUTE FUNCTION loud()
        """

    /// What comes of a statement in a transaction.
    private struct Result: Equatable {
        var rows: [[Datum]] = []
        var affectedRows = 0
        var columns: [String] = []
        var error: DatabaseError.Code?
        var state: ServerTransactionState?
        var commitError: DatabaseError.Code?
    }

    private func result(
        _ sql: String,
        _ values: [Value],
        _ options: TransactionOptions,
        _ reading: Reading
    ) throws -> Result {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript("SET client_min_messages TO notice; \(Self.setting)")
            var result = Result()
            let statement = try connection.prepare(sql, parameterTypes: values.map(\.type))
            defer { statement.close() }
            try connection.begin(options)
            result.error =
                failure {
                    try statement.start(values, reading: reading)
                    while try statement.step() {
                        result.rows.append(try statement.columns.indices.map { Datum(try statement.cell(at: $0)) })
                    }
                    result.affectedRows = try statement.finish().affectedRows
                }.error?.code
            result.columns = statement.columns.map(\.name)
            result.state = connection.transactionState
            if result.error == nil {
                // The link is idle: the next statement needs nothing but to be sent.
                #expect(try connection.cell("SELECT 7") == .integer(7))
                result.commitError = failure { try connection.commit() }.error?.code
            }
            try connection.rollback()
            #expect(connection.isUsable)
            #expect(try connection.cell("SELECT 7") == .integer(7))
            return result
        }
    }

    @Test(
        arguments: [
            ("INSERT INTO t VALUES (3, 'three')", []), ("INSERT INTO t VALUES (3, 'three') RETURNING b, a", []),
            ("UPDATE t SET b = $1", [.text("x")]), ("UPDATE t SET b = $1 RETURNING *", [.text("x")]),
            ("DELETE FROM t WHERE a > 5", []), ("DELETE FROM t WHERE a > 5 RETURNING a", []),
            ("INSERT INTO t SELECT a, repeat('x', 100) FROM generate_series(3, 20000) a RETURNING a, b", []),
            ("WITH x AS (SELECT a FROM t) SELECT a FROM x", []),
            ("WITH x AS (DELETE FROM t RETURNING a) SELECT a FROM x ORDER BY a", []),
            // Errors, of which those of the last two come after rows and at COMMIT.
            ("INSERT INTO t VALUES (1, 'again')", []), ("INSERT INTO t VALUES (1, 'again') RETURNING a", []),
            ("UPDATE t SET b = (1 / (a - 2))::text RETURNING a", []), ("INSERT INTO d VALUES (1), (1)", []),
            // So many notices that they don't fit into the buffers in between.
            ("INSERT INTO n VALUES (1) RETURNING a", []), ("INSERT INTO n VALUES (1)", []),
            ("COPY t TO STDOUT", []), ("COPY t FROM STDIN", []),
        ] as [(String, [Value])]
    )
    func `Nothing else is different`(_ sql: String, _ values: [Value]) throws {
        for reading in [Reading.all, .rowByRow] {
            let plain = try result(sql, values, TransactionOptions(), reading)
            #expect(try result(sql, values, .keepingReceipt, reading) == plain)
            // The comparison is one of something.
            #expect(plain.error != nil || plain.state == .active)
        }
    }

    @Test func `A failed statement leaves no number, and after a savepoint it comes with the next`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(Self.setting)
            try connection.begin(.keepingReceipt)
            try connection.savepoint(.set, "one")
            let error = failure { try connection.execute("INSERT INTO t VALUES (1, 'again')") }.error
            #expect(error?.code == .uniqueViolation)
            #expect(error?.constraint == "t_pkey")
            #expect(connection.link.number.value == nil)
            #expect(connection.transactionState == .failed)
            try connection.savepoint(.rollback, "one")
            #expect(try connection.execute("INSERT INTO t VALUES (3, 'three')") == 1)
            #expect(connection.link.number.value != nil)
            try connection.savepoint(.release, "one")
            try connection.commit()
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(3))
        }
    }

    @Test func `A value that can't be bound is found before anything is sent`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(Self.setting)
            try connection.begin(.keepingReceipt)
            let statement = try connection.prepare("INSERT INTO t VALUES (3, $1)", parameterTypes: [.text])
            let error = failure { _ = try statement.rows([.text("a\0b")]) }.error
            #expect(error?.code == .invalidParameter)
            #expect(connection.transactionState == .active)
            _ = try statement.rows([.text("b")])
            #expect(connection.link.number.value != nil)
            try connection.commit()
        }
    }

    @Test func `A plan that does not fit any more fails the transaction, and fits in the next`() throws {
        try TestServer.withSchema { configuration, connection in
            _ = try connection.executeScript(Self.setting)
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            let statement = try connection.prepare("UPDATE t SET b = 'x' WHERE a = 1 RETURNING *", parameterTypes: [])
            try other.execute("ALTER TABLE t ADD COLUMN c int")
            try connection.begin(.keepingReceipt)
            #expect(failure { _ = try statement.rows([]) }.error?.code == .staleStatement)
            #expect(connection.transactionState == .failed)
            try connection.rollback()
            try connection.begin(.keepingReceipt)
            #expect(try statement.rows([]) == [[.integer(1), .text("x"), .null]])
            #expect(connection.link.number.value != nil)
            try connection.commit()
        }
    }

    @Test func `It is cancelled like any other`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(Self.setting)
            let statement = try connection.prepare(
                "UPDATE t SET b = 'x' WHERE pg_sleep(20) IS NOT NULL RETURNING a",
                parameterTypes: []
            )
            try connection.begin(.keepingReceipt)
            let interrupter = connection.interrupter
            after(milliseconds: 200) { interrupter.cancel() }
            let (error, duration) = failure { _ = try statement.rows([]) }
            #expect(error?.code == .cancelled)
            #expect(error?.isConnectionUsable == true)
            #expect(duration < .seconds(5))
            try connection.rollback()
            #expect(try connection.cell("SELECT 7") == .integer(7))
        }
    }

    @Test func `A connection that breaks meanwhile is lost`() throws {
        try TestServer.withSchema { configuration, connection in
            _ = try connection.executeScript(Self.setting)
            let victim = try TestServer.connect(configuration)
            defer { victim.close() }
            let process = try victim.process()
            let statement = try victim.prepare(
                "UPDATE t SET b = 'x' WHERE pg_sleep(20) IS NOT NULL",
                parameterTypes: []
            )
            try victim.begin(.keepingReceipt)
            after(milliseconds: 200) { try? TestServer.terminate(process) }
            let (error, duration) = failure { _ = try statement.rows([]) }
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == "57P01")
            #expect(duration < .seconds(5))
            #expect(!victim.isUsable)
            #expect(try connection.cell("SELECT count(*) FROM t WHERE b = 'x'") == .integer(0))
        }
    }
}
