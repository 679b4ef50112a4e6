// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule

extension PoolState {
    // MARK: - Events

    /// Time has passed.
    mutating func tick(now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        var actions = failExpiredWaiters() + failExpiredWarmUps()
        for slot in Array(slots.all) {
            actions += lookAfter(slot)
        }
        actions += endGrace()
        actions += serve()
        wakeAt = nextDeadline
        return actions
    }

    /// A ping was answered, or not.
    mutating func checked(_ id: SlotID, isAlive: Bool, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard let slot = slots[id], slot.phase == .checking else { return [] }
        totals.checks += 1
        guard isAlive else {
            totals.foundDead += 1
            return cameBack(id, .lost)
        }
        slots.change(id) { $0.outages = max(slot.outages, slot.outagesWhenAsked) }
        newPingPause(id)
        return cameBack(id, .clean)
    }

    /// A lease found its connection dead before it used it. The waiter comes back to the queue, and `returned` follows.
    mutating func foundDead(_ id: SlotID) {
        guard slots.has(id, in: .leased) else { return }
        totals.foundDead += 1
    }

    // MARK: - Deadlines

    /// When something is due next.
    var nextDeadline: Duration? {
        var next: Duration?
        func consider(_ time: Duration?) {
            next = Duration.earlier(next, time)
        }
        for waiter in waiters { consider(waiter.deadline) }
        for warmUp in warmUps { consider(warmUp.waiter.deadline) }
        for slot in slots.all { consider(deadline(of: slot)) }
        if let retryAt, retryAt > now { consider(retryAt) }
        if let graceEnds, !isGraceOver, !isDrained { consider(graceEnds) }
        if let graceEnds, isGraceOver, isClosed, !isDrained { consider(graceEnds + configuration.resetTimeout) }
        return next
    }

    /// When something is due with a connection that rests.
    @inline(__always)
    func nextUpkeep(of id: SlotID) -> Duration? {
        guard let (upkeepAt, lastUsed) = slots.look(at: id, { ($0.upkeepAt, $0.lastUsed) }) else { return nil }
        return Duration.earlier(upkeepAt, restEnds(after: lastUsed))
    }

    private func deadline(of slot: borrowing PoolSlot) -> Duration? {
        let since = slot.since
        return switch slot.phase {
        case .idle: Duration.earlier(slot.upkeepAt, restEnds(after: slot.lastUsed))
        // What is lost when it is closed may take its time.
        case .checking: isPermanent ? nil : since + configuration.checkTimeout
        case .resetting, .quarantined: isPermanent ? nil : since + configuration.resetTimeout
        case .connecting: slot.isReported ? nil : slot.preparedBy ?? since + configuration.connectTimeout
        case .leased: slot.isReported ? nil : configuration.leakThreshold.map { since + $0 }
        case .closing: nil
        }
    }

    /// When a connection has rested long enough, if it can be spared.
    @inline(__always)
    private func restEnds(after lastUsed: Duration) -> Duration? {
        guard !isPermanent, idle.count > configuration.minimumIdle else { return nil }
        let isOverflow = slots.open > configuration.size
        let rest = Duration.earlier(configuration.idleTimeout, isOverflow ? configuration.overflowTimeout : nil)
        return rest.map { lastUsed + $0 }
    }

    // MARK: - What is due

    private mutating func failExpiredWaiters() -> [Action] {
        guard waiters.contains(where: { $0.deadline <= now }) else { return [] }
        let expired = waiters.filter { $0.deadline <= now }
        let actions = expired.map { Action.fail($0.id, acquireTimeout($0)) }
        waiters.removeAll { $0.deadline <= now }
        totals.timeouts += expired.count
        return actions
    }

    private mutating func lookAfter(_ slot: PoolSlot) -> [Action] {
        guard let deadline = deadline(of: slot), deadline <= now else { return [] }
        switch slot.phase {
        case .idle:
            return lookAfterResting(slot)
        case .checking:
            totals.checks += 1
            totals.foundDead += 1
            noteLoss(of: slot.id)
            return [breakOff(slot.id, .silent)]
        case .resetting, .quarantined:
            return [breakOff(slot.id, .notClean)]
        case .connecting:
            slots.change(slot.id) { $0.isReported = true }
            return [.interruptConnecting(slot.id)]
        case .leased:
            slots.change(slot.id) { $0.isReported = true }
            totals.longLeases += 1
            return slot.site.map { [.reportLease(slot.id, $0, held: now - slot.since)] } ?? []
        case .closing:
            return []
        }
    }

    private mutating func lookAfterResting(_ slot: PoolSlot) -> [Action] {
        if let retireAt = slot.retireAt, retireAt <= now, !slot.isOverdue {
            if mayRetire(beside: idle.count - 1) { return [close(slot.id, .lifetime)] }
            becomeOverdue(slot.id)
        }
        if let end = restEnds(after: slot.lastUsed), end <= now { return [close(slot.id, .idle)] }
        if let pingAt = slot.pingAt, pingAt <= now { return [check(slot.id)] }
        return []
    }

    /// Has a connection that rests pinged.
    mutating func check(_ id: SlotID) -> Action {
        leaveRest(id)
        slots.change(id) { $0.outagesWhenAsked = outages }
        slots.move(id, to: .checking, now: now)
        wake(at: now + configuration.checkTimeout)
        return .check(id)
    }

    /// Has a connection broken off, whatever it is doing. It is not used any more.
    mutating func breakOff(_ id: SlotID, _ reason: CloseReason) -> Action {
        if slots.has(id, in: .leased) { noteUse(of: id) }
        if case .close(let id, let reason) = close(id, reason) { return .breakOff(id, reason) }
        return .breakOff(id, reason)
    }

    private mutating func endGrace() -> [Action] {
        guard !isDrained, let graceEnds, graceEnds <= now else { return [] }
        guard !isGraceOver else {
            // What can't even be broken off is left to itself.
            guard isClosed, graceEnds + configuration.resetTimeout <= now else { return [] }
            isDrained = true
            return [.drained]
        }
        isGraceOver = true
        return slots.all.compactMap { slot in
            switch slot.phase {
            case .connecting: .interruptConnecting(slot.id)
            case .closing, .idle: nil
            case .checking, .leased, .resetting, .quarantined: breakOff(slot.id, .databaseClosed)
            }
        }
    }

    // MARK: - Old age

    /// Whether a connection that has lived long enough may go, beside so many others that rest: where the minimum asks for
    /// another one, that is opened first, if there is room for it.
    func mayRetire(beside others: Int) -> Bool {
        others >= configuration.minimumIdle || (slots.open >= limit && failures == 0)
    }

    mutating func becomeOverdue(_ id: SlotID) {
        slots.change(id) { $0.isOverdue = true }
        overdue += 1
    }

    /// Closes connections of old age whose place was taken.
    mutating func retireOverdue() -> [Action] {
        var actions: [Action] = []
        for slot in slots.all where slot.isOverdue && mayRetire(beside: idle.count - 1) {
            actions.append(close(slot.id, .lifetime))
        }
        return actions
    }
}
