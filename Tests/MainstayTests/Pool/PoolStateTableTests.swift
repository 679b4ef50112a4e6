// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Every state of a pool with one slot against every event.
struct PoolStateTableTests {
    /// What the only slot, number 0, is doing, and whether waiter 1 waits.
    enum Start: CaseIterable {
        case empty, pausing, connecting, connectingForNobody, connectingEvicted, idle, suspect, checking
        case leased, leasedAndWaitedFor, leasedEvicted, resetting, resettingAndWaitedFor, quarantined, closing
        case closingAndWaitedFor, suspended
        case closedAndEmpty, closedAndConnecting, closedAndLeased, closedAndResetting, closedAndClosing

        var pool: PoolState {
            var pool = PoolStateModel.pool(limit: 1)
            for event in events { event(&pool) }
            return pool
        }

        /// What leads there.
        private var events: [(inout PoolState) -> Void] {
            let connecting: [(inout PoolState) -> Void] = [{ _ = $0.acquire(1) }]
            let leased = connecting + [{ _ = $0.opened(0) }]
            let idle = leased + [{ _ = $0.returned(0) }]
            let suspect = idle + [{ $0.outages += 1 }]
            let resetting = leased + [{ _ = $0.returned(0, .touched) }]
            let closing = leased + [{ _ = $0.returned(0, .dirty) }]
            return switch self {
            case .empty: []
            // Never connected, and the attempt failed: the waiter was told, and the next attempt is not made at once.
            case .pausing: connecting + [{ _ = $0.openFailed(0, PoolStateModel.transient) }]
            case .connecting: connecting
            case .connectingForNobody: connecting + [{ _ = $0.cancel(1) }]
            case .connectingEvicted: connecting + [{ _ = $0.evict() }]
            case .idle: idle
            case .suspect: suspect
            case .checking: suspect + [{ _ = $0.acquire(1) }]
            case .leased: leased
            case .leasedAndWaitedFor: leased + [{ _ = $0.acquire(1) }]
            case .leasedEvicted: leased + [{ _ = $0.evict() }]
            case .resetting: resetting
            case .resettingAndWaitedFor: resetting + [{ _ = $0.acquire(1) }]
            case .quarantined: leased + [{ _ = $0.quarantined(0) }]
            case .closing: closing
            case .closingAndWaitedFor: closing + [{ _ = $0.acquire(1) }]
            case .suspended: idle + [{ _ = $0.suspend() }, { _ = $0.acquire(1) }]
            case .closedAndEmpty: [{ _ = $0.close() }]
            case .closedAndConnecting: connecting + [{ _ = $0.close() }]
            case .closedAndLeased: leased + [{ _ = $0.close() }]
            case .closedAndResetting: resetting + [{ _ = $0.close() }]
            case .closedAndClosing: closing + [{ _ = $0.close() }]
            }
        }
    }

    enum Event: CaseIterable {
        case acquire, cancelWaiter, cancelStranger, opened, failedForNow, failedForGood
        case returned, returnedTouched, returnedDirty, returnedLost, ending, quarantined, cancelEnded
        case cleaned, cleanedLost, answered, unanswered, closed
        case tickAtCheckTimeout, tickAtResetTimeout, tickAtDeadline, evict, evictAtOnce, suspend, resume, close

        func happen(to pool: inout PoolState) -> [String] {
            switch self {
            case .acquire: pool.acquire(9)
            case .cancelWaiter: pool.cancel(1)
            case .cancelStranger: pool.cancel(99)
            case .opened: pool.opened(0)
            case .failedForNow: pool.openFailed(0, PoolStateModel.transient)
            case .failedForGood: pool.openFailed(0, PoolStateModel.permanent)
            case .returned: pool.returned(0)
            case .returnedTouched: pool.returned(0, .touched)
            case .returnedDirty: pool.returned(0, .dirty)
            case .returnedLost: pool.returned(0, .lost)
            case .ending: pool.ending(0)
            case .quarantined: pool.quarantined(0)
            case .cancelEnded: pool.cancelEnded(0)
            case .cleaned: pool.cleaned(0)
            case .cleanedLost: pool.cleaned(0, .lost)
            case .answered: pool.checked(0)
            case .unanswered: pool.checked(0, isAlive: false)
            case .closed: pool.closed(0)
            case .tickAtCheckTimeout: pool.tick(at: .seconds(5))
            case .tickAtResetTimeout: pool.tick(at: .seconds(6))
            case .tickAtDeadline: pool.tick(at: .seconds(30))
            case .evict: pool.evict()
            case .evictAtOnce: pool.evict(breakingOff: true)
            case .suspend: pool.suspend()
            case .resume: pool.resume()
            case .close: pool.close()
            }
        }
    }

    /// What an event does: the actions, and what the pool is like afterwards. What is not listed does nothing.
    private static let table: [Start: [Event: String]] = [
        .empty: [
            .acquire: "open 0 → connecting 1, waiting 1",
            .close: "drained → nothing",
        ],
        .pausing: [
            .acquire: "→ waiting 1",
            .close: "drained → nothing",
        ],
        .connecting: [
            .acquire: "→ connecting 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → connecting 1",
            .opened: "grant 1 slot 0 → leased 1",
            .failedForNow: "fail 1 cannotConnect → nothing",
            .failedForGood: "fail 1 authenticationFailed → nothing",
            .tickAtDeadline: "fail 1 acquireTimeout → connecting 1",
            .close: "fail 1 databaseClosed → connecting 1",
        ],
        .connectingForNobody: [
            .acquire: "→ connecting 1, waiting 1",
            .opened: "→ idle 1",
            .failedForNow: "→ nothing",
            .failedForGood: "→ nothing",
        ],
        .connectingEvicted: [
            .acquire: "→ connecting 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → connecting 1",
            .opened: "close 0 evicted → closing 1, waiting 1",
            .failedForNow: "fail 1 cannotConnect → nothing",
            .failedForGood: "fail 1 authenticationFailed → nothing",
            .tickAtDeadline: "fail 1 acquireTimeout → connecting 1",
            .close: "fail 1 databaseClosed → connecting 1",
        ],
        .idle: [
            .acquire: "grant 9 slot 0 → leased 1",
            .evict: "close 0 evicted → closing 1",
            .evictAtOnce: "close 0 evicted → closing 1",
            .close: "close 0 databaseClosed → closing 1",
        ],
        .suspect: [
            .acquire: "check 0 → checking 1, waiting 1",
            .evict: "close 0 evicted → closing 1",
            .evictAtOnce: "close 0 evicted → closing 1",
            .close: "close 0 databaseClosed → closing 1",
        ],
        .checking: [
            .acquire: "→ checking 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → checking 1",
            .answered: "grant 1 slot 0 → leased 1",
            .unanswered: "close 0 lost → closing 1, waiting 1",
            .tickAtCheckTimeout: "break off 0 silent → closing 1, waiting 1",
            .tickAtResetTimeout: "break off 0 silent → closing 1, waiting 1",
            .tickAtDeadline: "fail 1 acquireTimeout, break off 0 silent → closing 1",
            .evictAtOnce: "break off 0 evicted → closing 1, waiting 1",
            .close: "fail 1 databaseClosed → checking 1",
        ],
        .leased: [
            .acquire: "→ leased 1, waiting 1",
            .returned: "→ idle 1",
            .returnedTouched: "reset 0 → resetting 1",
            .returnedDirty: "close 0 notClean → closing 1",
            .returnedLost: "close 0 lost → closing 1",
            .ending: "→ resetting 1",
            .quarantined: "→ quarantined 1",
            .evictAtOnce: "break off 0 evicted → closing 1",
        ],
        .leasedAndWaitedFor: [
            .acquire: "→ leased 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → leased 1",
            .returned: "grant 1 slot 0 → leased 1",
            .returnedTouched: "reset 0 → resetting 1, waiting 1",
            .returnedDirty: "close 0 notClean → closing 1, waiting 1",
            .returnedLost: "close 0 lost → closing 1, waiting 1",
            .ending: "→ resetting 1, waiting 1",
            .quarantined: "→ quarantined 1, waiting 1",
            .tickAtDeadline: "fail 1 acquireTimeout → leased 1",
            .evictAtOnce: "break off 0 evicted → closing 1, waiting 1",
            .close: "fail 1 databaseClosed → leased 1",
        ],
        .leasedEvicted: [
            .acquire: "→ leased 1, waiting 1",
            .returned: "close 0 evicted → closing 1",
            .returnedTouched: "reset 0 → resetting 1",
            .returnedDirty: "close 0 notClean → closing 1",
            .returnedLost: "close 0 lost → closing 1",
            .ending: "→ resetting 1",
            .quarantined: "→ quarantined 1",
            .evictAtOnce: "break off 0 evicted → closing 1",
        ],
        .resetting: [
            .acquire: "→ resetting 1, waiting 1",
            .returned: "→ idle 1",
            .returnedTouched: "reset 0 → resetting 1",
            .returnedDirty: "close 0 notClean → closing 1",
            .returnedLost: "close 0 lost → closing 1",
            .quarantined: "→ quarantined 1",
            .cleaned: "→ idle 1",
            .cleanedLost: "close 0 lost → closing 1",
            .tickAtCheckTimeout: "break off 0 notClean → closing 1",
            .tickAtResetTimeout: "break off 0 notClean → closing 1",
            .tickAtDeadline: "break off 0 notClean → closing 1",
            .evictAtOnce: "break off 0 evicted → closing 1",
        ],
        .resettingAndWaitedFor: [
            .acquire: "→ resetting 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → resetting 1",
            .returned: "grant 1 slot 0 → leased 1",
            .returnedTouched: "reset 0 → resetting 1, waiting 1",
            .returnedDirty: "close 0 notClean → closing 1, waiting 1",
            .returnedLost: "close 0 lost → closing 1, waiting 1",
            .quarantined: "→ quarantined 1, waiting 1",
            .cleaned: "grant 1 slot 0 → leased 1",
            .cleanedLost: "close 0 lost → closing 1, waiting 1",
            .tickAtCheckTimeout: "break off 0 notClean → closing 1, waiting 1",
            .tickAtResetTimeout: "break off 0 notClean → closing 1, waiting 1",
            .tickAtDeadline: "fail 1 acquireTimeout, break off 0 notClean → closing 1",
            .evictAtOnce: "break off 0 evicted → closing 1, waiting 1",
            .close: "fail 1 databaseClosed → resetting 1",
        ],
        .quarantined: [
            .acquire: "→ quarantined 1, waiting 1",
            .cancelEnded: "reset 0 → resetting 1",
            .tickAtCheckTimeout: "break off 0 notClean → closing 1",
            .tickAtResetTimeout: "break off 0 notClean → closing 1",
            .tickAtDeadline: "break off 0 notClean → closing 1",
            .evictAtOnce: "break off 0 evicted → closing 1",
        ],
        .closing: [
            .acquire: "→ closing 1, waiting 1",
            .closed: "→ nothing",
        ],
        .closingAndWaitedFor: [
            .acquire: "→ closing 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → closing 1",
            .closed: "open 1 → connecting 1, waiting 1",
            .tickAtDeadline: "fail 1 acquireTimeout → closing 1",
            .close: "fail 1 databaseClosed → closing 1",
        ],
        .suspended: [
            .acquire: "→ idle 1, waiting 2",
            .cancelWaiter: "fail 1 cancelled → idle 1",
            .tickAtDeadline: "fail 1 acquireTimeout → idle 1",
            .evict: "close 0 evicted → closing 1, waiting 1",
            .evictAtOnce: "close 0 evicted → closing 1, waiting 1",
            .resume: "grant 1 slot 0 → leased 1",
            .close: "fail 1 databaseClosed, close 0 databaseClosed → closing 1",
        ],
        .closedAndEmpty: [
            .acquire: "fail 9 databaseClosed → nothing"
        ],
        .closedAndConnecting: [
            .acquire: "fail 9 databaseClosed → connecting 1",
            .opened: "close 0 databaseClosed → closing 1",
            .failedForNow: "drained → nothing",
            .failedForGood: "drained → nothing",
        ],
        .closedAndLeased: [
            .acquire: "fail 9 databaseClosed → leased 1",
            .returned: "close 0 databaseClosed → closing 1",
            .returnedTouched: "reset 0 → resetting 1",
            .returnedDirty: "close 0 notClean → closing 1",
            .returnedLost: "close 0 lost → closing 1",
            .ending: "→ resetting 1",
            .quarantined: "→ quarantined 1",
            .evictAtOnce: "break off 0 evicted → closing 1",
        ],
        .closedAndResetting: [
            .acquire: "fail 9 databaseClosed → resetting 1",
            .returned: "close 0 databaseClosed → closing 1",
            .returnedTouched: "reset 0 → resetting 1",
            .returnedDirty: "close 0 notClean → closing 1",
            .returnedLost: "close 0 lost → closing 1",
            .quarantined: "→ quarantined 1",
            .cleaned: "close 0 databaseClosed → closing 1",
            .cleanedLost: "close 0 lost → closing 1",
            .tickAtCheckTimeout: "break off 0 notClean → closing 1",
            .tickAtResetTimeout: "break off 0 notClean → closing 1",
            .tickAtDeadline: "break off 0 notClean → closing 1",
            .evictAtOnce: "break off 0 evicted → closing 1",
        ],
        .closedAndClosing: [
            .acquire: "fail 9 databaseClosed → closing 1",
            .closed: "drained → nothing",
        ],
    ]

    @Test(
        "Each event has one effect in each state, and none where it does not belong",
        arguments: Start.allCases,
        Event.allCases
    )
    func effects(start: Start, event: Event) {
        var pool = start.pool
        let before = pool.words
        let actions = event.happen(to: &pool).joined(separator: ", ")
        let effect = (actions.isEmpty ? "" : actions + " ") + "→ \(pool.words)"
        #expect(effect == Self.table[start]?[event] ?? "→ \(before)")
    }
}
