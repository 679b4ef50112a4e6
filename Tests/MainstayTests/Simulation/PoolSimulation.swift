// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import MainstayTesting

@testable import Mainstay

/// One schedule: a database of its own with a random configuration, tasks that use it in random ways, a server and an operator
/// that trouble them, and what must hold after every single job.
///
/// `@unchecked Sendable`: touched only by the thread that runs it.
final class PoolSimulation: @unchecked Sendable {
    let seed: UInt64
    let scheduler: SimulatedScheduler
    let server: SimulatedServer
    let configuration: PoolConfiguration
    let database: Database
    /// The tasks that have not ended.
    private var running = 0
    private var closings = 0
    private var readings = 0
    private var examinedAt = Duration.zero
    private var invariants: PoolInvariants
    /// What went wrong first.
    private(set) var fault: String?
    /// What happened, if it is to be told.
    private(set) var history: [String] = []
    private let isTold: Bool

    init(seed: UInt64, isTold: Bool = false) throws {
        self.isTold = isTold
        self.seed = seed
        let scheduler = SimulatedScheduler(seed: seed)
        self.scheduler = scheduler
        server = SimulatedServer(scheduler)
        configuration = Self.configuration(scheduler)
        let told = Told()
        database = try Database(
            driver: server,
            configuration: DatabaseConfiguration(
                pool: configuration,
                retry: RetryPolicy(maxAttempts: 2, backoff: Backoff(first: .milliseconds(10), limit: .seconds(1))),
                logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() },
                poolObserver: { told.events.append($0) }
            ),
            environment: server.environment()
        )
        invariants = PoolInvariants(database.writers, server, told)
    }

    /// What the pool told since it was last asked.
    final class Told: @unchecked Sendable {
        var events: [PoolEvent] = []
    }

    // MARK: - The run

    /// Runs the schedule to its end: until every task has ended, the pool is at rest, and the database is closed.
    func run() {
        let tasks = scheduler.random(2..<6)
        for number in 1...tasks { start(number) }
        trouble()
        advance(by: .seconds(600)) { self.running == 0 }
        check(running == 0, "\(running) tasks never ended")
        rest()
        close()
    }

    /// Runs until a condition holds, a fault is found, or nothing happens any more.
    private func advance(by duration: Duration, until isDone: () -> Bool) {
        let deadline = scheduler.now + duration
        while fault == nil, !isDone(), scheduler.step(until: deadline) {
            if isTold { tell() }
            examine()
            check(scheduler.steps < 50_000, "the schedule does not end")
        }
    }

    /// Checks what must hold, if the pool did anything; it does nothing without looking at the clock.
    private func examine() {
        guard scheduler.readings != readings || scheduler.now != examinedAt else { return }
        (readings, examinedAt) = (scheduler.readings, scheduler.now)
        if let broken = invariants.broken(at: scheduler.now) { check(false, broken) }
    }

    /// Writes down what happened in the last step, and what the pool is like after it.
    private func tell() {
        let events = invariants.told.events.map { "\($0.kind)" }
        let line = "\(scheduler.now): \(invariants.description)\(events.isEmpty ? "" : " <- \(events)")"
        if history.last != line { history.append(line) }
    }

    func check(_ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds, fault == nil { fault = "\(what()) (after \(scheduler.steps) steps, at \(scheduler.now))" }
    }

    /// Without trouble, nothing is in use, and what the pool counts is what the server sees.
    private func rest() {
        guard fault == nil else { return }
        server.isUp = true
        server.odds = .none
        database.resume()
        advance(by: .seconds(45)) { false }
        let figures = database.writers.figures
        check(figures.leased == 0 && figures.waiting == 0, "a slot is lost: \(figures.leased) leased at rest")
        check(
            figures.connections == figures.idle + figures.checking && figures.connections == server.open.count,
            "the pool has \(figures.connections) connections at rest, \(figures.idle) idle, the server \(server.open.count)"
        )
        check(figures.idle <= configuration.minimumIdle, "\(figures.idle) connections rest beyond the idle timeout")
    }

    private func close() {
        guard fault == nil else { return }
        closeInTime()
        advance(by: .seconds(300)) { false }
        check(closings == 0, "closing did not end")
        check(database.writers.figures.connections == 0, "there are slots after closing")
        check(server.open.isEmpty, "\(server.open.count) connections are open after closing")
        check(server.lanes.allSatisfy(\.isStopped), "a lane was not stopped")
        check(scheduler.isQuiet, "something is still to happen after closing")
    }

    /// Closes the database, and checks that this ends when the grace is over, with nothing left in use.
    private func closeInTime() {
        let deadline = scheduler.now + configuration.closeGrace + configuration.resetTimeout
        closings += 1
        scheduler.task { [self] in
            await database.close()
            closings -= 1
            check(scheduler.now <= deadline, "closing did not end in time")
            check(database.writers.figures.leased == 0, "a connection is leased after closing")
        }
    }

    // MARK: - Tasks

    private func start(_ number: Int) {
        running += 1
        let task = scheduler.task { [self] in
            for _ in 0..<scheduler.random(1..<3) {
                await pause(scheduler.chance(50) ? .zero : .milliseconds(scheduler.random(0..<3000)))
                await scope(number, depth: 0)
            }
            running -= 1
        }
        if scheduler.chance(20) {
            scheduler.at(.milliseconds(scheduler.random(0..<6000))) { task.cancel() }
        }
    }

    private func scope(_ number: Int, depth: Int) async {
        let line = UInt(number)
        if scheduler.chance(50) {
            _ = try? await database.withSession(line: line) { try await self.use($0, number, depth) }
        } else {
            _ = try? await database.write(line: line) { try await self.use($0, number, depth) }
        }
    }

    private func use(_ session: isolated Session, _ number: Int, _ depth: Int) async throws {
        // A scope that does nothing.
        if scheduler.chance(10) { return }
        let user = number * 10 + depth
        try session.execute("enter \(user)")
        if scheduler.chance(30) { session.context.resource.isTouched = true }
        if scheduler.chance(60) { await pause(.milliseconds(scheduler.random(0..<2000))) }
        if scheduler.chance(3) { await pause(.seconds(scheduler.random(5..<40))) }
        if scheduler.chance(10), depth < 2 { await scope(number, depth: depth + 1) }
        if scheduler.chance(10) { throw CancellationError() }
        try session.execute("leave \(user)")
        if scheduler.chance(30) { try session.commit() }
    }

    private func pause(_ duration: Duration) async {
        try? await scheduler.sleep(until: scheduler.now + duration)
    }

    // MARK: - Trouble

    private func trouble() {
        func sometimes(_ percent: Int, _ event: @escaping @Sendable () -> Void) {
            guard scheduler.chance(percent) else { return }
            scheduler.at(.milliseconds(scheduler.random(0..<8000)), event)
        }
        sometimes(30) { [self] in
            server.goDown()
            scheduler.at(scheduler.now + .milliseconds(scheduler.random(0..<20_000))) { [self] in server.isUp = true }
        }
        sometimes(30) { [self] in server.killOne() }
        sometimes(15) { [self] in database.evictConnections(.afterUse) }
        sometimes(15) { [self] in database.evictConnections(.atOnce) }
        sometimes(15) { [self] in
            database.suspend()
            scheduler.at(scheduler.now + .milliseconds(scheduler.random(0..<8000))) { [self] in database.resume() }
        }
        sometimes(15) { [self] in
            let size = scheduler.random(1..<5)
            invariants.resized(to: size + configuration.overflow)
            try? database.resizePool(size: size)
        }
        sometimes(8) { [self] in closeInTime() }
    }

    private static func configuration(_ scheduler: SimulatedScheduler) -> PoolConfiguration {
        func seconds(_ range: Range<Int>) -> Duration { .milliseconds(scheduler.random(range) * 1000) }
        var pool = PoolConfiguration()
        pool.size = scheduler.random(1..<4)
        pool.overflow = scheduler.chance(25) ? 1 : 0
        pool.minimumIdle = scheduler.chance(40) ? 1 : 0
        pool.acquireTimeout = seconds(1..<20)
        pool.waiterLimit = scheduler.chance(15) ? scheduler.random(0..<3) : nil
        pool.parallelConnects = scheduler.random(1..<4)
        pool.connectTimeout = seconds(1..<10)
        pool.idleTimeout = seconds(2..<20)
        pool.overflowTimeout = seconds(1..<5)
        pool.maxLifetime = scheduler.chance(50) ? seconds(20..<60) : nil
        pool.keepAlivePeriod = scheduler.chance(50) ? seconds(5..<15) : nil
        pool.pingAfter = scheduler.chance(50) ? seconds(0..<4) : nil
        pool.checkTimeout = seconds(1..<5)
        pool.resetTimeout = seconds(1..<5)
        pool.resetPolicy = scheduler.chance(20) ? .always : .whenTouched
        pool.leakThreshold = scheduler.chance(20) ? seconds(1..<5) : nil
        pool.closeGrace = seconds(0..<10)
        pool.warmUp = scheduler.chance(20) ? .atStart : .onFirstUse
        return pool
    }
}
