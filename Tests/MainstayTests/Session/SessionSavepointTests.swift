// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

@Suite(.timeLimit(.minutes(1)))
struct SessionSavepointTests {
    private typealias UsersError = SessionBench.UsersError

    private func story(_ driver: ScriptedDriver) -> [String] {
        driver.log.map { String($0.drop { $0 != " " }.dropFirst()) }.filter {
            $0.hasPrefix("savepoint") || $0.hasPrefix("start")
        }
    }

    @Test("Savepoints nest, are kept on return and undone on throw")
    func nesting() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        try await database.write { session in
            let value = try session.withSavepoint {
                try session.execute("UPDATE 1")
                #expect(throws: UsersError()) {
                    try session.withSavepoint {
                        try session.execute("UPDATE 2")
                        throw UsersError()
                    }
                }
                return 7
            }
            #expect(value == 7)
        }
        #expect(
            story(driver) == [
                "savepoint set mainstay_1", "start UPDATE 1", "savepoint set mainstay_2", "start UPDATE 2",
                "savepoint rollback mainstay_2", "savepoint release mainstay_1",
            ]
        )
        #expect(driver.count("commit") == 1)
        await database.close()
    }

    @Test("A savepoint may await something else")
    func awaiting() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        try await database.write { session in
            try await session.withSavepoint {
                await Task.yield()
                try session.execute("UPDATE 1")
            }
        }
        #expect(story(driver).last == "savepoint release mainstay_1")
        await database.close()
    }

    @Test("A failed transaction is brought back by undoing to the savepoint, and goes on")
    func rescued() async throws {
        let driver = SessionBench.driver(
            failing: "start UPDATE 2",
            .fails(DatabaseError(.uniqueViolation, "taken"), .failed)
        )
        let database = try SessionBench.database(driver)
        try await database.write { session in
            try session.execute("UPDATE 1")
            let error = #expect(throws: DatabaseError.self) {
                try session.withSavepoint { _ = try session.execute("UPDATE 2") }
            }
            #expect(error?.code == .uniqueViolation)
            try session.execute("UPDATE 3")
        }
        #expect(driver.count("commit") == 1)
        await database.close()
    }

    @Test("A body that swallows what failed the transaction is told so, and its work is undone")
    func swallowed() async throws {
        let driver = SessionBench.driver(
            failing: "start UPDATE 2",
            .fails(DatabaseError(.uniqueViolation, "taken"), .failed)
        )
        let database = try SessionBench.database(driver)
        try await database.write { session in
            let error = #expect(throws: DatabaseError.self) {
                try session.withSavepoint { _ = try? session.execute("UPDATE 2") }
            }
            #expect(error?.code == .transactionRolledBack)
            #expect((error?.cause as? DatabaseError)?.message == "taken")
            try session.execute("UPDATE 3")
        }
        #expect(story(driver).contains("savepoint rollback mainstay_1"))
        #expect(driver.count("commit") == 1)
        await database.close()
    }

    @Test(
        "A transaction that is lost inside of a savepoint stays lost",
        arguments: [ServerTransactionState.none, .unknown]
    )
    func lost(state: ServerTransactionState) async throws {
        let driver = SessionBench.driver(failing: "start UPDATE 2", .fails(DatabaseError(.deadlock, "victim"), state))
        let database = try SessionBench.database(driver, attempts: 1)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                try session.execute("UPDATE 1")
                #expect(throws: DatabaseError.self) {
                    try session.withSavepoint { _ = try session.execute("UPDATE 2") }
                }
                let later = #expect(throws: DatabaseError.self) { try session.execute("UPDATE 3") }
                #expect(later?.code == .transactionFailed)
            }
        }
        #expect(error?.code == .transactionRolledBack)
        #expect((error?.cause as? DatabaseError)?.message == "victim")
        #expect(driver.count("commit") == 0)
        #expect(driver.count("savepoint rollback mainstay_1") == 0)
        await database.close()
    }

    @Test("A savepoint that can't be set is the caller's error, and the body does not run")
    func notSet() async throws {
        let driver = SessionBench.driver(
            failing: "savepoint set mainstay_1",
            .fails(DatabaseError(.other, "no"), .failed)
        )
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                try session.withSavepoint { Issue.record("the body ran") }
            }
        }
        #expect(error?.message == "no")
        await database.close()
    }

    @Test("Work that could not be undone to its savepoint is never committed")
    func notUndone() async throws {
        // MariaDB's answer (1305) after a CREATE in between has committed the savepoint with everything else.
        let answer = ScriptedDriver.Answer.fails(DatabaseError(.undefinedObject, "no such savepoint"), .active)
        let driver = SessionBench.driver(failing: "savepoint rollback mainstay_1", answer)
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                try? session.withSavepoint {
                    try session.execute("UPDATE 1")
                    throw UsersError()
                }
            }
        }
        #expect(error?.code == .transactionRolledBack)
        #expect((error?.cause as? DatabaseError)?.message == "no such savepoint")
        #expect(driver.count("commit") == 0)
        await database.close()
    }

    @Test("Work that was to be undone and was committed by a statement in between fails what follows it")
    func committedInBetween() async throws {
        let driver = SessionBench.driver { operation, _ in
            operation == "finish CREATE" ? ScriptedDriver.Answer(state: ServerTransactionState.none) : nil
        }
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                try? session.withSavepoint {
                    try session.execute("CREATE")
                    try session.execute("UPDATE 1")
                    throw UsersError()
                }
            }
        }
        #expect(error?.code == .transactionRolledBack)
        #expect(driver.count("savepoint rollback mainstay_1") == 0)
        await database.close()
    }

    @Test("A savepoint whose transaction the body committed is not released in the next one")
    func committedByBody() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            try session.withSavepoint {
                try session.execute("UPDATE 1")
                try session.commit()
                try session.execute("UPDATE 2")
            }
            try session.commit()
        }
        #expect(driver.count("savepoint release mainstay_1") == 0)
        #expect(driver.count("commit") == 2)
        await database.close()
    }
}
