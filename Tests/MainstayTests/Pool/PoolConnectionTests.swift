// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Testing

@testable import Mainstay

#if os(Linux)
import Foundation
#endif

/// What a pool does with its connections between leases, seen through a database's scopes.
@Suite(.timeLimit(.minutes(1)))
struct PoolConnectionTests {
    private func database(
        _ driver: ScriptedDriver,
        size: Int = 1,
        environment: PoolEnvironment = PoolEnvironment()
    ) throws -> Database {
        try Database(
            driver: driver,
            configuration: DatabaseConfiguration(
                pool: PoolConfiguration(size: size),
                retry: .never,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ),
            environment: environment
        )
    }

    @Test("A connection that was not touched goes on as it is")
    func untouched() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        for _ in 0..<2 {
            try await database.write { try $0.execute("UPDATE a SET b = 1") }
        }
        await database.close()
        #expect(driver.count("reset") == 0)
        #expect(driver.count("connect") == 1)
        // The same text from the same place is prepared once.
        #expect(driver.count("prepare UPDATE a SET b = 1") == 1)
    }

    @Test(
        "A connection that was touched is reset before the next lease",
        arguments: [
            "SET search_path = a", "PRAGMA cache_size = 1", "CREATE TEMP TABLE t (a int)", "SELECT pg_advisory_lock(1)",
        ]
    )
    func touched(statement: String) async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        try await database.write { try $0.execute(SQL(raw: statement)) }
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        await database.close()
        let log = driver.log
        let reset = try #require(log.firstIndex(of: "1 reset"))
        #expect(log[..<reset].contains("1 commit"))
        #expect(log[reset...].contains("1 start UPDATE a SET b = 1"))
        #expect(driver.count("reset") == 1)
        #expect(driver.count("connect") == 1)
    }

    @Test("A script and the driver's own connection count as touching")
    func touchedByOthers() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        try await database.write { try $0.executeScript("UPDATE a SET b = 1") }
        try await database.write { try $0.withConnection(as: ScriptedConnection.self) { _ in } }
        await database.close()
        #expect(driver.count("reset") == 2)
    }

    @Test("A statement that touches does so each time it is found in the cache")
    func touchedFromCache() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        for _ in 0..<3 {
            try await database.write { try $0.execute("SET a = 1") }
        }
        await database.close()
        #expect(driver.count("prepare SET a = 1") == 1)
        #expect(driver.count("reset") == 3)
    }

    @Test("A reset that fails closes the connection, and the next lease has another")
    func failingReset() async throws {
        let driver = ScriptedDriver { call in
            call.operation == "reset" ? .fails(DatabaseError(.other, "no reset")) : nil
        }
        let database = try database(driver)
        try await database.write { try $0.execute("SET a = 1") }
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        #expect(driver.open == [2])
        await database.close()
        #expect(driver.log.contains("1 close"))
        #expect(driver.log.contains("2 start UPDATE a SET b = 1"))
    }

    @Test("A connection whose transaction is still open after its scope is closed")
    func dirty() async throws {
        let driver = ScriptedDriver { call in
            call.operation == "rollback" ? ScriptedDriver.Answer(state: .active) : nil
        }
        let database = try database(driver)
        try await database.withSession { _ = try $0.execute("UPDATE a SET b = 1") }
        try await database.withSession { _ in }
        #expect(driver.open == [2])
        await database.close()
    }

    @Test("A connection that died while it rested is replaced before the next scope begins")
    func replaced() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        driver.kill(1)
        try await database.write { try $0.execute("UPDATE a SET b = 2") }
        #expect(driver.open == [2])
        #expect(database.statistics.connectionsReplaced == 1)
        #expect(database.statistics.retries == 0)
        await database.close()
        // What was prepared on the first is gone with it.
        #expect(driver.log.contains("1 discard UPDATE a SET b = 1"))
    }

    @Test("A connection that can't be replaced is the scope's error, and for a moment that of all who come")
    func notReplaced() async throws {
        let driver = ScriptedDriver { call in
            call.connection == 2 ? .fails(DatabaseError(.authenticationFailed, "wrong password")) : nil
        }
        let clock = ManualClock()
        var environment = PoolEnvironment()
        environment.clock = MonotonicClock(clock)
        let database = try database(driver, environment: environment)
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        driver.kill(1)
        for _ in 0..<10 {
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { try $0.execute("UPDATE a SET b = 1") }
            }
            #expect(error?.code == .authenticationFailed)
        }
        #expect(driver.count("connect") == 2)
        clock.advance(by: .seconds(1))
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        #expect(driver.open == [3])
        await database.close()
    }

    /// A database whose only connection rests and is dead, and whose server is away for one attempt.
    private func outage() async throws -> (Database, ScriptedDriver) {
        let driver = ScriptedDriver { call in
            call.connection == 2 ? .fails(DatabaseError(.cannotConnect, "refused")) : nil
        }
        let database = try SessionBench.database(driver)
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        driver.kill(1)
        return (database, driver)
    }

    @Test("A server that is away for a moment costs a wait and no error, also where a connection rested")
    func replacedAfterOutage() async throws {
        let (database, driver) = try await outage()
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        #expect(driver.open == [3])
        await database.close()
    }

    @Test("That goes for sessions as well, for nothing was sent")
    func replacedAfterOutageInSession() async throws {
        let (database, _) = try await outage()
        try await database.withSession { try $0.execute("UPDATE a SET b = 1") }
        await database.close()
    }

    @Test("A dead connection wakes the one who waits for it")
    func deadWhileWaited() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        let (entered, entry) = AsyncStream<Void>.makeStream()
        let (left, leave) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await database.withSession { session in
                try session.execute("UPDATE a SET b = 1")
                entry.yield()
                for await _ in left { break }
                driver.kill(1)
                try session.execute("UPDATE a SET b = 2")
            }
        }
        for await _ in entered { break }
        let second = Task { try await database.withSession { _ = try $0.execute("UPDATE a SET b = 3") } }
        #expect(await eventually { database.poolFigures[.writer]?.waiting == 1 })
        leave.yield()
        let error = await #expect(throws: DatabaseError.self) { try await first.value }
        #expect(error?.code == .connectionLost)
        try await second.value
        #expect(driver.open == [2])
        #expect(driver.mostOpen == 1)
        await database.close()
    }

    #if os(Linux)
    @Test("Every lane's thread ends with the pool")
    func threads() async throws {
        // Thread names are cut at fifteen bytes, of which the pool takes six for the driver's.
        let name = String(UInt64.random(in: 0...UInt64.max), radix: 36).suffix(6)
        let database = try database(ScriptedDriver(name: String(name)), size: 4)
        func threads() -> Int {
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            return tasks.count { task in
                let comm = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
                return comm?.hasPrefix("db-\(name)-") == true
            }
        }
        let gate = Gate()
        let scopes = (0..<4).map { _ in
            Task { try await database.withSession { _ in gate.pass() } }
        }
        #expect(await eventually { database.poolFigures[.writer]?.leased == 4 })
        #expect(await eventually { threads() == 4 })
        gate.open()
        for scope in scopes { try await scope.value }
        await database.close()
        #expect(await eventually { threads() == 0 })
    }
    #endif
}
