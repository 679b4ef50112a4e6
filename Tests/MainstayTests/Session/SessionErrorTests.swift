// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

@Suite(.timeLimit(.minutes(1)))
struct SessionErrorTests {
    private typealias UsersError = SessionBench.UsersError

    // MARK: - The user's own errors

    @Test("A user's own error leaves the scope unchanged, and nothing is committed")
    func usersError() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        await #expect(throws: UsersError(number: 1)) {
            try await database.write { session in
                try session.execute("UPDATE a SET b = 1")
                throw UsersError(number: 1)
            }
        }
        await #expect(throws: UsersError(number: 2)) {
            try await database.withSession { session in
                try session.execute("UPDATE a SET b = 1")
                throw UsersError(number: 2)
            }
        }
        await database.close()
        #expect(driver.count("rollback") == 2)
        #expect(driver.count("commit") == 0)
        #expect(database.statistics.retries == 0)
    }

    @Test(
        "A user's own error is not hidden by a rollback that fails, and the connection is given up",
        arguments: [
            ScriptedDriver.Answer.fails(DatabaseError(.other, "no rollback")), .breaks, .lost(.serverUnavailable),
        ]
    )
    func failingRollback(answer: ScriptedDriver.Answer) async throws {
        let driver = SessionBench.driver(failing: "rollback", answer)
        let database = try SessionBench.database(driver)
        await #expect(throws: UsersError()) {
            try await database.write { session in
                try session.execute("UPDATE a SET b = 1")
                throw UsersError()
            }
        }
        try await database.write { _ = try $0.execute("UPDATE a SET b = 1") }
        await database.close()
        #expect(driver.log.contains("1 close"))
        #expect(driver.log.contains("2 commit"))
    }

    @Test("A user's own error is not hidden by a connection that is gone")
    func usersErrorAfterLoss() async throws {
        let driver = SessionBench.driver(failing: "start UPDATE a SET b = 1", .breaks)
        let database = try SessionBench.database(driver)
        await #expect(throws: UsersError()) {
            try await database.write { session in
                do {
                    try session.execute("UPDATE a SET b = 1")
                } catch {
                    throw UsersError()
                }
            }
        }
        await database.close()
        #expect(driver.count("start UPDATE a SET b = 1") == 1)
    }

    // MARK: - After the end

    @Test("A session that is used after its scope says so, and harms no one")
    func afterScope() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        let escaped = try await database.write { session in
            try session.execute("UPDATE a SET b = 1")
            return session
        }
        func code(_ body: () async throws -> Void) async -> DatabaseError.Code? {
            await #expect(throws: DatabaseError.self) { try await body() }?.code
        }
        #expect(await code { try await escaped.execute("UPDATE a SET b = 2") } == .sessionClosed)
        #expect(await code { _ = try await escaped.executeScript("UPDATE a SET b = 2") } == .sessionClosed)
        #expect(await code { try await escaped.commit() } == .sessionClosed)
        #expect(await code { try await escaped.execute(each: [1]) { "SELECT \($0)" } } == .sessionClosed)
        #expect(await code { try await escaped.failInSavepoint() } == .sessionClosed)
        await escaped.rollback()
        #expect(await !escaped.isInTransaction)
        try await database.write { _ = try $0.execute("UPDATE a SET b = 1") }
        await database.close()
        #expect(driver.count("commit") == 2)
        #expect(driver.count("rollback") == 0)
    }

    @Test("A session that is used after its database was closed says so")
    func afterClose() async throws {
        let database = try SessionBench.database(ScriptedDriver())
        let escaped = try await database.write { $0 }
        await database.close()
        let code = Shared<DatabaseError.Code?>(nil)
        Task {
            do {
                try await escaped.commit()
            } catch let error as DatabaseError {
                code.change { $0 = error.code }
            }
        }
        let isTold = await eventually { code.value == .sessionClosed }
        #expect(isTold)
    }

    // MARK: - What errors say

    @Test("An error has the statement's text and not the values of its parameters")
    func statementText() async throws {
        let driver = SessionBench.driver { operation, _ in
            operation.hasPrefix("start INSERT") ? .fails(DatabaseError(.uniqueViolation, "taken")) : nil
        }
        let database = try SessionBench.database(driver)
        let secret = "hunter2"
        let error = await #expect(throws: DatabaseError.self) {
            try await database.execute("INSERT INTO users (name) VALUES (\(secret))")
        }
        await database.close()
        #expect(error?.statement == "INSERT INTO users (name) VALUES (?)")
        var dumped = ""
        dump(error, to: &dumped)
        for text in [error?.description, error?.debugDescription, error.map { "\($0)" }, dumped] {
            #expect(text?.contains("users (name) VALUES (?)") == true)
            #expect(text?.contains(secret) == false)
        }
    }

    @Test(
        "Every way in which a statement fails names the statement",
        arguments: ["prepare SELECT a FROM b", "start SELECT a FROM b", "finish SELECT a FROM b"]
    )
    func everyStage(operation: String) async throws {
        let driver = SessionBench.driver(failing: operation, .fails(DatabaseError(.other, "no")))
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.execute("SELECT a FROM b")
        }
        await database.close()
        #expect(error?.statement == "SELECT a FROM b")
    }

    @Test("A value that can't be read names its column and its statement, and the session goes on")
    func decoding() async throws {
        let driver = SessionBench.driver { operation, _ in
            operation.hasPrefix("start SELECT") ? .rows(["id", "name"], [[.integer(300), .null]]) : nil
        }
        let database = try SessionBench.database(driver)
        try await database.withSession { session in
            let overflow = #expect(throws: DatabaseError.self) {
                try session.query("SELECT a", as: (UInt8, String?).self).one()
            }
            #expect(overflow?.code == .overflow)
            #expect(overflow?.message.hasPrefix("column \"id\": ") == true)
            #expect(overflow?.statement == "SELECT a")
            let null = #expect(throws: DatabaseError.self) {
                try session.query("SELECT b", as: (Int, String).self).all()
            }
            #expect(null?.code == .unexpectedNull)
            #expect(null?.message.hasPrefix("column \"name\": ") == true)
            let count = #expect(throws: DatabaseError.self) { try session.query("SELECT c", as: Int.self).first() }
            #expect(count?.code == .columnCount)
            try session.execute("UPDATE a SET b = 1")
            try session.commit()
        }
        await database.close()
        #expect(driver.count("commit") == 1)
    }

    @Test("A value that can't be bound is the statement's error, and nothing is sent")
    func unbindable() async throws {
        struct Never: SQLEncodable {
            static var sqlType: ValueType { .text }
            var sqlValue: Value { get throws(DatabaseError) { throw DatabaseError(.invalidParameter, "no") } }
        }
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) { try await database.execute("SELECT \(Never())") }
        await database.close()
        #expect(error?.code == .invalidParameter)
        #expect(!driver.log.contains { $0.contains("SELECT") })
    }

    @Test(
        "Statements that begin or end transactions are refused before they are sent",
        arguments: ["COMMIT", "\n Rollback", "/* a */ BEGIN", "(COMMIT)", "SAVEPOINT a"]
    )
    func transactionControl(text: String) async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        let error = await #expect(throws: DatabaseError.self) { try await database.execute(SQL(raw: text)) }
        await database.close()
        #expect(error?.code == .misuse)
        #expect(!driver.log.contains { $0.contains(text) })
    }
}

extension Session {
    /// Sets a savepoint, which the tests do from outside.
    fileprivate func failInSavepoint() throws {
        try withSavepoint { Issue.record("the body ran") }
    }
}
