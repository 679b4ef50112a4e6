// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

/// Who was to write and finds a server that only reads is to look for another one.
@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ReadOnlyServerTests {
    private func withReadOnlyServer(_ body: (PostgreSQLConnection) throws -> Void) throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            _ = try connection.executeScript("SET default_transaction_read_only = on")
            try body(connection)
        }
    }

    private func expectGivenUp(_ connection: PostgreSQLConnection, _ error: DatabaseError?) {
        #expect(error?.code == .readOnly)
        #expect(error?.sqlState == "25006")
        #expect(error?.isTransient == true)
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
    }

    @Test func `In a transaction that was begun to write the connection is given up`() throws {
        for options in [TransactionOptions(), .keepingReceipt] {
            try withReadOnlyServer { connection in
                try connection.begin(options)
                #expect(try connection.rows("SELECT a FROM t") == [])
                expectGivenUp(connection, failure { try connection.execute("INSERT INTO t VALUES (1)") }.error)
                try connection.rollback()
            }
        }
    }

    @Test func `In a batch, in a script, row by row and without a transaction as well`() throws {
        let ways: [(PostgreSQLConnection) throws -> Void] = [
            { connection in
                let batch = try connection.prepare("INSERT INTO t VALUES ($1)", parameterTypes: [.int32])
                _ = try batch.executeBatch([[.int32(1)], [.int32(2)]])
            },
            { _ = try $0.executeScript("SELECT 1; INSERT INTO t VALUES (1)") },
            { _ = try $0.rows("INSERT INTO t VALUES (1) RETURNING a", reading: .rowByRow) },
        ]
        for way in ways {
            for isAlone in [false, true] {
                try withReadOnlyServer { connection in
                    if !isAlone { try connection.begin(TransactionOptions()) }
                    expectGivenUp(connection, failure { try way(connection) }.error)
                }
            }
        }
    }

    @Test func `In a transaction that was begun to read it is what was asked for`() throws {
        try withReadOnlyServer { connection in
            for _ in 0..<2 {
                try connection.begin(TransactionOptions(access: .readOnly))
                let error = failure { try connection.execute("INSERT INTO t VALUES (1)") }.error
                #expect(error?.code == .readOnly)
                #expect(error?.isTransient == false)
                #expect(error?.isConnectionUsable == true)
                #expect(connection.isUsable)
                #expect(connection.transactionState == .failed)
                try connection.rollback()
                #expect(try connection.cell("SELECT 1") == .integer(1))
            }
            // And it is over with the transaction.
            expectGivenUp(connection, failure { try connection.execute("INSERT INTO t VALUES (1)") }.error)
        }
        try withReadOnlyServer { connection in
            try connection.begin(TransactionOptions(access: .readOnly))
            try connection.commit()
            try connection.begin(TransactionOptions())
            expectGivenUp(connection, failure { try connection.execute("INSERT INTO t VALUES (1)") }.error)
        }
    }

    @Test func `A COMMIT that such a server refuses has not happened`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(
                """
                CREATE TABLE t (a int); CREATE TABLE u (a int);
                CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN INSERT INTO u VALUES (1); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION late()
                """
            )
            try connection.begin(TransactionOptions())
            _ = try connection.executeScript("INSERT INTO t VALUES (1); SET TRANSACTION READ ONLY")
            expectGivenUp(connection, failure { try connection.commit() }.error)
        }
    }
}
