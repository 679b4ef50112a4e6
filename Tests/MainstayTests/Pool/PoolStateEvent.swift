// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// Something that may happen to a pool, as the exhaustive and the random tests make it happen.
enum PoolStateEvent: Hashable {
    case acquire(Int)
    case cancel(Int)
    case opened(SlotID)
    case failed(SlotID, isTransient: Bool)
    case ending(SlotID)
    case returned(SlotID, LeaseCondition)
    case quarantined(SlotID)
    case cancelEnded(SlotID)
    case cleaned(SlotID, LeaseCondition)
    case checked(SlotID, isAlive: Bool)
    case closed(SlotID)
    /// The alarm rings.
    case ring
    case evict(breakingOff: Bool)
    case resize(size: Int, overflow: Int, minimumIdle: Int?)
    /// Someone wants so many connections to be there.
    case warmUp(Int, count: Int)
    case suspend
    case resume
    case refuse
    case close

    /// Everything that may happen next but for `resize`, `warmUp` and `refuse`; `waiter` is the next to come, if any.
    static func all(_ state: PoolState, waiter: Int?) -> [PoolStateEvent] {
        var events: [PoolStateEvent] = waiter.map { [.acquire($0)] } ?? []
        events += state.waiters.map { .cancel($0.id) } + state.warmUps.map { .cancel($0.waiter.id) }
        for slot in state.slots.all.sorted(by: { $0.id.serial < $1.id.serial }) {
            let id = slot.id
            switch slot.phase {
            case .connecting: events += [.opened(id), .failed(id, isTransient: true), .failed(id, isTransient: false)]
            case .idle: break
            case .checking: events += [.checked(id, isAlive: true), .checked(id, isAlive: false)]
            case .leased:
                let conditions: [LeaseCondition] = [.unused, .clean, .touched, .dirty, .lost]
                events += conditions.map { .returned(id, $0) } + [.ending(id), .quarantined(id)]
            // What is being rolled back is returned, what is being reset is cleaned.
            case .resetting:
                events += [.cleaned(id, .clean), .cleaned(id, .dirty), .cleaned(id, .lost), .returned(id, .clean)]
                events += [.returned(id, .touched)]
            case .quarantined: events.append(.cancelEnded(id))
            case .closing: events.append(.closed(id))
            }
        }
        if state.wakeAt != nil { events.append(.ring) }
        if state.slots.open > 0 { events += [.evict(breakingOff: false), .evict(breakingOff: true)] }
        if !state.isClosed { events += [state.isSuspended ? .resume : .suspend, .close] }
        return events
    }

    /// Makes it happen, and writes it down.
    func happen(to state: inout PoolState, _ ledger: inout PoolStateLedger) {
        let actions = happen(to: &state, now: state.now, &ledger)
        ledger.follow(actions, state)
    }

    private func happen(
        to state: inout PoolState,
        now: Duration,
        _ ledger: inout PoolStateLedger
    ) -> [PoolState.Action] {
        switch self {
        case .acquire(let number):
            ledger.asked(number)
            var short = state
            let leased = short.acquireAtOnce(number, site: CallSite(fileID: "Shop/Orders.swift", line: 42), now: now)
            let waiter = PoolState.Waiter(
                id: number,
                since: now,
                deadline: now + state.configuration.acquireTimeout,
                site: CallSite(fileID: "Shop/Orders.swift", line: 42),
                holds: nil
            )
            let actions = state.acquire(waiter, now: now)
            if let leased {
                guard case .grant(number, leased)? = actions.first, actions.count == 1 else {
                    ledger.note("the short way leases \(leased), and the long way does not")
                    return actions
                }
                ledger.agree(short, state, [])
            }
            return actions
        case .cancel(let number): return state.cancel(number, now: now)
        case .opened(let slot):
            ledger.became(slot.serial, .free)
            return state.opened(slot, now: now)
        case .failed(let slot, let isTransient):
            ledger.became(slot.serial, nil)
            let error = isTransient ? PoolStateModel.transient : PoolStateModel.permanent
            return state.openFailed(slot, error, now: now)
        case .ending(let slot):
            ledger.became(slot.serial, .cleaned)
            return state.ending(slot, now: now)
        case .returned(let slot, let condition):
            ledger.became(slot.serial, .free)
            var short = state
            let isShort = short.returnAtOnce(slot, condition, now: now)
            let actions = state.returned(slot, condition, now: now)
            if isShort { ledger.agree(short, state, actions) }
            return actions
        case .quarantined(let slot):
            ledger.became(slot.serial, .cleaned)
            return state.quarantined(slot, now: now)
        case .cancelEnded(let slot):
            ledger.became(slot.serial, .free)
            return state.cancelEnded(slot, now: now)
        case .cleaned(let slot, let condition):
            ledger.became(slot.serial, .free)
            return state.cleaned(slot, condition, now: now)
        case .checked(let slot, let isAlive):
            ledger.became(slot.serial, .free)
            return state.checked(slot, isAlive: isAlive, now: now)
        case .closed(let slot):
            ledger.became(slot.serial, nil)
            return state.closed(slot, now: now)
        case .ring: return state.tick(now: state.wakeAt ?? now)
        case .evict(let breakingOff): return state.evict(breakingOff: breakingOff, now: now)
        case .resize(let size, let overflow, let minimumIdle):
            ledger.resized(to: size + overflow)
            return state.resize(size: size, overflow: overflow, minimumIdle: minimumIdle, now: now)
        case .warmUp(let number, let count):
            ledger.warms(number)
            return state.warmUp(state.waiter(number, at: now), count: count, now: now)
        case .suspend: return state.suspend(now: now)
        case .resume: return state.resume(now: now)
        case .refuse: return state.refuse(grace: .seconds(5), now: now)
        case .close:
            ledger.closes()
            return state.close(grace: .seconds(5), now: now)
        }
    }
}
