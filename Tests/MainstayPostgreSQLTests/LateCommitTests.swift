// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

/// What a COMMIT may be answered by besides success.
@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct LateCommitTests {
    /// A transaction whose COMMIT does something at last.
    private func withLateTrigger(
        _ what: String,
        _ body: (PostgreSQLConnection, PostgreSQLReceipt, PostgreSQLConnection) throws -> Void
    ) throws {
        try TestServer.withSchema { configuration, connection in
            _ = try connection.executeScript(
                """
                CREATE TABLE t (a int);
                CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(what); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION late()
                """
            )
            try connection.begin(.keepingReceipt)
            try connection.execute("INSERT INTO t VALUES (1)")
            let receipt = try #require(try connection.receipt() as? PostgreSQLReceipt)
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            try body(connection, receipt, other)
        }
    }

    @Test(arguments: ["40003", "08007", "08006", "57P01", "57P05"])
    func `A server that does not know, or loses the connection to another one, leaves the outcome to be found out`(
        _ state: String
    ) throws {
        try withLateTrigger("RAISE 'made up' USING ERRCODE = '\(state)'") { connection, receipt, other throws in
            let error = failure { try connection.commit() }.error
            #expect(error?.code == .commitOutcomeUnknown)
            #expect(error?.sqlState == state)
            #expect(error?.isTransient == false)
            #expect(error?.isConnectionUsable == false)
            #expect((error?.cause as? DatabaseError)?.sqlState == state)
            // It is asked on another connection.
            #expect(!connection.isUsable)
            #expect(connection.transactionState == .unknown)
            #expect(try other.outcome(of: receipt) == .rolledBack)
        }
    }

    @Test func `A process that is ended in COMMIT says so, and the outcome is found out`() throws {
        let end = "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(20)"
        try withLateTrigger(end) { connection, receipt, other throws in
            let (error, duration) = failure { try connection.commit() }
            #expect(error?.code == .commitOutcomeUnknown)
            #expect(error?.sqlState == "57P01")
            #expect(duration < .seconds(10))
            #expect(!connection.isUsable)
            var outcome = TransactionOutcome.pending
            while outcome == .pending { outcome = try other.outcome(of: receipt) }
            #expect(outcome == .rolledBack)
        }
    }

    @Test(
        arguments: [("23505", .uniqueViolation), ("40001", .serializationFailure), ("40P01", .deadlock)]
            as [(String, DatabaseError.Code)]
    )
    func `A refusal is one`(_ state: String, _ code: DatabaseError.Code) throws {
        try withLateTrigger("RAISE 'made up' USING ERRCODE = '\(state)'") { connection, receipt, other throws in
            let error = failure { try connection.commit() }.error
            #expect(error?.code == code)
            #expect(error?.isConnectionUsable == true)
            #expect(connection.isUsable)
            #expect(connection.transactionState == .none)
            #expect(try other.outcome(of: receipt) == .rolledBack)
        }
    }

    @Test func `A warning is no failure`() throws {
        // Of class 01, as when somebody ends the wait for a standby: it is committed.
        let warning = "RAISE WARNING 'canceling wait for synchronous replication due to user request'"
        try withLateTrigger(warning) { connection, receipt, other throws in
            try connection.commit()
            #expect(connection.isUsable)
            #expect(try other.outcome(of: receipt) == .committed)
        }
    }
}
