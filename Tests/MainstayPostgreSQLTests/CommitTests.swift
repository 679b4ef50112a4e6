// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct CommitTests {
    @Test func `The state is the server's`() throws {
        try TestServer.withConnection { connection throws in
            #expect(connection.transactionState == .none)
            try connection.begin(TransactionOptions())
            #expect(connection.transactionState == .active)
            #expect(failure { try connection.execute("SELECT 1 / 0") }.error?.sqlState == "22012")
            #expect(connection.transactionState == .failed)
            #expect(failure { try connection.execute("SELECT 1") }.error?.code == .transactionFailed)
            try connection.rollback()
            #expect(connection.transactionState == .none)
            try connection.rollback()
            // Also when it is begun and ended by SQL.
            _ = try connection.executeScript("BEGIN")
            #expect(connection.transactionState == .active)
            _ = try connection.executeScript("COMMIT")
            #expect(connection.transactionState == .none)
        }
    }

    @Test func `A deferred constraint fails after the rows, or at COMMIT`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript(
                """
                CREATE TABLE t (a int CONSTRAINT once UNIQUE DEFERRABLE INITIALLY DEFERRED);
                INSERT INTO t VALUES (1)
                """
            )
            // Outside of a transaction: after the statement has succeeded.
            let statement = try connection.prepare("INSERT INTO t VALUES (1) RETURNING a", parameterTypes: [])
            let error = failure { _ = try statement.rows([]) }.error
            #expect(error?.code == .uniqueViolation)
            #expect(error?.constraint == "once")
            try statement.start([], reading: .rowByRow)
            #expect(try statement.step())
            #expect(Datum(try statement.cell(at: 0)) == .integer(1))
            #expect(failure { _ = try statement.finish() }.error?.code == .uniqueViolation)
            // Inside: at its end, and the connection goes on.
            try connection.begin(TransactionOptions())
            #expect(try statement.rows([]) == [[.integer(1)]])
            let commit = failure { try connection.commit() }.error
            #expect(commit?.code == .uniqueViolation)
            #expect(commit?.sensitiveDetail?.contains("(1)") == true)
            #expect(connection.transactionState == .none)
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(1))
        }
    }

    @Test func `Options are the transaction's`() throws {
        try TestServer.withConnection { connection throws in
            for level in [IsolationLevel.readUncommitted, .readCommitted, .repeatableRead, .serializable] {
                try connection.begin(TransactionOptions(isolation: level, access: .readOnly))
                #expect(
                    try connection.cell("SHOW transaction_isolation") == .text(level.sql.lowercased())
                )
                #expect(try connection.cell("SHOW transaction_read_only") == .text("on"))
                #expect(failure { try connection.execute("CREATE TABLE t (a int)") }.error?.code == .readOnly)
                try connection.rollback()
            }
            try connection.begin(TransactionOptions())
            #expect(try connection.cell("SHOW transaction_read_only") == .text("off"))
            try connection.commit()
        }
    }

    @Test func `Savepoints`() throws {
        try TestServer.withConnection { connection throws in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(TransactionOptions())
            try connection.savepoint(.set, "one")
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(failure { try connection.execute("SELECT 1 / 0") }.error != nil)
            #expect(connection.transactionState == .failed)
            try connection.savepoint(.rollback, "one")
            #expect(connection.transactionState == .active)
            try connection.execute("INSERT INTO t VALUES (2)")
            try connection.savepoint(.release, "one")
            try connection.commit()
            #expect(try connection.rows("SELECT a FROM t") == [[.integer(2)]])
        }
    }

    /// A COMMIT that takes long, for a deferred trigger sleeps.
    private func withSlowCommit(_ body: (PostgreSQLConnection) throws -> Void) throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(
                """
                CREATE TABLE t (a int);
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                    'BEGIN PERFORM pg_sleep(20); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION slow()
                """
            )
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            try body(connection)
        }
    }

    @Test func `A connection that breaks during COMMIT leaves the outcome unknown`() throws {
        try withSlowCommit { connection in
            let process = try connection.process()
            after(milliseconds: 200) { try? TestServer.terminate(process) }
            let error = failure { try connection.commit() }.error
            #expect(error?.code == .commitOutcomeUnknown)
            #expect(error?.sqlState == "57P01")
            #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
            #expect(!connection.isUsable)
            #expect(connection.transactionState == .unknown)
            try connection.rollback()
        }
    }

    @Test func `So does giving up during COMMIT`() throws {
        try withSlowCommit { connection in
            let process = try connection.process()
            // The server goes on, with the locks.
            defer { try? TestServer.terminate(process) }
            let interrupter = connection.interrupter
            after(milliseconds: 200) { interrupter.abort() }
            let (error, duration) = failure { try connection.commit() }
            #expect(error?.code == .commitOutcomeUnknown)
            #expect(duration < .seconds(5))
            #expect(!connection.isUsable)
        }
    }

    @Test func `A refusal of COMMIT is just that`() throws {
        try withSlowCommit { connection in
            let interrupter = connection.interrupter
            after(milliseconds: 200) { interrupter.cancel() }
            #expect(failure { try connection.commit() }.error?.code == .cancelled)
            #expect(connection.isUsable)
            #expect(connection.transactionState == .none)
        }
    }
}
