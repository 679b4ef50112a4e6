// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

@Suite(.timeLimit(.minutes(1)))
struct SessionTransactionTests {
    private typealias UsersError = SessionBench.UsersError

    /// What a driver was asked, without preparing, finishing and connections' numbers.
    private func story(_ driver: ScriptedDriver) -> [String] {
        driver.log.map { String($0.drop { $0 != " " }.dropFirst()) }
            .filter { call in !["prepare", "finish", "discard", "connect", "close"].contains { call.hasPrefix($0) } }
    }

    // MARK: - Beginning and ending

    @Test("A transaction begins with the first statement and ends with the scope")
    func autobegin() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        try await database.write { session in
            let before = session.isInTransaction
            try session.execute("UPDATE a")
            let after = session.isInTransaction
            #expect((before, after) == (false, true))
        }
        try await database.read { session in try session.execute("SELECT a") }
        try await database.write { _ in }
        #expect(story(driver) == ["begin", "start UPDATE a", "commit", "begin read-only", "start SELECT a", "commit"])
        await database.close()
    }

    @Test("A session has as many transactions as it ends, and the last is rolled back unless it was committed")
    func severalTransactions() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            try session.commit()
            try session.execute("UPDATE 1")
            try session.commit()
            try session.execute("UPDATE 2")
            session.rollback()
            session.rollback()
            try session.setTransactionOptions(TransactionOptions(access: .readOnly))
            try session.execute("UPDATE 3")
            #expect(throws: DatabaseError.self) { try session.setTransactionOptions(TransactionOptions()) }
        }
        await database.close()
        #expect(
            story(driver) == [
                "begin", "start UPDATE 1", "commit", "begin", "start UPDATE 2", "rollback", "begin read-only",
                "start UPDATE 3", "rollback",
            ]
        )
    }

    // MARK: - Failed transactions

    @Test("A failed transaction refuses everything but its rollback, with the first failure as the reason")
    func failed() async throws {
        let first = DatabaseError(.uniqueViolation, "first")
        let driver = SessionBench.driver(failing: "start UPDATE 1", .fails(first, .failed))
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            #expect(throws: DatabaseError.self) { try session.execute("UPDATE 1") }
            for attempt: () throws -> Void in [
                { try session.execute("UPDATE 2") }, { try session.executeScript("UPDATE 2") },
                { try session.execute(each: [1]) { "UPDATE \($0)" } }, { _ = try session.query("SELECT 2").all() },
                { try session.withSavepoint {} }, { try session.withConnection(as: ScriptedConnection.self) { _ in } },
            ] {
                let error = #expect(throws: DatabaseError.self) { try attempt() }
                #expect(error?.code == .transactionFailed)
                #expect((error?.cause as? DatabaseError)?.message == "first")
                #expect((error?.cause as? DatabaseError)?.statement == "UPDATE 1")
            }
            session.rollback()
            try session.execute("UPDATE 3")
            try session.commit()
        }
        await database.close()
        #expect(story(driver) == ["begin", "start UPDATE 1", "rollback", "begin", "start UPDATE 3", "commit"])
    }

    @Test(
        "A commit of a failed transaction is an error that names the first failure",
        arguments: [ServerTransactionState.failed, .none, .unknown]
    )
    func commitOfFailed(state: ServerTransactionState) async throws {
        let driver = SessionBench.driver { operation, _ in
            switch operation {
            case "start UPDATE 1": .fails(DatabaseError(.uniqueViolation, "first"), state)
            default: nil
            }
        }
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                _ = try? session.execute("UPDATE 1")
                _ = try? session.execute("UPDATE 2")
            }
        }
        #expect(error?.code == .transactionRolledBack)
        let cause = error?.cause as? DatabaseError
        #expect(cause?.message == "first")
        #expect(cause?.statement == "UPDATE 1")
        #expect(driver.count("commit") == 0)
        #expect(driver.count("start UPDATE 2") == 0)
        await database.close()
    }

    @Test("A statement that fails and leaves the transaction open can be made up for")
    func repaired() async throws {
        let driver = SessionBench.driver(
            failing: "start UPDATE 1",
            .fails(DatabaseError(.uniqueViolation, ""), .active)
        )
        let database = try SessionBench.database(driver)
        try await database.write { session in
            #expect(throws: DatabaseError.self) { try session.execute("UPDATE 1") }
            try session.execute("UPDATE 2")
        }
        #expect(story(driver) == ["begin", "start UPDATE 1", "start UPDATE 2", "commit"])
        await database.close()
    }

    @Test("A commit that fails and leaves the transaction open can be tried again")
    func commitAgain() async throws {
        let deferred = DatabaseError(.foreignKeyViolation, "deferred")
        let driver = SessionBench.driver(failing: "commit", .fails(deferred, .active))
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            try session.execute("UPDATE 1")
            let error = #expect(throws: DatabaseError.self) { try session.commit() }
            #expect(error?.code == .foreignKeyViolation)
            let isInTransaction = session.isInTransaction
            #expect(isInTransaction)
            try session.execute("UPDATE 2")
            try session.commit()
        }
        #expect(story(driver) == ["begin", "start UPDATE 1", "commit", "start UPDATE 2", "commit"])
        await database.close()
    }

    @Test("A commit that the server answers with a rollback leaves nothing open")
    func commitRolledBack() async throws {
        let driver = SessionBench.driver(
            failing: "commit",
            .fails(DatabaseError(.serializationFailure, "conflict"), .some(.none))
        )
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            try session.execute("UPDATE 1")
            #expect(throws: DatabaseError.self) { try session.commit() }
            let error = #expect(throws: DatabaseError.self) { try session.execute("UPDATE 2") }
            #expect(error?.code == .transactionFailed)
            session.rollback()
            try session.execute("UPDATE 3")
            try session.commit()
        }
        #expect(story(driver) == ["begin", "start UPDATE 1", "commit", "begin", "start UPDATE 3", "commit"])
        await database.close()
    }

    @Test("A transaction that ended without an error is known to be committed, and another begins")
    func implicitCommit() async throws {
        let driver = SessionBench.driver { operation, _ in
            operation == "finish CREATE" ? ScriptedDriver.Answer(state: ServerTransactionState.none) : nil
        }
        let database = try SessionBench.database(driver)
        try await database.write { session in
            try session.execute("CREATE")
            let isInTransaction = session.isInTransaction
            #expect(!isInTransaction)
            try session.execute("UPDATE 1")
        }
        #expect(story(driver) == ["begin", "start CREATE", "begin", "start UPDATE 1", "commit"])
        await database.close()
    }

    @Test("A transaction that the driver's own connection lost is failed and not forgotten")
    func lostInNativeCall() async throws {
        let driver = SessionBench.driver(failing: "script LOSE", .fails(DatabaseError(.deadlock, "lost"), .some(.none)))
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            try session.execute("UPDATE 1")
            #expect(throws: DatabaseError.self) {
                try session.withConnection(as: ScriptedConnection.self) { _ = try $0.executeScript("LOSE") }
            }
            let error = #expect(throws: DatabaseError.self) { try session.execute("UPDATE 2") }
            #expect(error?.code == .transactionFailed)
        }
        await database.close()
    }

    @Test("A session goes on with another connection after a loss and its rollback")
    func afterLoss() async throws {
        let driver = SessionBench.driver(failing: "start UPDATE 1", .breaks)
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            let lost = #expect(throws: DatabaseError.self) { try session.execute("UPDATE 1") }
            #expect(lost?.code == .connectionLost)
            let refused = #expect(throws: DatabaseError.self) { try session.execute("UPDATE 2") }
            #expect(refused?.code == .transactionFailed)
            #expect(refused?.isConnectionUsable == false)
            session.rollback()
            try session.execute("UPDATE 3")
            try session.commit()
        }
        #expect(driver.open == [2])
        #expect(driver.log.suffix(5).contains("2 start UPDATE 3"))
        await database.close()
    }

    @Test("A commit without an answer is told as such, and the session can go on")
    func unknownOutcome() async throws {
        let driver = SessionBench.driver(failing: "commit", .lost(.commitOutcomeUnknown))
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            try session.execute("UPDATE 1")
            let unknown = #expect(throws: DatabaseError.self) { try session.commit() }
            #expect(unknown?.code == .commitOutcomeUnknown)
            session.rollback()
            try session.execute("UPDATE 2")
            try session.commit()
        }
        #expect(driver.open == [2])
        await database.close()
    }
}
