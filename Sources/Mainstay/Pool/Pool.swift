// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Carries out what ``PoolState`` decides: opens and closes connections on their lanes, resumes waiters, keeps time.
///
/// Nothing blocks and nothing of the user's runs while the lock is held.
final class Pool: Sendable {
    private struct State {
        var decisions: PoolState
        var connections: [PoolState.SlotID: PooledConnection] = [:]
        var waiters: [PoolState.WaiterID: CheckedContinuation<PooledConnection, any Error>] = [:]
        var nextWaiter = 0
        /// Whether a connection was opened once; the one to a database in memory is not opened again.
        var hasOpened = false
        var drained: [CheckedContinuation<Void, Never>] = []
        var isDrained = false
    }

    /// What to do once the lock is released.
    private enum Effect {
        case open(PoolState.SlotID)
        case resume(CheckedContinuation<PooledConnection, any Error>, Result<PooledConnection, DatabaseError>)
        case close(PooledConnection)
        case drained([CheckedContinuation<Void, Never>])
    }

    let role: Role
    private let driver: any Driver
    private let configuration: PoolConfiguration
    private let statistics: StatisticsCollector
    private let logger: Logger
    private let environment: PoolEnvironment
    private let alarm: Alarm
    private let state: Mutex<State>

    init(
        role: Role,
        driver: any Driver,
        configuration: PoolConfiguration,
        limit: Int,
        statistics: StatisticsCollector,
        logger: Logger,
        environment: PoolEnvironment
    ) {
        self.role = role
        self.driver = driver
        self.configuration = configuration
        self.statistics = statistics
        self.logger = logger
        self.environment = environment
        alarm = Alarm(environment.clock)
        state = Mutex(State(decisions: PoolState(limit: limit)))
    }

    // MARK: - Leases

    /// Leases a connection, waiting for one if need be.
    ///
    /// - Throws: `acquireTimeout`, `cancelled`, `databaseClosed`, or why no connection could be opened.
    func lease() async throws -> PooledConnection {
        let now = environment.clock.now()
        let timeout = configuration.acquireTimeout
        let (waiter, granted) = state.withLock { state -> (PoolState.WaiterID, PooledConnection?) in
            let waiter = state.nextWaiter
            state.nextWaiter += 1
            // What rests is given without a continuation: the common case is one lock and no suspension.
            guard state.decisions.waiting == 0, !state.decisions.idle.isEmpty else { return (waiter, nil) }
            let actions = state.decisions.acquire(waiter, now: now, timeout: timeout)
            guard case .grant(_, let slot)? = actions.first else { return (waiter, nil) }
            return (waiter, state.connections[slot])
        }
        if let granted { return granted }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                change { state in
                    state.waiters[waiter] = continuation
                    return state.decisions.acquire(waiter, now: now, timeout: timeout)
                }
                // The handler may have run before the waiter was known.
                if Task.isCancelled { cancel(waiter) }
            }
        } onCancel: {
            cancel(waiter)
        }
    }

    private func cancel(_ waiter: PoolState.WaiterID) {
        change { $0.decisions.cancel(waiter, now: environment.clock.now()) }
    }

    /// Returns a connection. Called on its lane, where it is cleaned first; the scope does not wait for that.
    func giveBack(_ connection: PooledConnection) {
        let isUsable = connection.cleanUp()
        change { $0.decisions.returned(connection.id, isUsable: isUsable, now: environment.clock.now()) }
    }

    /// Closes what rests: a dead connection could not be replaced, so the others are dead as well. The next lease waits until
    /// the server can be reached again.
    func becameUnreachable() {
        change { $0.decisions.becameUnreachable(now: environment.clock.now()) }
    }

    // MARK: - Closing

    /// Lets no more leases begin, and waits until every connection is closed.
    func close() async {
        change { $0.decisions.close(now: environment.clock.now()) }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if !state.isDrained { state.drained.append(continuation) }
                return state.isDrained
            }
            if isDrained { continuation.resume() }
        }
        alarm.cancel()
    }

    /// Lets no more leases begin, and waits for nothing.
    func abandon() {
        change { $0.decisions.close(now: environment.clock.now()) }
        alarm.cancel()
    }

    // MARK: - Figures

    /// The numbers of idle, leased, connecting and closing connections, and of waiting tasks.
    var figures: PoolFigures {
        state.withLock { state in
            PoolFigures(
                idle: state.decisions.count(.idle),
                leased: state.decisions.count(.leased),
                connecting: state.decisions.count(.connecting),
                closing: state.decisions.count(.closing),
                waiting: state.decisions.waiting,
                limit: state.decisions.limit
            )
        }
    }

    // MARK: - Carrying out

    /// Changes the state and carries out what that asks for, after the lock is released.
    private func change(_ event: (inout State) -> [PoolState.Action]) {
        let (effects, deadline) = state.withLock { state in
            let effects = event(&state).compactMap { action in Self.effect(of: action, &state) }
            return (effects, state.decisions.nextDeadline)
        }
        for effect in effects {
            carryOut(effect)
        }
        if let deadline {
            alarm.ring(at: deadline) { [weak self] in
                guard let self else { return }
                change { $0.decisions.tick(now: self.environment.clock.now()) }
            }
        }
    }

    private static func effect(of action: PoolState.Action, _ state: inout State) -> Effect? {
        switch action {
        case .open(let slot):
            return .open(slot)
        case .grant(let waiter, let slot):
            guard let continuation = state.waiters.removeValue(forKey: waiter), let connection = state.connections[slot]
            else { return nil }
            return .resume(continuation, .success(connection))
        case .fail(let waiter, let error):
            return state.waiters.removeValue(forKey: waiter).map { .resume($0, .failure(error)) }
        case .close(let slot):
            return state.connections.removeValue(forKey: slot).map { .close($0) }
        case .drained:
            defer { state.drained = [] }
            state.isDrained = true
            return .drained(state.drained)
        }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .open(let slot): open(slot)
        case .resume(let continuation, let result): continuation.resume(with: result.mapError { $0 as any Error })
        case .close(let connection): close(connection)
        case .drained(let continuations): continuations.forEach { $0.resume() }
        }
    }

    private func open(_ slot: PoolState.SlotID) {
        if driver.topology == .singleConnection, state.withLock({ $0.hasOpened }) {
            return openFailed(slot, .databaseGone)
        }
        let lane: any Lane
        do {
            lane = try environment.makeLane("db-\(driver.name.prefix(6))-\(slot)")
        } catch {
            return openFailed(slot, error)
        }
        lane.run { [self] in
            do throws(DatabaseError) {
                let connection = try PooledConnection(
                    id: slot,
                    lane: lane,
                    driver: driver,
                    request: ConnectRequest(role: role, timeout: configuration.connectTimeout),
                    cacheCapacity: configuration.statementCacheCapacity
                )
                statistics.add { $0.connectionsOpened += 1 }
                logger.debug("connection opened", metadata: ["database": "\(driver.location)", "slot": "\(slot)"])
                change { state in
                    state.connections[slot] = connection
                    state.hasOpened = true
                    return state.decisions.opened(slot, now: environment.clock.now())
                }
            } catch {
                lane.stop()
                openFailed(slot, error)
            }
        }
    }

    private func openFailed(_ slot: PoolState.SlotID, _ error: DatabaseError) {
        statistics.add { $0.connectionsFailed += 1 }
        logger.warning(
            "connection could not be opened",
            metadata: ["database": "\(driver.location)", "error": "\(error)"]
        )
        change { state in
            state.decisions.openFailed(slot, error, now: environment.clock.now()) { failures in
                environment.backoff.pause(beforeAttempt: failures, random: environment.random)
            }
        }
    }

    private func close(_ connection: PooledConnection) {
        connection.lane.run { [self] in
            connection.close()
            connection.lane.stop()
            statistics.add { $0.connectionsClosed += 1 }
            logger.debug("connection closed", metadata: ["database": "\(driver.location)", "slot": "\(connection.id)"])
            change { $0.decisions.closed(connection.id, now: environment.clock.now()) }
        }
    }
}
