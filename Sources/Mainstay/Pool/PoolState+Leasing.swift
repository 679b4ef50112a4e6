// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule

extension PoolState {
    // MARK: - Events

    /// Someone wants a connection, and gets one that rests. The common case, which needs no queue.
    ///
    /// - Returns: The connection; nil if `acquire` has to be asked.
    mutating func acquireAtOnce(_ waiter: WaiterID, site: CallSite, now time: Duration) -> SlotID? {
        guard waiters.isEmpty, warmUps.isEmpty, isStarted, !isRefusing, !isSuspended,
            isMinimumKept(with: idle.count - 1)
        else { return nil }
        advance(time)
        defer { checkInvariants() }
        guard let id = lastFresh else { return nil }
        lease(id, to: waiter, at: site)
        return id
    }

    /// Whether a connection is leased to someone, and that lease has not ended.
    func isLeased(_ id: SlotID, to waiter: WaiterID) -> Bool {
        slots.has(id, in: .leased) && slots[id]?.holder == waiter
    }

    /// Whether a connection that was just leased rested long enough to be looked at before it is used.
    @inline(__always)
    func isToBeLookedAt(_ id: SlotID) -> Bool {
        guard let lastAlive = slots.look(at: id, { $0.lastAlive }) else { return false }
        return now - lastAlive >= configuration.checkAfter
    }

    /// Someone wants a connection. It is granted, failed, or waits.
    mutating func acquire(_ waiter: Waiter, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard !isRefusing else { return [.fail(waiter.id, .databaseClosed)] }
        isStarted = true
        // Who comes back because the connection was found dead keeps the place in the queue.
        let place = waiters.lastIndex { $0.id < waiter.id }.map { $0 + 1 } ?? 0
        waiters.insert(waiter, at: place)
        let actions = serve(arriving: waiter.id)
        guard let index = index(of: waiter.id) else { return actions }
        guard let refused = refusal(of: waiter) else {
            wake(at: waiter.deadline)
            return actions
        }
        waiters.remove(at: index)
        totals.refusals += 1
        return actions + [.fail(waiter.id, refused)]
    }

    /// A waiter's task was cancelled. If it was granted meanwhile, nothing happens, and it returns what it got.
    mutating func cancel(_ waiter: WaiterID, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        if let index = warmUps.firstIndex(where: { $0.waiter.id == waiter }) {
            warmUps.remove(at: index)
            return [.fail(waiter, .cancelledWaiting)]
        }
        guard let index = index(of: waiter) else { return [] }
        waiters.remove(at: index)
        totals.cancelledWaits += 1
        return [.fail(waiter, .cancelledWaiting)] + serve()
    }

    /// A lease ended, and what it did is being rolled back. `returned` follows.
    mutating func ending(_ id: SlotID, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard slots.has(id, in: .leased) else { return [] }
        noteUse(of: id)
        slots.move(id, to: .resetting, now: now)
        wake(at: now + configuration.resetTimeout)
        return serve()
    }

    /// A lease ended.
    mutating func returned(_ id: SlotID, _ condition: LeaseCondition, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        if slots.has(id, in: .leased) {
            noteUse(of: id)
        } else if !slots.has(id, in: .resetting) {
            return []
        }
        // What is never closed is cleaned until it is clean.
        if condition == .dirty, isPermanent, !isClosed { return reset(id) }
        let isTouched = condition == .touched || (condition == .clean && configuration.resetPolicy == .always)
        if isTouched, configuration.resetPolicy != .never {
            return reset(id)
        }
        return cameBack(id, condition == .touched ? .clean : condition)
    }

    /// A lease ended, its connection is as good as before, and nobody waits for it. The common case.
    ///
    /// - Returns: Whether it was that; if not, nothing has happened, and `returned` is to be told.
    mutating func returnAtOnce(_ id: SlotID, _ condition: LeaseCondition, now time: Duration) -> Bool {
        let isGood = condition == .unused || (condition == .clean && configuration.resetPolicy != .always)
        guard isGood, waiters.isEmpty, warmUps.isEmpty, !isClosed, overdue == 0, slots.open <= limit,
            isMinimumKept(with: idle.count + 1), mayRestAtOnce(id, at: max(time, now))
        else { return false }
        advance(time)
        defer { checkInvariants() }
        noteUse(of: id)
        if condition == .clean { noteAlive(id) }
        rest(id)
        return true
    }

    @inline(__always)
    private func mayRestAtOnce(_ id: SlotID, at time: Duration) -> Bool {
        slots.look(at: id) { slot in
            guard slot.phase == .leased, !slot.isEvicted else { return false }
            return slot.retireAt.map { $0 > time } ?? true
        } ?? false
    }

    /// A lease ended while its statement may still be cancelled by a request that is under way; `cancelEnded` follows.
    mutating func quarantined(_ id: SlotID, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard slots.has(id, in: .leased) || slots.has(id, in: .resetting) else { return [] }
        if slots.has(id, in: .leased) { noteUse(of: id) }
        slots.move(id, to: .quarantined, now: now)
        wake(at: now + configuration.resetTimeout)
        return serve()
    }

    /// The request to cancel is over, and hits nothing any more.
    mutating func cancelEnded(_ id: SlotID, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        return slots.has(id, in: .quarantined) ? reset(id) : []
    }

    /// A reset ended.
    ///
    /// - Parameter failure: Why it failed, if it did.
    mutating func cleaned(
        _ id: SlotID,
        _ condition: LeaseCondition,
        failure: DatabaseError? = nil,
        now time: Duration
    ) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard slots.has(id, in: .resetting) else { return [] }
        totals.resets += 1
        let isUnclean = condition == .dirty || condition == .touched
        if isUnclean, isPermanent, !isClosed { return keepUnclean(id, failure ?? .leftUnclean) }
        slots.change(id) { $0.isUnclean = false }
        return cameBack(id, condition)
    }

    /// A connection that is never closed could not be cleaned: that is the error of the next who wants it, and is tried
    /// again for the one after.
    private mutating func keepUnclean(_ id: SlotID, _ error: DatabaseError) -> [Action] {
        slots.change(id) { $0.isUnclean = true }
        rest(id)
        guard !isSuspended, let next = waiters.popFirst() else { return serve() }
        return [.fail(next.id, error)] + serve()
    }

    /// A connection that is leased was lost, and another was opened in its place, by a session that goes on.
    ///
    /// - Parameter took: How long that took.
    mutating func reopened(
        _ id: SlotID,
        silenceLimit: Duration?,
        took: Duration = .zero,
        now time: Duration
    ) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard slots.has(id, in: .leased) else { return [] }
        noteLoss(of: id)
        totals.closes[.lost, default: 0] += 1
        totals.connects += 1
        totals.connectTime += took
        slots.change(id) { $0.outages = outages }
        begin(id, silenceLimit: silenceLimit)
        return serve()
    }

    // MARK: - The queue

    /// Serves the queue as far as it can be served, and opens what is wanted. The end of every transition.
    ///
    /// - Parameter arriving: Who has come in this very transition, and has not waited if served now.
    mutating func serve(arriving: WaiterID? = nil) -> [Action] {
        var actions: [Action] = []
        if overdue > 0 { actions += retireOverdue() }
        if !isSuspended {
            while let waiter = waiters.first, let id = lastFresh {
                waiters.removeFirst()
                lease(id, to: waiter.id, at: waiter.site)
                if waiter.id != arriving {
                    totals.waits += 1
                    totals.waitTime += now - waiter.since
                }
                actions.append(.grant(waiter.id, id))
            }
            actions += checkForWaiters()
        }
        actions += serveWarmUps()
        actions += connect()
        if isClosed, !isDrained, slots.count == 0 {
            isDrained = true
            actions.append(.drained)
        }
        return actions
    }

    /// Has as many resting connections pinged as there are waiters, since none that can be used without that rests; and
    /// all suspects at once, since one of them that is silent is likely not the only one.
    private mutating func checkForWaiters() -> [Action] {
        guard !waiters.isEmpty || !warmUps.isEmpty, !idle.isEmpty else { return [] }
        var actions: [Action] = []
        // Who wants so many to be there wants them all to be alive.
        for id in idle.reversed() where warmUps.isEmpty ? isSuspect(id) : !isFresh(id) {
            actions.append(look(into: id))
        }
        while slots.count(.checking) < waiters.count, let id = idle.last {
            actions.append(look(into: id))
        }
        return actions
    }

    /// Has a connection made fit for use that rests: what is not clean is cleaned once more, and the others are pinged.
    private mutating func look(into id: SlotID) -> Action {
        guard slots[id]?.isUnclean == true else { return check(id) }
        leaveRest(id)
        slots.move(id, to: .resetting, now: now)
        return .reset(id)
    }

    /// Whether the connection was last known to be alive before the latest outage.
    private func isSuspect(_ id: SlotID) -> Bool {
        slots.look(at: id) { $0.outages < outages } ?? false
    }

    /// Whether no connection is to be opened ahead if so many rest.
    private func isMinimumKept(with resting: Int) -> Bool {
        resting - overdue >= configuration.minimumIdle || slots.count >= limit
    }

    /// The connection that was used last of those that may be used without asking the server.
    private var lastFresh: SlotID? {
        @inline(__always)
        get {
            for id in idle.reversed() where isFresh(id) { return id }
            return nil
        }
    }

    @inline(__always)
    func isFresh(_ id: SlotID) -> Bool {
        let seen = slots.look(at: id) { (isClean: !$0.isUnclean, outages: $0.outages, lastAlive: $0.lastAlive) }
        guard let seen, seen.isClean, seen.outages == outages else { return false }
        guard let pingAfter = configuration.pingAfter else { return true }
        // At the very moment of a sign of life the connection is fresh, whatever the period.
        return now - seen.lastAlive <= pingAfter
    }

    private mutating func lease(_ id: SlotID, to waiter: WaiterID, at site: CallSite) {
        leaveRest(id)
        slots.change(id) { slot in
            slot.site = site
            slot.holder = waiter
            slot.isReported = false
        }
        slots.move(id, to: .leased, now: now)
        totals.leases += 1
        if let threshold = configuration.leakThreshold { wake(at: now + threshold) }
    }

    /// A lease has ended.
    mutating func noteUse(of id: SlotID) {
        slots.change(id) { slot in
            totals.useTime += now - slot.since
            slot.lastUsed = now
            slot.site = nil
            slot.holder = nil
        }
    }

    // MARK: - Coming back

    private mutating func reset(_ id: SlotID) -> [Action] {
        slots.move(id, to: .resetting, now: now)
        wake(at: now + configuration.resetTimeout)
        return [.reset(id)] + serve()
    }

    /// A connection is free again, or is closed.
    mutating func cameBack(_ id: SlotID, _ condition: LeaseCondition) -> [Action] {
        guard let slot = slots[id] else { return [] }
        switch condition {
        case .lost:
            noteLoss(of: id)
            return [close(id, .lost)] + serve()
        case .dirty, .touched:
            return [close(id, .notClean)] + serve()
        case .clean, .unused:
            break
        }
        if isClosed { return [close(id, .databaseClosed)] + serve() }
        if slot.isEvicted || (slots.open > limit && !isPermanent) { return [close(id, .evicted)] + serve() }
        if condition == .clean { noteAlive(id) }
        let isOld = slot.retireAt.map { $0 <= now } ?? false
        if isOld, mayRetire(beside: idle.count) { return [close(id, .lifetime)] + serve() }
        rest(id)
        if isOld { becomeOverdue(id) }
        return serve()
    }

    /// Puts a connection with those that rest, in the order in which they were used.
    mutating func rest(_ id: SlotID) {
        guard let lastUsed = slots.look(at: id, { $0.lastUsed }) else { return }
        slots.move(id, to: .idle, now: now)
        var place = idle.count
        while place > 0, let other = slots.look(at: idle[place - 1], { $0.lastUsed }), other > lastUsed { place -= 1 }
        if place == idle.count { idle.append(id) } else { idle.insert(id, at: place) }
        wake(at: nextUpkeep(of: id))
        // Now that there is one more, the oldest one may be one too many.
        if let oldest = idle.first, oldest != id { wake(at: nextUpkeep(of: oldest)) }
    }

    /// Has a connection closed. It does not rest any more.
    mutating func close(_ id: SlotID, _ reason: CloseReason) -> Action {
        leaveRest(id)
        slots.move(id, to: .closing, now: now)
        totals.closes[reason, default: 0] += 1
        return .close(id, reason)
    }

    /// Takes a connection from those that rest, if it does.
    mutating func leaveRest(_ id: SlotID) {
        guard slots.has(id, in: .idle) else { return }
        slots.change(id) { slot in
            if slot.isOverdue { overdue -= 1 }
            slot.isOverdue = false
        }
        // Mostly the one that was used last, which is the last one.
        if idle.last == id {
            idle.removeLast()
        } else if let index = idle.lastIndex(of: id) {
            idle.remove(at: index)
        }
    }

    /// Whether someone still waits for a connection.
    func isWaiting(_ waiter: WaiterID) -> Bool { index(of: waiter) != nil }

    private func index(of waiter: WaiterID) -> Int? {
        // Those who wait are in the order of their numbers.
        var (low, high) = (0, waiters.count)
        while low < high {
            let middle = (low + high) / 2
            if waiters[middle].id < waiter { low = middle + 1 } else { high = middle }
        }
        return low < waiters.count && waiters[low].id == waiter ? low : nil
    }
}
