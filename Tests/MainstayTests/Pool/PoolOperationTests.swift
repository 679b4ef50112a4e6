// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Testing

@testable import Mainstay

#if canImport(Glibc)
import Glibc
#endif

/// The pool's shell beyond leases: observers, preparation, deadlines on lanes, forks, the end.
@Suite(.timeLimit(.minutes(1)))
struct PoolOperationTests {
    private let clock = ManualClock()

    private func database(
        _ driver: ScriptedDriver,
        _ pool: PoolConfiguration = PoolConfiguration(size: 1),
        observer: (@Sendable (PoolEvent) -> Void)? = nil,
        forks: @escaping @Sendable () -> Int = { 0 }
    ) throws -> Database {
        var environment = PoolEnvironment()
        environment.clock = MonotonicClock(clock)
        environment.random = { 1 }
        environment.forks = forks
        return try Database(
            driver: driver,
            configuration: DatabaseConfiguration(
                pool: pool,
                retry: .never,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                poolObserver: observer
            ),
            environment: environment
        )
    }

    /// A pool of one connection but for what a function changes.
    private func pool(_ configure: (inout PoolConfiguration) -> Void) -> PoolConfiguration {
        var pool = PoolConfiguration(size: 1)
        configure(&pool)
        return pool
    }

    /// What happened in a word: `leased`, `closed lost`.
    private static func word(_ kind: PoolEvent.Kind) -> String {
        switch kind {
        case .closed(let reason): "closed \(reason)"
        case .checked(let isAlive): "checked \(isAlive)"
        case .reset(let succeeded): "reset \(succeeded)"
        case .leaseFailed(_, let error, _): "leaseFailed \(error.code)"
        default: "\("\(kind)".prefix { $0.isLetter })"
        }
    }

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
