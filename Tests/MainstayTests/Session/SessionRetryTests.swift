// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// When a scope is run again, and when it must not be.
@Suite(.timeLimit(.minutes(1)))
struct SessionRetryTests {
    private typealias UsersError = SessionBench.UsersError

    /// Runs a scope that makes one statement and counts how often it ran.
    private func runs(
        _ driver: ScriptedDriver,
        attempts: Int = 3,
        _ body: @escaping @Sendable (isolated Session) throws -> Void = { _ = try $0.execute("UPDATE 1") }
    ) async throws -> (runs: Int, error: DatabaseError?, statistics: Statistics) {
        let database = try SessionBench.database(driver, attempts: attempts)
        let runs = Shared(0)
        var error: DatabaseError?
        do {
            try await database.write { session in
                runs.change { $0 += 1 }
                try body(session)
            }
        } catch let caught as DatabaseError {
            error = caught
        }
        await database.close()
        return (runs.value, error, database.statistics)
    }

    @Test(
        "A scope is run again from the top when the connection is lost before COMMIT was sent",
        arguments: ["begin", "prepare UPDATE 1", "start UPDATE 1", "finish UPDATE 1"]
    )
    func lostBeforeCommit(operation: String) async throws {
        let driver = SessionBench.driver(failing: operation, .breaks)
        let (runs, error, statistics) = try await runs(driver)
        #expect(runs == 2)
        #expect(error == nil)
        #expect(statistics.retries == 1)
        #expect(statistics.scopes == 1)
        #expect(driver.log.contains("2 commit"))
        #expect(!driver.log.contains("1 commit"))
    }

    @Test("A victim of a deadlock is run again, also when the error was swallowed")
    func deadlock() async throws {
        let answer = ScriptedDriver.Answer.fails(DatabaseError(.deadlock, "victim"), .some(.none))
        let thrown = try await runs(SessionBench.driver(failing: "start UPDATE 1", answer))
        #expect(thrown.runs == 2)
        let swallowed = try await runs(SessionBench.driver(failing: "start UPDATE 1", answer)) { session in
            _ = try? session.execute("UPDATE 1")
        }
        #expect(swallowed.runs == 2)
        #expect(swallowed.error == nil)
    }

    @Test("A conflict that shows at COMMIT is run again")
    func conflictAtCommit() async throws {
        let answer = ScriptedDriver.Answer.fails(DatabaseError(.serializationFailure, "conflict"), .some(.none))
        let driver = SessionBench.driver(failing: "commit", answer)
        let (runs, error, _) = try await runs(driver)
        #expect(runs == 2)
        #expect(error == nil)
    }

    @Test("A scope is never run again after a COMMIT without an answer")
    func unknownOutcome() async throws {
        let driver = SessionBench.driver(failing: "commit", .lost(.commitOutcomeUnknown))
        let (runs, error, _) = try await runs(driver)
        #expect(runs == 1)
        #expect(error?.code == .commitOutcomeUnknown)
    }

    @Test("A reading scope is run again after a COMMIT without an answer, for it commits nothing")
    func unknownOutcomeOfReading() async throws {
        let driver = SessionBench.driver(failing: "commit", .lost(.commitOutcomeUnknown))
        let database = try SessionBench.database(driver)
        try await database.read { _ = try $0.execute("SELECT 1") }
        await database.close()
    }

    @Test("A scope is never run again after something was committed behind its back")
    func implicitCommit() async throws {
        let driver = SessionBench.driver { operation, time in
            switch (operation, time) {
            case ("finish CREATE", _): ScriptedDriver.Answer(state: ServerTransactionState.none)
            case ("start UPDATE 1", 1): .breaks
            default: nil
            }
        }
        let (runs, error, _) = try await runs(driver) { session in
            try session.execute("CREATE")
            try session.execute("UPDATE 1")
        }
        #expect(runs == 1)
        // A transient error would invite to do it again.
        #expect(error?.code == .partlyCommitted && error?.isTransient == false)
        #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
    }

    @Test("A scope is never run again after it committed by itself")
    func explicitCommit() async throws {
        let driver = SessionBench.driver(failing: "start UPDATE 2", .breaks)
        let (runs, error, _) = try await runs(driver) { session in
            try session.execute("UPDATE 1")
            try session.commit()
            try session.execute("UPDATE 2")
        }
        #expect(runs == 1)
        // A transient error would invite to do it again.
        #expect(error?.code == .partlyCommitted && error?.isTransient == false)
        #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
    }

    @Test("A scope is never run again after a statement was lost that commits by itself on this database")
    func lostImplicitCommit() async throws {
        let (runs, error, _) = try await runs(SessionBench.driver(failing: "start CREATE TABLE a", .breaks)) {
            session in
            try session.execute("UPDATE 1")
            try session.execute("CREATE TABLE a")
        }
        // The driver has not the capability transactionalDDL: CREATE commits the UPDATE before it does anything else.
        #expect(runs == 1)
        // A transient error would invite to do it again.
        #expect(error?.code == .partlyCommitted && error?.isTransient == false)
        #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
    }

    @Test("A scope is run as often as the policy says and not once more", arguments: [1, 2, 5])
    func attempts(count: Int) async throws {
        let driver = SessionBench.driver { operation, _ in operation == "start UPDATE 1" ? .breaks : nil }
        let (runs, error, statistics) = try await runs(driver, attempts: count)
        #expect(runs == count)
        #expect(error?.code == .connectionLost)
        #expect(statistics.sessions == count)
        #expect(statistics.retries == count - 1)
        #expect(statistics.statements == count)
    }

    @Test("What no repetition cures is thrown at once")
    func permanent() async throws {
        let driver = SessionBench.driver { operation, _ in
            operation == "start UPDATE 1" ? .fails(DatabaseError(.uniqueViolation, "taken"), .failed) : nil
        }
        let (runs, error, _) = try await runs(driver)
        #expect(runs == 1)
        #expect(error?.code == .uniqueViolation)
    }

    @Test("A scope without a retry policy's blessing is run once")
    func withSession() async throws {
        let driver = SessionBench.driver(failing: "start UPDATE 1", .breaks)
        let database = try SessionBench.database(driver)
        let runs = Shared(0)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.withSession { session in
                runs.change { $0 += 1 }
                try session.execute("UPDATE 1")
            }
        }
        #expect(runs.value == 1)
        #expect(error?.code == .connectionLost)
        #expect(error?.isTransient == true)
        await database.close()
    }

    @Test("A cancelled task is not run again")
    func cancelled() async throws {
        let driver = SessionBench.driver { operation, _ in operation == "start UPDATE 1" ? .breaks : nil }
        let database = try SessionBench.database(driver)
        let runs = Shared(0)
        let task = Task {
            try await database.write { session in
                runs.change { $0 += 1 }
                withUnsafeCurrentTask { $0?.cancel() }
                try session.execute("UPDATE 1")
            }
        }
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        // Nothing more was sent that could be lost.
        #expect(error?.code == .cancelled)
        #expect(runs.value == 1)
        await database.close()
    }

    @Test("A one-line query is run again, in a transaction that the server lets only read")
    func oneLiner() async throws {
        let driver = SessionBench.driver { operation, time in
            switch (operation, time) {
            case ("start SELECT 1", 1): .breaks
            case ("start SELECT 1", _): .rows(["a"], [[.integer(7)]])
            default: nil
            }
        }
        let database = try SessionBench.database(driver)
        #expect(try await database.query("SELECT 1", as: Int.self) == [7])
        #expect(database.statistics.retries == 1)
        #expect(driver.count("begin read-only") == 2)
        #expect(driver.count("begin") == 0)
        await database.close()
    }

    @Test("Nothing is run again after a statement outside of any transaction")
    func autocommit() async throws {
        let driver = SessionBench.driver { operation, _ in operation == "start UPDATE 1" ? .breaks : nil }
        let (runs, error, _) = try await runs(driver) { session in
            try session.executeAutocommit("VACUUM")
            try session.execute("UPDATE 1")
        }
        #expect(runs == 1)
        // A transient error would invite to do it again.
        #expect(error?.code == .partlyCommitted && error?.isTransient == false)
        #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
        let lost = try await self.runs(SessionBench.driver(failing: "start VACUUM", .breaks)) { session in
            try session.executeAutocommit("VACUUM")
        }
        #expect(lost.runs == 1)
    }

    @Test("A statement that went stale is prepared anew in the next run")
    func stale() async throws {
        let driver = SessionBench.driver { operation, time in
            operation == "start UPDATE 1" && time == 2
                ? .fails(DatabaseError(.staleStatement, "cached plan must not change result type"), .failed) : nil
        }
        let (runs, error, _) = try await runs(driver) { session in
            try session.execute("UPDATE 1")
            try session.execute("UPDATE 2")
            try session.execute(SQL(raw: "UPDATE 1"))
        }
        #expect(runs == 2)
        #expect(error == nil)
        #expect(driver.count("discard UPDATE 2") >= 1)
        #expect(driver.count("prepare UPDATE 2") == 2)
    }
}
