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
                configuration: PoolConfiguration(size: limit, acquireTimeout: acquireTimeout),
                statistics: statistics,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                environment: environment
            )
        }

        /// Leases a connection, waiting for one if need be.
        func lease() async throws -> Lease {
            try await pool.lease(at: CallSite(fileID: "Shop/Orders.swift", line: 42))
        }

        /// Returns a connection on its lane, as a scope does.
        func giveBack(_ lease: Lease) {
            lease.connection.lane.run { [pool] in pool.giveBack(lease, .clean) }
        }

        /// Starts a task that waits for a connection, once it waits.
        func waiter() async -> Task<Lease, any Error> {
            let waiting = pool.figures.waiting
            let task = Task { try await lease() }
            #expect(await eventually { pool.figures.waiting > waiting })
            return task
        }
    }

    @Test("200 tasks share three connections, one at a time each, and all come to an end")
    func load() async throws {
        let bench = Bench(limit: 3)
        let users = Shared<[SlotID: Int]>([:])
        let meetings = Shared(0)
        try await withThrowingTaskGroup { group in
            for task in 0..<200 {
                group.addTask {
                    for _ in 0..<5 {
                        let lease = try await bench.lease()
                        let isAlone = users.change { $0.updateValue(task, forKey: lease.slot) == nil }
                        if !isAlone { meetings.change { $0 += 1 } }
                        await Task.yield()
                        users.change { $0[lease.slot] = nil }
                        bench.giveBack(lease)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(meetings.value == 0)
        #expect(bench.driver.mostOpen == 3)
        await bench.pool.close(grace: .seconds(10))
        #expect(bench.driver.open.isEmpty)
        #expect(bench.pool.figures.connections == 0 && bench.pool.figures.waiting == 0)
        #expect(bench.statistics.current.connectionsOpened == bench.statistics.current.connectionsClosed)
    }

    @Test("A cancelled task stops waiting, and the others are served")
    func cancellation() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.lease()
        let first = await bench.waiter()
        let second = await bench.waiter()
        first.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await first.value }
        #expect(error?.code == .cancelled)
        #expect(error?.isTransient == false)
        bench.giveBack(held)
        let lease = try await second.value
        #expect(lease.connection === held.connection)
        bench.giveBack(lease)
        await bench.pool.close(grace: .seconds(10))
    }

    @Test("A task that was cancelled before it asked does not wait")
    func cancelledEarly() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.lease()
        let gate = AsyncStream<Void>.makeStream()
        let code = Shared<DatabaseError.Code?>(nil)
        let task = Task {
            for await _ in gate.stream { break }
            do {
                _ = try await bench.lease()
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
        await bench.pool.close(grace: .seconds(10))
    }

    @Test("A hundred tasks that are cancelled amid returns lose no connection")
    func cancellationStorm() async throws {
        let bench = Bench(limit: 2)
        let tasks = (0..<300).map { number in
            Task {
                guard let lease = try? await bench.lease() else { return number % 3 == 0 }
                await Task.yield()
                bench.giveBack(lease)
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
        let (one, two) = (try await bench.lease(), try await bench.lease())
        #expect(one.connection !== two.connection)
        bench.giveBack(one)
        bench.giveBack(two)
        await bench.pool.close(grace: .seconds(10))
        #expect(bench.driver.open.isEmpty)
    }

    @Test("A wait that takes too long ends with the pool's numbers")
    func acquireTimeout() async throws {
        let bench = Bench(limit: 1, acquireTimeout: .milliseconds(1500))
        let held = try await bench.lease()
        let waiter = await bench.waiter()
        #expect(await eventually { bench.clock.deadlines == [.milliseconds(1500)] })
        bench.clock.advance(by: .milliseconds(1499))
        #expect(bench.pool.figures.waiting == 1)
        bench.clock.advance(by: .milliseconds(1))
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .acquireTimeout)
        #expect(
            error?.message == "no connection became free within 1.5 s: 1 of at most 1 are leased, 0 are being opened, "
                + "1 tasks wait; leased at Shop/Orders.swift:42 for 1.5 s"
        )
        bench.giveBack(held)
        await bench.pool.close(grace: .seconds(10))
    }

    @Test("The alarm rings for each waiter in turn")
    func timeoutsInTurn() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.lease()
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
        await bench.pool.close(grace: .seconds(10))
    }

    @Test("A lease that has ended makes nobody's wait a deadlock, though the task and the slot be the same")
    func endedLease() async throws {
        let bench = Bench(limit: 1)
        let ended = try await bench.lease()
        await HeldLease.with(ended, of: bench.pool, in: bench.pool) {
            #expect(HeldLease.current(of: bench.pool) == ended.slot)
            bench.giveBack(ended)
            #expect(await eventually { bench.pool.figures.idle == 1 })
            #expect(HeldLease.current(of: bench.pool) == nil)
            // The slot is leased again, by another task.
            let other = await Task.detached { try? await bench.lease() }.value
            #expect(other?.slot == ended.slot)
            Task.detached {
                #expect(await eventually { bench.pool.figures.waiting == 1 })
                if let other { bench.giveBack(other) }
            }
            do {
                bench.giveBack(try await bench.lease())
            } catch {
                Issue.record("\(error)")
            }
        }
        await bench.pool.close(grace: .seconds(10))
    }

    @Test("Closing waits for what is leased, and tells those who wait")
    func closing() async throws {
        let bench = Bench(limit: 1)
        let held = try await bench.lease()
        let waiter = await bench.waiter()
        let isClosed = Shared(false)
        let closing = Task { [pool = bench.pool] in
            await pool.close(grace: .seconds(10))
            isClosed.change { $0 = true }
        }
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .databaseClosed)
        await #expect(throws: DatabaseError.self) { try await bench.lease() }
        #expect(bench.driver.open == [1])
        #expect(!isClosed.value)
        bench.giveBack(held)
        await closing.value
        #expect(bench.driver.open.isEmpty)
        // A second time there is nothing to wait for.
        await bench.pool.close(grace: .seconds(10))
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
        let closing = Task { [pool = bench.pool] in await pool.close(grace: .seconds(10)) }
        await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(bench.pool.figures.connecting == 1)
        gate.open()
        await closing.value
        #expect(bench.driver.log == ["1 connect", "1 close"])
    }
}
