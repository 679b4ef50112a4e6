// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What happens when a statement or a scope takes longer than it may.
@Suite(.timeLimit(.minutes(1)))
struct SessionDeadlineTests {
    private let clock = ManualClock()

    /// A driver on which a call waits for a gate, which another call opens.
    private func driver(
        slow operation: String,
        answer: ScriptedDriver.Answer = ScriptedDriver.Answer(),
        endedBy end: String,
        capabilities: Capabilities = []
    ) -> ScriptedDriver {
        let gate = Gate()
        return ScriptedDriver(capabilities: capabilities) { call in
            if call.operation == operation {
                var answer = answer
                answer.gate = gate
                return answer
            }
            if call.operation == end { gate.open() }
            return nil
        }
    }

    /// Runs a scope and lets time pass in steps, once a call was made.
    private func error<Output: Sendable>(
        _ driver: ScriptedDriver,
        after call: String,
        steps: [Duration],
        _ scope: @escaping @Sendable () async throws -> Output
    ) async throws -> DatabaseError? {
        let task = Task { try await scope() }
        #expect(await eventually { driver.log.contains(call) })
        for step in steps {
            #expect(await eventually { clock.deadlines.contains(clock.now.offset + step) })
            clock.advance(by: step)
        }
        return await #expect(throws: DatabaseError.self) { try await task.value }
    }

    @Test("A statement that takes too long is cancelled, and the error says that its time was over")
    func statement() async throws {
        let cancelled = ScriptedDriver.Answer.fails(DatabaseError(.cancelled, "cancelled"), .failed)
        let driver = driver(slow: "start SLOW", answer: cancelled, endedBy: "cancel")
        let database = try SessionBench.database(driver, statementTimeout: .seconds(2), clock: clock)
        let error = try await error(driver, after: "1 start SLOW", steps: [.seconds(2)]) {
            try await database.write { _ = try $0.execute("SLOW") }
        }
        #expect(error?.code == .timeout)
        #expect((error?.cause as? DatabaseError)?.code == .cancelled)
        #expect(error?.statement == "SLOW")
        #expect(error?.message.contains("2 s") == true)
        #expect(error?.isConnectionUsable == true)
        #expect(driver.count("start SLOW") == 1)
        #expect(driver.open == [1])
    }

    @Test("A silent server is not waited for: the connection is broken off half a second later")
    func silence() async throws {
        let driver = driver(slow: "start SLOW", endedBy: "abort")
        let database = try SessionBench.database(driver, statementTimeout: .seconds(2), clock: clock)
        let error = try await error(driver, after: "1 start SLOW", steps: [.seconds(2), .milliseconds(500)]) {
            try await database.write { _ = try $0.execute("SLOW") }
        }
        #expect(error?.code == .timeout)
        #expect(error?.isConnectionUsable == false)
        #expect(driver.count("cancel") >= 1)
        #expect(driver.count("start SLOW") == 1)
    }

    @Test("Where the server stops statements by itself, it is not asked to before it had the time")
    func serverFirst() async throws {
        let driver = driver(slow: "start SLOW", endedBy: "cancel", capabilities: .statementLimits)
        let database = try SessionBench.database(driver, statementTimeout: .seconds(2), clock: clock)
        let task = Task { try await database.write { _ = try $0.execute("SLOW") } }
        #expect(await eventually { clock.deadlines.contains(.milliseconds(2050)) })
        clock.advance(by: .seconds(2))
        for _ in 0..<100 { await Task.yield() }
        #expect(driver.count("cancel") == 0)
        clock.advance(by: .milliseconds(50))
        // It ends well in spite of that.
        try await task.value
        #expect(driver.count("cancel") >= 1)
    }

    @Test("A session goes on after a statement's time was over, where its transaction does")
    func goesOn() async throws {
        let cancelled = ScriptedDriver.Answer.fails(DatabaseError(.cancelled, "cancelled"), .active)
        let driver = driver(slow: "start SLOW", answer: cancelled, endedBy: "cancel")
        let database = try SessionBench.database(driver, statementTimeout: .seconds(2), clock: clock)
        let task = Task {
            try await database.write { session in
                let error = #expect(throws: DatabaseError.self) { _ = try session.execute("SLOW") }
                #expect(error?.code == .timeout)
                session.statementTimeout = nil
                try session.execute("NEXT")
            }
        }
        #expect(await eventually { clock.deadlines.contains(.seconds(2)) })
        clock.advance(by: .seconds(2))
        try await task.value
        #expect(driver.count("commit") == 1)
        #expect(driver.count("start NEXT") == 1)
    }

    @Test("A scope whose time is over sends nothing more, and rolls back")
    func scope() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver, clock: clock)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write(timeout: .seconds(1)) { [clock] session in
                try session.execute("FIRST")
                clock.advance(by: .seconds(1))
                try session.execute("SECOND")
            }
        }
        #expect(error?.code == .timeout)
        #expect(error?.phase == .notSent)
        #expect(driver.count("start SECOND") == 0)
        #expect(driver.count("commit") == 0)
        #expect(driver.count("rollback") == 1)
    }

    @Test("A scope whose time is over before COMMIT is not committed")
    func scopeBeforeCommit() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver, clock: clock)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write(timeout: .seconds(1)) { [clock] session in
                try session.execute("FIRST")
                clock.advance(by: .seconds(1))
            }
        }
        #expect(error?.code == .timeout)
        #expect(driver.count("commit") == 0)
    }

    @Test("A scope waits for a connection no longer than its own time")
    func waiting() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver, clock: clock)
        let gate = Gate()
        let holder = Task { try await database.write { _ in gate.pass() } }
        #expect(await eventually { database.poolFigures[.writer]?.leased == 1 })
        let waiter = Task { try await database.write(timeout: .seconds(1)) { _ in } }
        #expect(await eventually { clock.deadlines.contains(.seconds(1)) })
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .timeout)
        #expect((error?.cause as? DatabaseError)?.code == .acquireTimeout)
        gate.open()
        try await holder.value
    }

    @Test("There is no further attempt for which a scope has no time")
    func attempts() async throws {
        let driver = ScriptedDriver { [clock] call in
            guard call.operation == "start UPDATE" else { return nil }
            clock.advance(by: .seconds(1))
            return .breaks
        }
        let database = try SessionBench.database(driver, attempts: 10, clock: clock)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write(timeout: .milliseconds(2500)) { _ = try $0.execute("UPDATE") }
        }
        #expect(driver.count("start UPDATE") == 3)
        // The last one was lost when the scope's time was over: either is true, and which is seen first is chance.
        #expect([.connectionLost, .timeout].contains(error?.code))
        #expect(error?.earlierFailures.map(\.code) == [.connectionLost, .connectionLost])
        #expect(error?.description.contains("attempt 2: connectionLost: ") == true)
    }

    @Test("A COMMIT is not cancelled; without an answer its connection is broken off")
    func commit() async throws {
        let lost = ScriptedDriver.Answer.lost(.commitOutcomeUnknown)
        let driver = driver(slow: "commit", answer: lost, endedBy: "abort")
        let database = try SessionBench.database(driver, statementTimeout: .seconds(2), clock: clock)
        let error = try await error(driver, after: "1 commit", steps: [.seconds(2), .milliseconds(500)]) {
            try await database.write { _ = try $0.execute("UPDATE") }
        }
        #expect(error?.code == .commitOutcomeUnknown)
        #expect((error?.cause as? DatabaseError)?.code == .timeout)
        #expect(driver.count("cancel") == 0)
    }

    @Test("A cancelled task is told what became of its COMMIT")
    func cancelledCommit() async throws {
        let gate = Gate()
        let driver = ScriptedDriver { call in
            call.operation == "commit" ? ScriptedDriver.Answer(gate: gate) : nil
        }
        let database = try SessionBench.database(driver, clock: clock)
        let task = Task { try await database.write { _ = try $0.execute("UPDATE") } }
        #expect(await eventually { driver.log.contains("1 commit") })
        task.cancel()
        clock.advance(by: .seconds(60))
        for _ in 0..<100 { await Task.yield() }
        gate.open()
        try await task.value
        #expect(driver.count("cancel") == 0)
        #expect(driver.count("abort") == 0)
    }

    @Test("A ROLLBACK that is not answered breaks its connection off")
    func rollback() async throws {
        let driver = driver(slow: "rollback", endedBy: "abort")
        let database = try SessionBench.database(driver, resetTimeout: .seconds(3), clock: clock)
        let task = Task {
            try await database.withSession { session in
                try session.execute("UPDATE")
                session.rollback()
                try session.execute("SELECT")
            }
        }
        #expect(await eventually { clock.deadlines.contains(.seconds(3)) })
        clock.advance(by: .seconds(3))
        #expect(await eventually { clock.deadlines.contains(.milliseconds(3500)) })
        clock.advance(by: .milliseconds(500))
        try await task.value
        // The session goes on with another one.
        #expect(driver.log.contains("2 start SELECT"))
    }

    @Test("A statement that was refused before it was sent leaves nothing that could be stopped")
    func refused() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver, statementTimeout: .seconds(2), clock: clock)
        try await database.withSession { [clock] session in
            for text in ["COMMIT", ""] {
                #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: text)) }
                clock.advance(by: .seconds(3))
                try await Task.sleep(for: .milliseconds(20))
                clock.advance(by: .seconds(3))
            }
            try session.execute("NEXT")
            try session.commit()
        }
        #expect(driver.count("cancel") == 0)
        #expect(driver.count("abort") == 0)
    }
}
