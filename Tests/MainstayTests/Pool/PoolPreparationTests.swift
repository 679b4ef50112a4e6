// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Testing

@testable import Mainstay

/// What a pool does with connections besides leasing them: preparing, replacing, putting back, and what takes too long.
@Suite(.timeLimit(.minutes(1)))
struct PoolPreparationTests: PoolOperationBench {
    let clock = ManualClock()

    // MARK: - Preparation

    @Test("Each new connection is prepared, and each that was reset")
    func preparation() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver, pool { $0.prepareConnection = { try $0.execute("SET role = 'app'") } })
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        try await database.write { try $0.execute("SET a = 1") }
        #expect(await eventually { database.poolFigures[.writer]?.idle == 1 })
        #expect(driver.count("start SET role = 'app'") == 2)
        #expect(driver.count("reset") == 1)
        // What prepares a connection does not make it one to be reset.
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        #expect(driver.count("reset") == 1)
        await database.close()
    }

    @Test("A connection that can't be prepared is closed, and all who wait are told why")
    func failedPreparation() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver, pool { $0.prepareConnection = { _ in throw SessionBench.UsersError() } })
        let error = await #expect(throws: DatabaseError.self) { try await database.execute("SELECT 1") }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.cause as? SessionBench.UsersError == SessionBench.UsersError())
        #expect(driver.open.isEmpty)
        await database.close()
    }

    @Test("A connection whose preparation was broken off is not handed out, even if it ended well")
    func interruptedPreparation() async throws {
        let (gate, prepared) = (Gate(), Shared(0))
        let driver = ScriptedDriver()
        let database = try database(
            driver,
            pool {
                $0.connectTimeout = .seconds(3)
                $0.prepareConnection = { session in
                    let isFirst = prepared.change { number in
                        number += 1
                        return number == 1
                    }
                    // Nothing is asked of the connection that is broken off, so that nothing fails.
                    if isFirst { return gate.pass() }
                    try session.execute("SET a = 1")
                }
            }
        )
        let scope = Task { try await database.execute("SELECT 1") }
        #expect(await eventually { prepared.value == 1 && clock.deadlines.contains(.seconds(3)) })
        clock.advance(by: .seconds(3))
        #expect(await eventually { driver.count("abort") == 1 })
        gate.open()
        let error = await #expect(throws: DatabaseError.self) { try await scope.value }
        #expect(error?.code == .cannotConnect)
        #expect(await eventually { driver.open.isEmpty })
        #expect(!driver.log.contains("1 start SELECT 1"))
        clock.advance(by: .seconds(5))
        try await database.execute("SELECT 1")
        #expect(driver.log.contains("2 start SELECT 1"))
        await database.close()
    }

    @Test("A preparation that never returns keeps its slot, and nobody waits longer than the deadline")
    func endlessPreparation() async throws {
        let gate = Gate()
        let driver = ScriptedDriver()
        let database = try database(
            driver,
            pool {
                $0.acquireTimeout = .seconds(3)
                $0.closeGrace = .seconds(1)
                $0.prepareConnection = { _ in gate.pass() }
            }
        )
        let scope = Task { try await database.execute("SELECT 1") }
        #expect(await eventually { driver.open == [1] && clock.deadlines.contains(.seconds(3)) })
        clock.advance(by: .seconds(3))
        let error = await #expect(throws: DatabaseError.self) { try await scope.value }
        #expect(error?.code == .acquireTimeout)
        #expect(error?.message.contains("1 are being opened") == true)
        // Closing gives it up in the end.
        let closing = Task { await database.close() }
        #expect(await eventually { clock.deadlines.contains(.seconds(4)) })
        clock.advance(by: .seconds(1))
        #expect(await eventually { clock.deadlines.contains(.seconds(9)) })
        clock.advance(by: .seconds(5))
        await closing.value
        gate.open()
        #expect(await eventually { driver.open.isEmpty })
    }

    @Test("A database in memory stays when it can't be prepared again; that is the next scope's error, until it can")
    func failedPreparationInMemory() async throws {
        let isFailing = Shared(false)
        let driver = ScriptedDriver(topology: .singleConnection)
        let database = try database(
            driver,
            pool {
                $0.prepareConnection = { session in
                    if isFailing.value { throw SessionBench.UsersError() }
                    try session.execute("SET role = 'app'")
                }
            }
        )
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        isFailing.change { $0 = true }
        try await database.write { try $0.execute("SET a = 1") }
        for _ in 0..<2 {
            let error = await #expect(throws: DatabaseError.self) { try await database.execute("SELECT 1") }
            #expect(error?.cause as? SessionBench.UsersError == SessionBench.UsersError())
        }
        isFailing.change { $0 = false }
        try await database.execute("SELECT 1")
        #expect(driver.count("start SET role = 'app'") == 2)
        #expect(driver.open == [1] && driver.count("connect") == 1)
        await database.close()
        #expect(driver.open.isEmpty)
    }

    @Test("A database in memory is not closed because rolling back takes long, or fails")
    func rollbackInMemory() async throws {
        let (gate, rollbacks) = (Gate(), Shared(0))
        let driver = ScriptedDriver(topology: .singleConnection) { call in
            guard call.operation == "rollback" else { return nil }
            let number = rollbacks.change { number in
                number += 1
                return number
            }
            if number == 1 { return .fails(DatabaseError(.other, "no rollback"), .active) }
            return ScriptedDriver.Answer(gate: gate)
        }
        let database = try database(driver, pool { $0.resetTimeout = .seconds(2) })
        try await database.withSession { _ = try $0.execute("UPDATE a SET b = 1") }
        #expect(await eventually { rollbacks.value == 2 })
        clock.advance(by: .seconds(20))
        #expect(database.poolFigures[.writer]?.resetting == 1)
        gate.open()
        try await database.withSession { _ = try $0.execute("SELECT 1") }
        #expect(driver.open == [1] && driver.count("connect") == 1)
        await database.close()
    }

    @Test("A session that replaces its connection has closed one and opened another, and observers are told")
    func reopening() async throws {
        let words = Shared<[String]>([])
        let driver = ScriptedDriver()
        let database = try database(
            driver,
            observer: { event in words.change { $0.append(Self.word(event.kind)) } }
        )
        try await database.withSession { session in
            try session.execute("UPDATE a SET b = 1")
            driver.kill(1)
            #expect(throws: DatabaseError.self) { try session.execute("UPDATE a SET b = 2") }
            session.rollback()
            try session.execute("UPDATE a SET b = 3")
            try session.commit()
        }
        #expect(driver.open == [2])
        #expect(database.statistics.connectionsOpened == 2)
        #expect(database.statistics.connectionsClosed == 1)
        #expect(database.poolFigures[.writer]?.totals.closes == [.lost: 1])
        await database.close()
        #expect(
            words.value == [
                "waiting", "connected", "leased", "closed lost", "connected", "returned", "outage", "closing",
                "closed databaseClosed",
            ]
        )
    }

    @Test("A lease in which the server answered nothing is no sign of life, though it touched the connection")
    func noAnswer() async throws {
        let driver = ScriptedDriver(capabilities: .server)
        let database = try database(driver, pool { $0.resetPolicy = .never })
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        clock.advance(by: .seconds(20))
        try await database.withSession { try $0.withConnection(as: ScriptedConnection.self) { _ in } }
        clock.advance(by: .seconds(20))
        #expect(driver.count("ping") == 0)
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        #expect(driver.count("ping") == 1)
        await database.close()
    }

    // MARK: - What takes too long

    @Test("A reset that takes too long is broken off, and the next lease has another connection")
    func endlessReset() async throws {
        let gate = Gate()
        let driver = ScriptedDriver { call in
            call.operation == "reset" ? ScriptedDriver.Answer(gate: gate) : nil
        }
        let database = try database(
            driver,
            pool {
                $0.size = 2
                $0.resetTimeout = .seconds(2)
            }
        )
        try await database.write { try $0.execute("SET a = 1") }
        #expect(database.poolFigures[.writer]?.resetting == 1)
        #expect(await eventually { self.clock.deadlines.contains(.seconds(2)) })
        clock.advance(by: .seconds(2))
        #expect(await eventually { driver.log.contains("1 abort") })
        #expect(database.poolFigures[.writer]?.closing == 1)
        gate.open()
        #expect(await eventually { database.poolFigures[.writer]?.connections == 0 })
        #expect(database.poolFigures[.writer]?.totals.closes == [.notClean: 1])
        await database.close()
    }

    @Test("A connect that hangs lets those who wait go by their deadline")
    func endlessConnect() async throws {
        let gate = Gate()
        let driver = ScriptedDriver { $0.operation == "connect" ? ScriptedDriver.Answer(gate: gate) : nil }
        let database = try database(driver, pool { $0.acquireTimeout = .seconds(3) })
        let scope = Task { try await database.execute("SELECT 1") }
        #expect(await eventually { driver.open == [1] && clock.deadlines.contains(.seconds(3)) })
        clock.advance(by: .seconds(3))
        let error = await #expect(throws: DatabaseError.self) { try await scope.value }
        #expect(error?.code == .acquireTimeout)
        gate.open()
        // What was opened late is there for the next one.
        try await database.execute("SELECT 1")
        #expect(driver.count("connect") == 1)
        await database.close()
    }
}
