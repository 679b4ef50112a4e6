// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolState {
    /// All connections there are now are replaced: those that rest at once, the others when they come back, or, if they are
    /// broken off, at once as well.
    mutating func evict(breakingOff: Bool, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        // What a permanent connection holds would be lost with it.
        guard !isPermanent else { return [] }
        var actions: [Action] = []
        for slot in Array(slots.all) {
            switch slot.phase {
            case .closing: break
            case .idle: actions.append(close(slot.id, .evicted))
            case .connecting: slots.change(slot.id) { $0.isEvicted = true }
            case .checking, .leased, .resetting, .quarantined:
                slots.change(slot.id) { $0.isEvicted = true }
                if breakingOff { actions.append(breakOff(slot.id, .evicted)) }
            }
        }
        return actions + serve()
    }

    /// The pool has another size. What is too many is closed when nobody uses it.
    ///
    /// - Parameters:
    ///   - overflow: Nil keeps it as it is.
    ///   - minimumIdle: Nil keeps it as it is, or lowers it to the size.
    mutating func resize(size: Int, overflow: Int? = nil, minimumIdle: Int? = nil, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        configuration.size = size
        configuration.overflow = overflow ?? configuration.overflow
        configuration.minimumIdle = minimumIdle ?? min(configuration.minimumIdle, size)
        var actions: [Action] = []
        while slots.open > limit, !isPermanent, let oldest = idle.first {
            actions.append(close(oldest, .evicted))
        }
        actions += serve()
        wake(at: nextDeadline)
        return actions
    }

    /// No leases begin until `resume`; who asks for one waits.
    mutating func suspend(now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        isSuspended = true
        return []
    }

    /// Leases begin again.
    mutating func resume(now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        isSuspended = false
        return serve()
    }

    /// No more leases. Waiters fail; connections that are not given back before the grace is over are broken off, and
    /// the others rest until `close`.
    ///
    /// - Parameter grace: How long to wait; nil is for ever. Asked for twice, the shorter one counts.
    mutating func refuse(grace: Duration?, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        // Once it is over, it can't be made shorter.
        if let grace, !isGraceOver {
            graceEnds = min(graceEnds ?? now + grace, now + grace)
            wake(at: graceEnds)
        }
        guard !isRefusing else { return [] }
        isRefusing = true
        defer { waiters.removeAll() }
        return waiters.map { .fail($0.id, .databaseClosed) } + failWarmUps(.databaseClosed)
    }

    /// No more leases. Waiters fail, idle connections are closed, the others when they come back; those that do not come back
    /// before the grace is over are broken off.
    ///
    /// - Parameter grace: How long to wait; nil is for ever. Asked for twice, the shorter one counts.
    mutating func close(grace: Duration?, now time: Duration) -> [Action] {
        var actions = refuse(grace: grace, now: time)
        guard !isClosed else { return actions }
        isClosed = true
        if isGraceOver {
            // What rested has the same time to be closed in as if the grace were over now.
            graceEnds = now
            wake(at: now + configuration.resetTimeout)
        }
        actions += idle.map { close($0, .databaseClosed) }
        return actions + serve()
    }
}
