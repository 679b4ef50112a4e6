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
        let now = environment.clock.now()
        if let earlier { return try await wait(waiter(insteadOf: earlier, until: deadline)) }
        switch try takeResting(at: site, now: now) {
        case .lease(let lease, let ringAt):
            granted(lease, ringAt: ringAt)
            return lease
        case .waiter(let id):
            return try await wait(waiter(id, at: site, since: now, until: deadline))
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
        let waiter: PoolState.Waiter
        if let earlier {
            waiter = self.waiter(insteadOf: earlier, until: deadline)
        } else {
            let now = environment.clock.now()
            do throws(DatabaseError) {
                switch try takeResting(at: site, now: now) {
                case .lease(let lease, let ringAt):
                    self.granted(lease, ringAt: ringAt)
                    granted(.success(lease))
                    return nil
                case .waiter(let id):
                    waiter = self.waiter(id, at: site, since: now, until: deadline)
                }
            } catch {
                granted(.failure(error))
                return nil
            }
        }
        wait(waiter, granted)
        return waiter.id
    }

    private func granted(_ lease: Lease, ringAt: Duration?) {
        if let ringAt { ring(at: ringAt) }
        if !observers.isEmpty { tell(.leased(at: lease.site, waited: .zero)) }
    }

    private enum Taking {
        /// And when the alarm is to ring, if not before.
        case lease(Lease, ringAt: Duration?)
        /// There is none; whoever waits has this number.
        case waiter(PoolState.WaiterID)
    }

    /// Leases a connection that rests: the common case, one lock and no suspension.
    ///
    /// - Throws: `usedAfterFork`.
    private func takeResting(at site: CallSite, now: Duration) throws(DatabaseError) -> Taking {
        let forks = environment.forks()
        let taking = state.withLock { state -> Result<Taking, DatabaseError> in
            if let refusal = state.refusalAfterFork(forks) { return .failure(refusal) }
            let waiter = state.newWaiter()
            guard let slot = state.decisions.acquireAtOnce(waiter, site: site, now: now),
                let lease = state.lease(slot, waiter: waiter, site: site, askedAt: now, now: now)
            else { return .success(.waiter(waiter)) }
            return .success(.lease(lease, ringAt: state.newRinging()))
        }
        return try taking.get()
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

    private func waiter(insteadOf earlier: Lease, until deadline: Duration?) -> PoolState.Waiter {
        waiter(earlier.waiter, at: earlier.site, since: earlier.askedAt, until: deadline, isBack: true)
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
        if let reopening { noteReopening(reopening) }
        change(telling: { .returned(at: lease.site, held: now - lease.grantedAt) }) { state in
            // The common case, of which nothing follows.
            if reopening == nil, state.decisions.returnAtOnce(lease.slot, condition, now: now) { return [] }
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
