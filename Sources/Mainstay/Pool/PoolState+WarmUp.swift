// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolState {
    /// Someone wants so many connections to be there, leased ones among them, and is told when they are, or why they
    /// can't be. Several who want that wait for the same connections.
    mutating func warmUp(_ waiter: Waiter, count: Int, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard !isRefusing else { return [.fail(waiter.id, .databaseClosed)] }
        if let refusal, now < refusal.until { return [.fail(waiter.id, refusal.error)] }
        isStarted = true
        warmUps.append(WarmUp(waiter: waiter, count: count))
        wake(at: waiter.deadline)
        return serve()
    }

    /// How many connections are wanted by those who want so many to be there.
    var wantedWarm: Int { min(warmUps.map(\.count).max() ?? 0, limit) }

    /// Tells those who want no more connections than there are.
    mutating func serveWarmUps() -> [Action] {
        guard !warmUps.isEmpty else { return [] }
        let (there, limit) = (warm, limit)
        let served = warmUps.filter { min($0.count, limit) <= there }
        warmUps.removeAll { min($0.count, limit) <= there }
        return served.map { .warm($0.waiter.id) }
    }

    /// Fails all who want so many connections to be there.
    mutating func failWarmUps(_ error: DatabaseError) -> [Action] {
        defer { warmUps.removeAll() }
        return warmUps.map { .fail($0.waiter.id, error) }
    }

    /// Fails those whose time is over.
    mutating func failExpiredWarmUps() -> [Action] {
        let now = now
        let expired = warmUps.filter { $0.waiter.deadline <= now }
        warmUps.removeAll { $0.waiter.deadline <= now }
        totals.timeouts += expired.count
        return expired.map { .fail($0.waiter.id, warmUpTimeout($0)) }
    }

    /// How many connections are there, and are not thought to be dead.
    private var warm: Int {
        let fresh = idle.count { isFresh($0) }
        return fresh + slots.count(.leased) + slots.count(.resetting) + slots.count(.quarantined)
    }

    private func warmUpTimeout(_ warmUp: WarmUp) -> DatabaseError {
        DatabaseError(
            .acquireTimeout,
            "only \(warm) of \(min(warmUp.count, limit)) connections were there within "
                + "\((now - warmUp.waiter.since).forPeople)\(isSuspended ? "; the pool is suspended" : "")",
            hint: lastFailure == nil ? nil : "the database could not be reached; see the cause",
            cause: lastFailure
        )
    }
}
