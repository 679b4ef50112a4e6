// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import Testing

@testable import Mainstay

#if canImport(Glibc)
import Glibc
#endif

/// The pool's shell beyond leases: observers, warming up, sizes, forks, the end.
@Suite(.timeLimit(.minutes(1)))
struct PoolOperationTests: PoolOperationBench {
    let clock = ManualClock()

    // MARK: - Observers

    @Test("Observers are told in order, and may ask the pool for its figures")
    func observer() async throws {
        let words = Shared<[String]>([])
        let driver = ScriptedDriver()
        let holder = Shared<Database?>(nil)
        let database = try database(
            driver,
            observer: { event in
                // Were the lock held, this would never return.
                _ = holder.value?.poolFigures
                words.change { $0.append(Self.word(event.kind)) }
            }
        )
        holder.change { $0 = database }
        try await database.write { try $0.execute("SET a = 1") }
        #expect(await eventually { database.poolFigures[.writer]?.idle == 1 })
        driver.kill(1)
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        await database.close()
        holder.change { $0 = nil }
        #expect(
            words.value == [
                "waiting", "connected", "leased", "returned", "reset true", "leased", "returned", "outage",
                "closed lost",
                "waiting", "connected", "leased", "returned", "closing", "closed databaseClosed",
            ]
        )
    }

    @Test("A sequence of events ends with the database, and one that comes later is empty")
    func events() async throws {
        let database = try database(ScriptedDriver())
        let events = database.poolEvents()
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        await database.close()
        var words: [String] = []
        for await event in events { words.append(Self.word(event.kind)) }
        #expect(words == ["waiting", "connected", "leased", "returned", "closing", "closed databaseClosed"])
        for await event in database.poolEvents() { Issue.record("\(event)") }
    }

    @Test("A failed wait is an event, with the place that waited")
    func failedLease() async throws {
        let seen = Shared<[String]>([])
        let driver = ScriptedDriver { _ in .fails(DatabaseError(.authenticationFailed, "wrong password")) }
        let database = try database(
            driver,
            observer: { event in
                guard case .leaseFailed(let site, let error, _) = event.kind else { return }
                seen.change { $0.append("\(site) \(error.code)") }
            }
        )
        await #expect(throws: DatabaseError.self) { try await database.execute("SELECT 1", line: 7) }
        #expect(seen.value == ["MainstayTests/PoolOperationTests.swift:7 authenticationFailed"])
        await database.close()
    }

    @Test("A long lease is reported with where its scope begins")
    func longLease() async throws {
        let seen = Shared<[String]>([])
        let database = try database(
            ScriptedDriver(),
            pool { $0.leakThreshold = .seconds(60) },
            observer: { event in
                guard case .longLease(let site, let held) = event.kind else { return }
                seen.change { $0.append("\(site) \(held)") }
            }
        )
        try await database.withSession(line: 7) { _ in
            #expect(await eventually { !self.clock.deadlines.isEmpty })
            self.clock.advance(by: .seconds(60))
            #expect(await eventually { !seen.value.isEmpty })
        }
        #expect(seen.value == ["MainstayTests/PoolOperationTests.swift:7 60.0 seconds"])
        #expect(database.poolFigures[.writer]?.totals.longLeases == 1)
        await database.close()
    }

    // MARK: - Operation

    @Test("Warming up opens as many as are asked for, each once, and says why not")
    func warmUp() async throws {
        let driver = ScriptedDriver { call in
            call.connection > 5 && call.operation == "connect" ? .fails(DatabaseError(.unknownDatabase, "gone")) : nil
        }
        let database = try database(driver, pool { $0.size = 5 })
        try await database.warmUp(3)
        #expect(driver.open == [1, 2, 3])
        #expect(database.poolFigures[.writer]?.idle == 3)
        await database.close()

        // Those that were opened before the one that could not be are given back.
        let partly = try self.database(driver, pool { $0.size = 5 })
        await #expect(throws: DatabaseError.self) { try await partly.warmUp(5) }
        #expect(await eventually { partly.poolFigures[.writer].map { $0.leased == 0 && $0.connecting == 0 } ?? false })
        await partly.close()

        let refusing = ScriptedDriver { _ in .fails(DatabaseError(.authenticationFailed, "wrong password")) }
        let other = try self.database(refusing)
        let error = await #expect(throws: DatabaseError.self) { try await other.warmUp() }
        #expect(error?.code == .authenticationFailed)
        await other.close()
    }

    @Test("More connections than a pool may have can't be opened, and nobody waits for them")
    func warmUpTooMany() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver, pool { $0.size = 3 })
        let error = await #expect(throws: DatabaseError.self) { try await database.warmUp(4) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message == "4 connections were to be opened, and the pool may have 3 at most")
        try database.resizePool(size: 4)
        try await database.warmUp(4)
        #expect(driver.open.count == 4)
        await database.close()
        // Where there can be only one writer, that one is opened.
        let file = try self.database(ScriptedDriver(topology: .singleWriter), pool { $0.size = 3 })
        try await file.warmUp(3)
        #expect(file.poolFigures.mapValues(\.idle) == [.writer: 1, .reader: 3])
        await file.close()
    }

    @Test("Two that warm a pool up at once wait for the same connections, and for no scope")
    func warmUpTwice() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver, pool { $0.size = 4 })
        try await database.withSession { _ in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await database.warmUp(4) } }
                try await group.waitForAll()
            }
        }
        #expect(driver.count("connect") == 4)
        #expect(database.poolFigures[.writer]?.totals.leases == 1)
        await database.close()
    }

    @Test("Who gives up warming up is let go at once")
    func warmUpCancelled() async throws {
        let gate = Gate()
        let driver = ScriptedDriver { $0.operation == "connect" ? ScriptedDriver.Answer(gate: gate) : nil }
        let database = try database(driver)
        let task = Task { try await database.warmUp() }
        #expect(await eventually { driver.open == [1] })
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        gate.open()
        await database.close()
    }

    @Test("What is not given when the size changes stays as it is")
    func resize() async throws {
        let database = try database(
            ScriptedDriver(),
            pool {
                $0.size = 4
                $0.overflow = 2
                $0.minimumIdle = 3
            }
        )
        try database.resizePool(size: 2)
        #expect(database.poolFigures[.writer].map { [$0.size, $0.limit, $0.minimumIdle] } == [2, 4, 2])
        try database.resizePool(size: 5, overflow: 1)
        #expect(database.poolFigures[.writer].map { [$0.size, $0.limit, $0.minimumIdle] } == [5, 6, 2])
        for call in [{ try database.resizePool(size: 0) }, { try database.resizePool(size: 2, minimumIdle: 3) }] {
            let error = #expect(throws: DatabaseError.self) { try call() }
            #expect(error?.code == .invalidConfiguration)
        }
        await database.close()
    }

    @Test("A grace beyond all measure is a day, and one below zero is none")
    func longGrace() async throws {
        let database = try database(ScriptedDriver())
        let holding = Shared(false)
        let scope = Task {
            try await database.withSession { _ in
                holding.change { $0 = true }
                try await self.clock.sleep(until: self.clock.now.advanced(by: .seconds(100_000)), tolerance: nil)
            }
        }
        #expect(await eventually { holding.value && clock.deadlines.contains(.seconds(100_000)) })
        async let closing: Void = database.close(grace: .seconds(Int64.max))
        #expect(await eventually { database.writers.state.withLock { $0.decisions.isRefusing } })
        // The alarm was set for something earlier.
        clock.advance(by: .seconds(30))
        #expect(await eventually { clock.deadlines.contains(.seconds(86_400)) })
        async let other: Void = database.close(grace: .seconds(-1))
        #expect(await eventually { database.poolFigures[.writer]?.totals.closes == [.databaseClosed: 1] })
        clock.advance(by: .seconds(100_000))
        _ = try? await scope.value
        _ = await (closing, other)
    }

    @Test("A pool that is to be warm at its start opens its minimum without being asked")
    func warmAtStart() async throws {
        let driver = ScriptedDriver()
        let database = try database(
            driver,
            pool {
                $0.size = 3
                $0.minimumIdle = 2
                $0.warmUp = .atStart
            }
        )
        #expect(await eventually { database.poolFigures[.writer]?.idle == 2 })
        await database.close()
        #expect(driver.open.isEmpty)
    }

    @Test("A database that goes without being closed closes its connections")
    func abandoned() async throws {
        let driver = ScriptedDriver()
        do {
            let database = try database(driver)
            try await database.execute("SELECT 1")
        }
        #expect(await eventually { driver.open.isEmpty })
    }

    @Test("Closing twice, also at the same time, is closing once, and afterwards nothing begins")
    func closingTwice() async throws {
        let driver = ScriptedDriver()
        let database = try database(driver)
        try await database.execute("SELECT 1")
        async let one: Void = database.close()
        async let other: Void = database.close()
        _ = await (one, other)
        await database.close(grace: .zero)
        #expect(driver.count("close") == 1)
        for call in [{ try await database.warmUp() }, { _ = try await database.execute("SELECT 1") }] {
            let error = await #expect(throws: DatabaseError.self) { try await call() }
            #expect(error?.code == .databaseClosed)
        }
        database.evictConnections(.atOnce)
        database.suspend()
        database.resume()
        #expect(database.poolFigures[.writer]?.connections == 0)
    }

    @Test("Where there are two pools, no scope begins in either once closing began, and one grace holds for both")
    func closingBoth() async throws {
        let driver = ScriptedDriver(topology: .singleWriter)
        let database = try database(driver, pool { $0.closeGrace = .seconds(10) })
        let (gates, holding) = ([Gate(), Gate()], Shared(0))
        let reading = Task {
            try await database.read { _ in
                holding.change { $0 += 1 }
                gates[0].pass()
            }
        }
        let writing = Task {
            try await database.write { session in
                try session.execute("UPDATE a SET b = 1")
                holding.change { $0 += 1 }
                gates[1].pass()
                try session.execute("UPDATE a SET b = 2")
            }
        }
        #expect(await eventually { holding.value == 2 })
        let closing = Task { await database.close() }
        #expect(await eventually { clock.deadlines == [.seconds(10), .seconds(10)] })
        let refusals = [
            await #expect(throws: DatabaseError.self) { try await database.read { _ in } },
            await #expect(throws: DatabaseError.self) { try await database.write { _ in } },
        ]
        for error in refusals { #expect(error?.code == .databaseClosed) }
        clock.advance(by: .seconds(10))
        #expect(await eventually { driver.count("abort") == 2 })
        gates.forEach { $0.open() }
        try await reading.value
        let error = await #expect(throws: DatabaseError.self) { try await writing.value }
        #expect(error?.code == .connectionLost)
        await closing.value
        #expect(clock.now == ManualClock().now.advanced(by: .seconds(10)))
        #expect(driver.open.isEmpty)
    }

    @Test("The writer's connection is the last to be closed, also if it rests all the time")
    func writerLast() async throws {
        let driver = ScriptedDriver(topology: .singleWriter)
        let database = try database(driver)
        try await database.write { try $0.execute("UPDATE a SET b = 1") }
        let (gate, holding) = (Gate(), Shared(false))
        let reading = Task {
            try await database.read { session in
                try session.execute("SELECT 1")
                holding.change { $0 = true }
                gate.pass()
            }
        }
        #expect(await eventually { holding.value })
        let closing = Task { await database.close() }
        #expect(await eventually { clock.deadlines.contains(.seconds(10)) })
        #expect(driver.open == [1, 2])
        gate.open()
        _ = try? await reading.value
        await closing.value
        #expect(driver.log.filter { $0.hasSuffix("close") } == ["2 close", "1 close"])
    }

    // MARK: - Forks

    @Test("A pool that had connections before a fork is not used after it, and one that had none is")
    func fork() async throws {
        let forks = Shared(0)
        let fresh = try database(ScriptedDriver(), forks: { forks.value })
        let used = try database(ScriptedDriver(), forks: { forks.value })
        try await used.execute("SELECT 1")
        forks.change { $0 = 1 }
        let error = await #expect(throws: DatabaseError.self) { try await used.execute("SELECT 1") }
        #expect(error?.code == .usedAfterFork)
        try await fresh.execute("SELECT 1")
        await fresh.close()
        // The child can't close what is the parent's, and does not wait for it.
        await used.close()
        forks.change { $0 = 0 }
        await used.close()
    }

    #if canImport(Glibc)
    @Test("A child of a fork counts one more than its parent")
    func forkCount() throws {
        let parents = ForkCount.current
        // Swift hides the call, which is safe here: the child does nothing but ask and exit.
        let symbol = try #require(dlsym(nil, "fork"))
        let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
        let child = fork()
        if child == 0 { _exit(ForkCount.current == parents + 1 ? 42 : 1) }
        var status: Int32 = 0
        #expect(waitpid(child, &status, 0) == child)
        #expect((status >> 8) & 0xFF == 42)
        #expect(ForkCount.current == parents)
    }
    #endif
}
