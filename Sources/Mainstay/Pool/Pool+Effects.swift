// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

extension Pool {
    /// What to do once the lock is released.
    enum Effect {
        case open(SlotID)
        case answer(PoolState.Waiter, Granted, Result<Lease, DatabaseError>)
        case resumeWarmUp(CheckedContinuation<Void, any Error>, Result<Void, DatabaseError>)
        case check(PooledConnection)
        case reset(PooledConnection)
        case close(PooledConnection, CloseReason)
        case breakOff(PooledConnection, CloseReason)
        case abort(PooledConnection)
        case reportLease(CallSite, held: Duration)
        case drained([CheckedContinuation<Void, Never>])
    }

    /// What follows from a change, after the lock is released.
    struct FollowUp {
        var effects: [Effect] = []
        var events: [PoolEvent] = []
        var ringAt: Duration?
    }

    /// Changes the state and carries out what that asks for, after the lock is released.
    ///
    /// - Parameter telling: What observers are told of it.
    func change(
        telling kind: () -> PoolEvent.Kind? = { nil },
        _ event: (inout State) -> [PoolState.Action]
    ) {
        let next = state.withLock { state in
            let outages = state.decisions.totals.outages
            let actions = event(&state)
            return followUp(&state, actions, isOutage: state.decisions.totals.outages > outages, telling: kind)
        }
        carryOut(next)
    }

    /// What follows from actions. The lock is held.
    func followUp(
        _ state: inout State,
        _ actions: [PoolState.Action] = [],
        isOutage: Bool = false,
        telling kind: () -> PoolEvent.Kind?
    ) -> FollowUp {
        var next = FollowUp()
        if !actions.isEmpty {
            let now = environment.clock.now()
            next.effects = actions.compactMap { state.effect(of: $0, now: now) }
        }
        next.ringAt = state.newRinging()
        if !observers.isEmpty {
            var kinds = next.effects.compactMap(\.event)
            if isOutage { kinds.insert(.outage, at: 0) }
            if let kind = kind() { kinds.insert(kind, at: 0) }
            let figures = kinds.isEmpty ? nil : state.figures
            if let figures { next.events = kinds.map { PoolEvent(role: role, kind: $0, figures: figures) } }
        }
        return next
    }

    func carryOut(_ followUp: FollowUp) {
        // Told first, so that nobody is told of what follows from it before.
        for event in followUp.events {
            observers.tell(event)
        }
        for effect in followUp.effects {
            carryOut(effect)
        }
        if let ringAt = followUp.ringAt { ring(at: ringAt) }
    }

    func ring(at time: Duration) {
        alarm.ring(at: time) { [weak self] in self?.rang() }
    }

    private func rang() {
        change { state in
            state.ringsAt = nil
            return state.decisions.tick(now: environment.clock.now())
        }
    }

    private func carryOut(_ effect: Effect) {
        switch effect {
        case .open(let slot): open(slot)
        case .answer(let waiter, let granted, let result):
            if case .failure(let error) = result {
                tell(.leaseFailed(at: waiter.site, error, waited: environment.clock.now() - waiter.since))
            }
            granted(result)
        case .resumeWarmUp(let continuation, let result):
            continuation.resume(with: result.mapError { $0 as any Error })
        case .check(let connection): check(connection)
        case .reset(let connection): reset(connection)
        case .close(let connection, let reason): close(connection, reason)
        case .breakOff(let connection, let reason):
            connection.breakOff()
            close(connection, reason)
        case .abort(let connection): connection.abort()
        case .reportLease(let site, let held):
            logger.warning(
                "a connection has been leased for long",
                metadata: ["database": "\(driver.location)", "scope": "\(site)", "held": "\(held.forPeople)"]
            )
        case .drained(let continuations): continuations.forEach { $0.resume() }
        }
    }

    // MARK: - On the lanes

    private func open(_ slot: SlotID) {
        if driver.topology == .singleConnection, state.withLock({ $0.hasOpened }) {
            return openFailed(slot, .databaseGone)
        }
        let lane: any Lane
        do {
            lane = try environment.makeLane("db-\(driver.name.prefix(6))-\(slot)")
        } catch {
            return openFailed(slot, error)
        }
        let began = environment.clock.now()
        lane.run { [self] in
            do throws(DatabaseError) {
                let connection = try PooledConnection(
                    id: slot,
                    lane: lane,
                    driver: driver,
                    request: ConnectRequest(role: role, timeout: configuration.connectTimeout),
                    configuration: configuration,
                    environment: environment
                )
                // Known before it is prepared, so that this can be broken off.
                change { state in
                    state.keep(connection)
                    return state.decisions.connected(slot, now: environment.clock.now())
                }
                do throws(DatabaseError) {
                    try connection.prepare()
                } catch {
                    state.withLock { $0.connections[slot.index] = nil }
                    connection.retire()
                    throw error
                }
                opened(connection, since: began)
            } catch {
                lane.stop()
                openFailed(slot, error, since: began)
            }
        }
    }

    private func opened(_ connection: PooledConnection, since began: Duration) {
        statistics.add { $0.connectionsOpened += 1 }
        let metadata: Logger.Metadata = ["database": "\(driver.location)", "slot": "\(connection.id)"]
        logger.debug("connection opened", metadata: metadata)
        let now = environment.clock.now()
        change(telling: { .connected(after: now - began) }) { state in
            let actions = state.decisions.opened(connection.id, silenceLimit: connection.silenceLimit, now: now)
            // One that was broken off while it was prepared was never used, and another may be opened.
            if !state.decisions.slots.has(connection.id, in: .closing) { state.hasOpened = true }
            return actions
        }
    }

    private func openFailed(_ slot: SlotID, _ error: DatabaseError, since began: Duration? = nil) {
        statistics.add { $0.connectionsFailed += 1 }
        let metadata: Logger.Metadata = ["database": "\(driver.location)", "error": "\(error)"]
        logger.warning("connection could not be opened", metadata: metadata)
        let now = environment.clock.now()
        change(telling: { .connectFailed(error, after: now - (began ?? now)) }) { state in
            state.decisions.openFailed(slot, error, now: now)
        }
    }

    private func check(_ connection: PooledConnection) {
        connection.lane.run { [self] in
            let isAlive = connection.isAlive()
            change(telling: { .checked(isAlive: isAlive) }) {
                $0.decisions.checked(connection.id, isAlive: isAlive, now: environment.clock.now())
            }
        }
    }

    private func reset(_ connection: PooledConnection) {
        connection.lane.run { [self] in
            let (condition, failure) = connection.cleanUp()
            change(telling: { .reset(succeeded: condition == .clean) }) {
                $0.decisions.cleaned(connection.id, condition, failure: failure, now: environment.clock.now())
            }
        }
    }

    private func close(_ connection: PooledConnection, _ reason: CloseReason) {
        connection.lane.run { [self] in
            connection.retire()
            connection.lane.stop()
            statistics.add { $0.connectionsClosed += 1 }
            let metadata: Logger.Metadata = [
                "database": "\(driver.location)", "slot": "\(connection.id)", "reason": "\(reason)",
            ]
            logger.debug("connection closed", metadata: metadata)
            change { $0.decisions.closed(connection.id, now: environment.clock.now()) }
        }
    }
}

extension Pool.Effect {
    /// What observers are told of it.
    fileprivate var event: PoolEvent.Kind? {
        switch self {
        case .answer(_, _, .success(let lease)): .leased(at: lease.site, waited: lease.grantedAt - lease.askedAt)
        case .close(_, let reason), .breakOff(_, let reason): .closed(reason)
        case .reportLease(let site, let held): .longLease(at: site, held: held)
        case .open, .answer, .resumeWarmUp, .check, .reset, .abort, .drained: nil
        }
    }
}
