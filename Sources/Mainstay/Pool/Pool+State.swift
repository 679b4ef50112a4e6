// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Pool.State {
    mutating func newWaiter() -> PoolState.WaiterID {
        defer { nextWaiter += 1 }
        return nextWaiter
    }

    /// When the alarm is to ring, if earlier than it would.
    mutating func newRinging() -> Duration? {
        guard let wakeAt = decisions.wakeAt else { return nil }
        if let ringsAt, ringsAt <= wakeAt { return nil }
        ringsAt = wakeAt
        return wakeAt
    }

    /// Keeps a connection under its slot.
    mutating func keep(_ connection: PooledConnection) {
        let index = connection.id.index
        if index >= connections.count {
            connections += Array(repeating: nil, count: index - connections.count + 1)
        }
        connections[index] = connection
    }

    /// The connection of a slot, if it was opened.
    private func connection(of slot: SlotID) -> PooledConnection? {
        guard slot.index < connections.count, let connection = connections[slot.index], connection.id == slot else {
            return nil
        }
        return connection
    }

    /// The lease of a slot that was granted. (It changes nothing; a function that may not would copy the whole state.)
    @inline(__always)
    mutating func lease(
        _ slot: SlotID,
        waiter: PoolState.WaiterID,
        site: CallSite,
        askedAt: Duration,
        now: Duration
    ) -> Lease? {
        guard let connection = connection(of: slot) else { return nil }
        return Lease(
            connection: connection,
            waiter: waiter,
            site: site,
            askedAt: askedAt,
            grantedAt: now,
            isToBeLookedAt: decisions.isToBeLookedAt(slot)
        )
    }

    /// What an action asks for, of connections and continuations.
    mutating func effect(of action: PoolState.Action, now: Duration) -> Pool.Effect? {
        switch action {
        case .open(let slot):
            return .open(slot)
        case .grant(let id, let slot):
            guard
                let (waiter, granted) = waiters.removeValue(forKey: id),
                let lease = lease(slot, waiter: id, site: waiter.site, askedAt: waiter.since, now: now)
            else { return nil }
            return .answer(waiter, granted, .success(lease))
        case .fail(let id, let error):
            if let continuation = warmUps.removeValue(forKey: id) {
                return .resumeWarmUp(continuation, .failure(error))
            }
            return waiters.removeValue(forKey: id).map { .answer($0.0, $0.1, .failure(error)) }
        case .warm(let id):
            return warmUps.removeValue(forKey: id).map { .resumeWarmUp($0, .success(())) }
        case .check(let slot):
            return connection(of: slot).map { .check($0) }
        case .reset(let slot):
            return connection(of: slot).map { .reset($0) }
        case .close(let slot, let reason):
            return forget(slot).map { .close($0, reason) }
        case .breakOff(let slot, let reason):
            return forget(slot).map { .breakOff($0, reason) }
        case .interruptConnecting(let slot):
            return connection(of: slot).map { .abort($0) }
        case .reportLease(_, let site, let held):
            return .reportLease(site, held: held)
        case .drained:
            defer { drained = [] }
            return .drained(drained)
        }
    }

    private mutating func forget(_ slot: SlotID) -> PooledConnection? {
        guard let connection = connection(of: slot) else { return nil }
        connections[slot.index] = nil
        return connection
    }

    /// Why the pool can't be used if the process was forked; nil if it can be.
    ///
    /// The child has the parent's sockets and none of its threads. A pool without connections can be used by either.
    mutating func refusalAfterFork(_ now: Int) -> DatabaseError? {
        guard now != forks else { return nil }
        guard decisions.slots.count == 0, waiters.isEmpty else {
            return DatabaseError(
                .usedAfterFork,
                "the database was opened before the process was forked, and its connections belong to the parent",
                hint: "create the Database in the child"
            )
        }
        forks = now
        return nil
    }

    /// A reading of the connections by what they are doing, and of what was done so far.
    var figures: PoolFigures {
        mutating get {
            readings += 1
            return PoolFigures(
                idle: decisions.slots.count(.idle),
                leased: decisions.slots.count(.leased),
                connecting: decisions.slots.count(.connecting),
                checking: decisions.slots.count(.checking),
                resetting: decisions.slots.count(.resetting),
                quarantined: decisions.slots.count(.quarantined),
                closing: decisions.slots.count(.closing),
                waiting: decisions.waiters.count,
                size: decisions.configuration.size,
                limit: decisions.limit,
                minimumIdle: decisions.configuration.minimumIdle,
                totals: decisions.totals,
                reading: readings
            )
        }
    }
}
