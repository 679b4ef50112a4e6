// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Carries out what ``PoolState`` decides: opens, checks, resets and closes connections on their lanes, resumes waiters,
/// keeps time, and tells observers.
///
/// Nothing blocks and nothing of the user's runs while the lock is held.
final class Pool: Sendable {
    /// What is done with a lease, or with the reason why there is none. Called on any thread, and not to block it.
    typealias Granted = @Sendable (Result<Lease, DatabaseError>) -> Void

    struct State {
        var decisions: PoolState
        /// The connections by the index of their slots.
        var connections: [PooledConnection?] = []
        var waiters: [PoolState.WaiterID: (PoolState.Waiter, Granted)] = [:]
        var warmUps: [PoolState.WaiterID: CheckedContinuation<Void, any Error>] = [:]
        var nextWaiter = 0
        /// Whether a connection was opened once; the one to a database in memory is not opened again.
        var hasOpened = false
        /// When the alarm rings; nil if it does not.
        var ringsAt: Duration?
        var drained: [CheckedContinuation<Void, Never>] = []
        /// How often the process had been forked when the first connection was opened.
        var forks = 0
        /// How often the figures were read.
        var readings = 0
    }

    let role: Role
    let driver: any Driver
    let configuration: PoolConfiguration
    let observers: PoolObservers
    let statistics: StatisticsCollector
    let logger: Logger
    let environment: PoolEnvironment
    let alarm: any Alarm
    let state: UnfairMutex<State>

    /// - Parameter configuration: A valid one. Where the driver has one writer only, its size is 1.
    init(
        role: Role,
        driver: any Driver,
        configuration: PoolConfiguration,
        observers: PoolObservers = PoolObservers(),
        statistics: StatisticsCollector,
        logger: Logger,
        environment: PoolEnvironment
    ) {
        self.role = role
        self.driver = driver
        self.configuration = configuration
        self.observers = observers
        self.statistics = statistics
        self.logger = logger
        self.environment = environment
        alarm = environment.makeAlarm(environment.clock)
        let decisions = PoolState(
            configuration: configuration,
            isPermanent: driver.topology == .singleConnection,
            backoff: environment.backoff,
            seed: UInt64(environment.random() * 0x1p53)
        )
        state = UnfairMutex(State(decisions: decisions, forks: environment.forks()))
        if configuration.warmUp == .atStart { start() }
    }

    /// Whether there is one connection whatever the configuration says: the writer beside many readers, or a database in memory.
    var isSingle: Bool {
        switch driver.topology {
        case .uniform: false
        case .singleWriter: role == .writer
        case .singleConnection: true
        }
    }

    // MARK: - Leases

    /// Leases a connection, waiting for one if need be.
    ///
    /// - Parameters:
    ///   - deadline: When the scope's own time is over.
    ///   - earlier: A lease whose connection was found dead before it was used: its wait goes on, with its
    ///     place in the queue and its deadline.
    /// - Throws: `acquireTimeout`, `poolExhausted`, `wouldDeadlock`, `cancelled`, `databaseClosed`, `usedAfterFork`, or why no
    ///   connection could be opened.
    func lease(
        at site: CallSite,
        until deadline: Duration? = nil,
        insteadOf earlier: Lease? = nil
    ) async throws -> Lease {
        switch try take(at: site, until: deadline, insteadOf: earlier) {
        case .lease(let lease): return lease
        case .waiter(let waiter): return try await wait(waiter)
        }
    }

    /// Leases a connection, and calls a function with it: at once, or when there is one.
    ///
    /// - Returns: By which number the wait is cancelled; nil if the function was called.
    func lease(
        at site: CallSite,
        until deadline: Duration?,
        insteadOf earlier: Lease?,
        _ granted: @escaping Granted
    ) -> PoolState.WaiterID? {
        do throws(DatabaseError) {
            switch try take(at: site, until: deadline, insteadOf: earlier) {
            case .lease(let lease): granted(.success(lease))
            case .waiter(let waiter):
                wait(waiter, granted)
                return waiter.id
            }
        } catch {
            granted(.failure(error))
        }
        return nil
    }

    private enum Taking {
        case lease(Lease)
        /// There is none; this is who waits.
        case waiter(PoolState.Waiter)
    }

    /// Leases a connection that rests: the common case, one lock and no suspension.
    ///
    /// - Throws: `usedAfterFork`.
    private func take(
        at site: CallSite,
        until deadline: Duration?,
        insteadOf earlier: Lease?
    ) throws(DatabaseError) -> Taking {
        if let earlier {
            return .waiter(
                waiter(earlier.waiter, at: site, since: earlier.askedAt, until: deadline, isBack: true)
            )
        }
        let now = environment.clock.now()
        let forks = environment.forks()
        let (id, lease, ringAt) = try state.withLock { state throws(DatabaseError) in
            if let refusal = state.refusalAfterFork(forks) { throw refusal }
            let id = state.newWaiter()
            guard let slot = state.decisions.acquireAtOnce(id, site: site, now: now),
                let lease = state.lease(slot, waiter: id, site: site, askedAt: now, now: now)
            else { return (id, nil as Lease?, nil as Duration?) }
            return (id, lease, state.newRinging())
        }
        guard let lease else { return .waiter(waiter(id, at: site, since: now, until: deadline)) }
        if let ringAt { ring(at: ringAt) }
        if !observers.isEmpty { tell(.leased(at: site, waited: .zero)) }
        return .lease(lease)
    }

    /// Who waits from now on. Asked in the task that does.
    private func waiter(
        _ id: PoolState.WaiterID,
        at site: CallSite,
        since: Duration,
        until deadline: Duration?,
        isBack: Bool = false
    ) -> PoolState.Waiter {
        let end = since + configuration.acquireTimeout
        return PoolState.Waiter(
            id: id,
            since: since,
            deadline: deadline.map { min(end, $0) } ?? end,
            site: site,
            holds: HeldLease.current(of: self),
            isBack: isBack
        )
    }

    private func wait(_ waiter: PoolState.Waiter) async throws -> Lease {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(waiter) { continuation.resume(with: $0.mapError { $0 as any Error }) }
                // The handler may have run before the waiter was known.
                if Task.isCancelled { cancel(waiter.id) }
            }
        } onCancel: {
            cancel(waiter.id)
        }
    }

    private func wait(_ waiter: PoolState.Waiter, _ granted: @escaping Granted) {
        var isWaiting = false
        change(telling: { isWaiting ? .waiting(at: waiter.site) : nil }) { state in
            state.waiters[waiter.id] = (waiter, granted)
            let actions = state.decisions.acquire(waiter, now: environment.clock.now())
            isWaiting = state.decisions.isWaiting(waiter.id)
            return actions
        }
    }

    func cancel(_ waiter: PoolState.WaiterID) {
        change { $0.decisions.cancel(waiter, now: environment.clock.now()) }
    }

    /// Whether a lease has not ended.
    func isLeased(_ slot: SlotID, to waiter: PoolState.WaiterID) -> Bool {
        state.withLock { $0.decisions.isLeased(slot, to: waiter) }
    }

    /// Says that a lease's connection was found dead before it was used. The lease is then given back as lost.
    func foundDead(_ lease: Lease) {
        statistics.add { $0.connectionsReplaced += 1 }
        state.withLock { $0.decisions.foundDead(lease.slot) }
    }

    /// Says that a lease has ended but for rolling back, which is now bounded by the reset timeout.
    func ending(_ lease: Lease) {
        change { $0.decisions.ending(lease.slot, now: environment.clock.now()) }
    }

    /// Returns a connection that may not be used before a request to cancel is over; `cancelEnded` follows. On its lane.
    func quarantine(_ lease: Lease) {
        let now = environment.clock.now()
        change(telling: { .returned(at: lease.site, held: now - lease.grantedAt) }) {
            $0.decisions.quarantined(lease.slot, now: now)
        }
    }

    /// Says that a request to cancel is over.
    func cancelEnded(_ lease: Lease) {
        change { $0.decisions.cancelEnded(lease.slot, now: environment.clock.now()) }
    }

    /// Returns a connection. On its lane, but for one that was not used.
    func giveBack(_ lease: Lease, _ condition: LeaseCondition) {
        let now = environment.clock.now()
        let reopening = condition == .unused ? nil : lease.connection.takeReopening()
        if reopening == nil, giveBackAtOnce(lease, condition, now: now) { return }
        if let reopening { noteReopening(reopening) }
        change(telling: { .returned(at: lease.site, held: now - lease.grantedAt) }) { state in
            var actions: [PoolState.Action] = []
            if let reopening {
                actions += state.decisions.reopened(
                    lease.slot,
                    silenceLimit: reopening.silenceLimit,
                    took: reopening.took,
                    now: now
                )
            }
            return actions + state.decisions.returned(lease.slot, condition, now: now)
        }
    }

    /// Returns a connection that rests then: the common case, one lock, and nothing follows.
    private func giveBackAtOnce(_ lease: Lease, _ condition: LeaseCondition, now: Duration) -> Bool {
        let (isDone, ringAt) = state.withLock { state in
            guard state.decisions.returnAtOnce(lease.slot, condition, now: now) else {
                return (false, nil as Duration?)
            }
            return (true, state.newRinging())
        }
        if let ringAt { ring(at: ringAt) }
        if isDone, !observers.isEmpty { tell(.returned(at: lease.site, held: now - lease.grantedAt)) }
        return isDone
    }

    /// Counts and tells that a session lost its connection, and opened another in its place.
    private func noteReopening(_ reopening: PooledConnection.Reopening) {
        statistics.add {
            $0.connectionsClosed += 1
            $0.connectionsOpened += 1
        }
        tell(.closed(.lost))
        tell(.connected(after: reopening.took))
    }
}
