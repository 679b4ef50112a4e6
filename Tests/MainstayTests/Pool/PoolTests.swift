// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Testing

@testable import Mainstay

/// The shell around ``PoolState``: connections on their lanes, tasks that wait, and time.
@Suite(.timeLimit(.minutes(1)))
struct PoolTests {
    /// A pool of a scripted driver, with a clock that stands still.
    private struct Bench {
        let driver: ScriptedDriver
        let clock = ManualClock()
        let statistics = StatisticsCollector()
        let pool: Pool

        init(_ driver: ScriptedDriver = ScriptedDriver(), limit: Int, acquireTimeout: Duration = .seconds(30)) {
            self.driver = driver
            var environment = PoolEnvironment()
            environment.clock = MonotonicClock(clock)
            environment.random = { 1 }
            pool = Pool(
                role: .writer,
                driver: driver,
                configuration: PoolConfiguration(acquireTimeout: acquireTimeout),
                limit: limit,
                statistics: statistics,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                environment: environment
            )
        }

        /// Returns a connection on its lane, as a scope does.
        func giveBack(_ connection: PooledConnection) {
            connection.lane.run { [pool] in pool.giveBack(connection) }
        }

        /// Starts a task that waits for a connection, once it waits.
        func waiter() async -> Task<PooledConnection, any Error> {
            let waiting = pool.figures.waiting
            let task = Task { [pool] in try await pool.lease() }
            #expect(await eventually { pool.figures.waiting > waiting })
            return task
        }
    }

    @Test("200 tasks share three connections, one at a time each, and all come to an end")
    func load() async throws {
        let bench = Bench(limit: 3)
        let users = Shared<[Int: Int]>([:])
        let meetings = Shared(0)
        try await withThrowingTaskGroup { group in
            for task in 0..<200 {
                group.addTask {
                    for _ in 0..<5 {
                        let connection = try await bench.pool.lease()
                        let isAlone = users.change { $0.updateValue(task, forKey: connection.id) == nil }
                        if !isAlone { meetings.change { $0 += 1 } }
                        await Task.yield()
                        users.change { $0[connection.id] = nil }
                        bench.giveBack(connection)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(meetings.value == 0)
        #expect(bench.driver.mostOpen == 3)
        await bench.pool.close()
        #expect(bench.driver.open.isEmpty)
        #expect(bench.pool.figures == PoolFigures(idle: 0, leased: 0, connecting: 0, closing: 0, waiting: 0, limit: 3))
        #expect(bench.statistics.current.connectionsOpened == bench.statistics.current.connectionsClosed)
    }

    @Test("A cancelled task stops waiting, and the others are served")
    func cancellation() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.pool.lease()
        let first = await bench.waiter()
        let second = await bench.waiter()
        first.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await first.value }
        #expect(error?.code == .cancelled)
        #expect(error?.isTransient == false)
        bench.giveBack(held)
        let connection = try await second.value
        #expect(connection === held)
        bench.giveBack(connection)
        await bench.pool.close()
    }

    @Test("A task that was cancelled before it asked does not wait")
    func cancelledEarly() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.pool.lease()
        let gate = AsyncStream<Void>.makeStream()
        let code = Shared<DatabaseError.Code?>(nil)
        let task = Task { [pool = bench.pool] in
            for await _ in gate.stream { break }
            do {
                _ = try await pool.lease()
            } catch let error as DatabaseError {
                code.change { $0 = error.code }
            }
        }
        task.cancel()
        gate.continuation.yield()
        // Were the cancellation missed, awaiting the task would hang.
        try #require(await eventually { code.value == .cancelled })
        #expect(bench.pool.figures.waiting == 0)
        bench.giveBack(held)
        await bench.pool.close()
    }

    @Test("A hundred tasks that are cancelled amid returns lose no connection")
    func cancellationStorm() async throws {
        let bench = Bench(limit: 2)
        let tasks = (0..<300).map { number in
            Task {
                guard let connection = try? await bench.pool.lease() else { return number % 3 == 0 }
                await Task.yield()
                bench.giveBack(connection)
                return true
            }
        }
        for (number, task) in tasks.enumerated() where number % 3 == 0 {
            task.cancel()
            await Task.yield()
        }
        for task in tasks {
            #expect(await task.value)
        }
        let (one, two) = (try await bench.pool.lease(), try await bench.pool.lease())
        #expect(one !== two)
        bench.giveBack(one)
        bench.giveBack(two)
        await bench.pool.close()
        #expect(bench.driver.open.isEmpty)
    }

    @Test("A wait that takes too long ends with the pool's numbers")
    func acquireTimeout() async throws {
        let bench = Bench(limit: 1, acquireTimeout: .milliseconds(1500))
        let held = try await bench.pool.lease()
        let waiter = await bench.waiter()
        #expect(await eventually { bench.clock.deadlines == [.milliseconds(1500)] })
        bench.clock.advance(by: .milliseconds(1499))
        #expect(bench.pool.figures.waiting == 1)
        bench.clock.advance(by: .milliseconds(1))
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .acquireTimeout)
        #expect(
            error?.message == "no connection became free within 1.5 s: 1 of at most 1 are leased, 0 are being opened, "
                + "1 tasks wait"
        )
        bench.giveBack(held)
        await bench.pool.close()
    }

    @Test(
        "What contradicts itself is refused, and what no clock can wait for",
        arguments: [
            PoolConfiguration(size: 0), PoolConfiguration(size: -1), PoolConfiguration(acquireTimeout: .zero),
            PoolConfiguration(acquireTimeout: .seconds(Int64.max)), PoolConfiguration(connectTimeout: .seconds(-1)),
            PoolConfiguration(connectTimeout: .seconds(Int64.max)), PoolConfiguration(statementCacheCapacity: 0),
        ]
    )
    func contradictions(pool: PoolConfiguration) {
        let error = #expect(throws: DatabaseError.self) {
            try Database(ScriptedDriver(), configuration: DatabaseConfiguration(pool: pool))
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("The alarm rings for each waiter in turn")
    func timeoutsInTurn() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.pool.lease()
        let first = await bench.waiter()
        bench.clock.advance(by: .seconds(10))
        let second = await bench.waiter()
        #expect(await eventually { bench.clock.deadlines == [.seconds(30)] })
        bench.clock.advance(by: .seconds(20))
        await #expect(throws: DatabaseError.self) { try await first.value }
        #expect(await eventually { bench.clock.deadlines == [.seconds(40)] })
        #expect(bench.pool.figures.waiting == 1)
        bench.clock.advance(by: .seconds(10))
        await #expect(throws: DatabaseError.self) { try await second.value }
        bench.giveBack(held)
        await bench.pool.close()
    }

    @Test("Closing waits for what is leased, and tells those who wait")
    func closing() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.pool.lease()
        let waiter = await bench.waiter()
        let isClosed = Shared(false)
        let closing = Task { [pool = bench.pool] in
            await pool.close()
            isClosed.change { $0 = true }
        }
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .databaseClosed)
        await #expect(throws: DatabaseError.self) { try await bench.pool.lease() }
        #expect(bench.driver.open == [1])
        #expect(!isClosed.value)
        bench.giveBack(held)
        await closing.value
        #expect(bench.driver.open.isEmpty)
        // A second time there is nothing to wait for.
        await bench.pool.close()
    }

    @Test("A connection that is opened after closing is closed again, and closing waits for it")
    func closingWhileConnecting() async throws {
        let gate = Gate()
        let bench = Bench(
            ScriptedDriver { $0.operation == "connect" ? ScriptedDriver.Answer(gate: gate) : nil },
            limit: 1
        )
        let waiter = await bench.waiter()
        #expect(await eventually { bench.driver.open == [1] })
        let closing = Task { [pool = bench.pool] in await pool.close() }
        await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(bench.pool.figures.connecting == 1)
        gate.open()
        await closing.value
        #expect(bench.driver.log == ["1 connect", "1 close"])
    }
}
