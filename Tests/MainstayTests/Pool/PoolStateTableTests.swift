// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Every state of a pool with one slot against every event.
struct PoolStateTableTests {
    /// What the only slot, number 0 or 1, is doing; waiter 1 waits if one waits.
    enum Start: CaseIterable {
        case empty, pausing, connecting, connectingForNobody, idle, leased, leasedAndWaitedFor, closing,
            closingAndWaitedFor
        case closedAndEmpty, closedAndConnecting, closedAndLeased, closedAndClosing

        /// The pool and the number of its slot, or of the one it would have next.
        var pool: (PoolState, slot: Int) {
            var pool = PoolState(limit: 1)
            _ = pool.acquire(1)
            if self == .connecting { return (pool, 0) }
            if self == .closedAndConnecting || self == .connectingForNobody {
                _ = self == .closedAndConnecting ? pool.close() : pool.cancel(1)
                return (pool, 0)
            }
            _ = pool.opened(0)
            switch self {
            case .leased: break
            case .leasedAndWaitedFor: _ = pool.acquire(1)
            case .idle: _ = pool.returned(0)
            case .closedAndLeased: _ = pool.close()
            default: _ = pool.returned(0, isUsable: false)
            }
            switch self {
            case .closingAndWaitedFor: _ = pool.acquire(1)
            case .closedAndClosing: _ = pool.close()
            case .empty: _ = pool.closed(0)
            case .closedAndEmpty: _ = (pool.closed(0), pool.close())
            case .pausing:
                _ = (pool.closed(0), pool.acquire(1), pool.openFailed(1, PoolStateModel.transient))
                return (pool, 1)
            default: break
            }
            return (pool, 0)
        }
    }

    enum Event: CaseIterable {
        case acquire, cancelWaiter, cancelStranger, opened, failedForNow, failedForGood, returned, returnedBroken,
            closed
        case tickBeforeRetry, tickAtRetry, tickAtDeadline, becameUnreachable, close

        func happen(to pool: inout PoolState, slot: Int) -> [String] {
            switch self {
            case .acquire: pool.acquire(9)
            case .cancelWaiter: pool.cancel(1)
            case .cancelStranger: pool.cancel(99)
            case .opened: pool.opened(slot)
            case .failedForNow: pool.openFailed(slot, PoolStateModel.transient)
            case .failedForGood: pool.openFailed(slot, PoolStateModel.permanent)
            case .returned: pool.returned(slot)
            case .returnedBroken: pool.returned(slot, isUsable: false)
            case .closed: pool.closed(slot)
            case .tickBeforeRetry: pool.tick(at: .milliseconds(999))
            case .tickAtRetry: pool.tick(at: .seconds(1))
            case .tickAtDeadline: pool.tick(at: .seconds(30))
            case .becameUnreachable: pool.becameUnreachable()
            case .close: pool.close()
            }
        }
    }

    /// What an event does: the actions, and what the pool is like afterwards.
    struct Effect: Equatable, CustomStringConvertible {
        var actions: [String]
        var after: String

        init(_ actions: [String], _ after: String) {
            self.actions = actions
            self.after = after
        }

        var description: String { "\(actions) → \(after)" }
    }

    /// What is not listed does nothing.
    private static let table: [Start: [Event: Effect]] = [
        .empty: [
            .acquire: Effect(["open 1"], "connecting 1, waiting 1"),
            .close: Effect(["drained"], "nothing"),
        ],
        .pausing: [
            .acquire: Effect([], "waiting 2"),
            .cancelWaiter: Effect(["fail 1 cancelled"], "nothing"),
            .tickAtRetry: Effect(["open 2"], "connecting 1, waiting 1"),
            .tickAtDeadline: Effect(["fail 1 acquireTimeout"], "nothing"),
            .close: Effect(["fail 1 databaseClosed", "drained"], "nothing"),
        ],
        .connecting: [
            .acquire: Effect([], "connecting 1, waiting 2"),
            .cancelWaiter: Effect(["fail 1 cancelled"], "connecting 1"),
            .opened: Effect(["grant 1 slot 0"], "leased 1"),
            .failedForNow: Effect(["fail 1 cannotConnect"], "nothing"),
            .failedForGood: Effect(["fail 1 authenticationFailed"], "nothing"),
            .tickAtDeadline: Effect(["fail 1 acquireTimeout"], "connecting 1"),
            .close: Effect(["fail 1 databaseClosed"], "connecting 1"),
        ],
        .connectingForNobody: [
            .acquire: Effect([], "connecting 1, waiting 1"),
            .opened: Effect([], "idle 1"),
            .failedForNow: Effect([], "nothing"),
            .failedForGood: Effect([], "nothing"),
            .close: Effect([], "connecting 1"),
        ],
        .idle: [
            .acquire: Effect(["grant 9 slot 0"], "leased 1"),
            .becameUnreachable: Effect(["close 0"], "closing 1"),
            .close: Effect(["close 0"], "closing 1"),
        ],
        .leased: [
            .acquire: Effect([], "leased 1, waiting 1"),
            .returned: Effect([], "idle 1"),
            .returnedBroken: Effect(["close 0"], "closing 1"),
            .close: Effect([], "leased 1"),
        ],
        .leasedAndWaitedFor: [
            .acquire: Effect([], "leased 1, waiting 2"),
            .cancelWaiter: Effect(["fail 1 cancelled"], "leased 1"),
            .returned: Effect(["grant 1 slot 0"], "leased 1"),
            .returnedBroken: Effect(["close 0"], "closing 1, waiting 1"),
            .tickAtDeadline: Effect(["fail 1 acquireTimeout"], "leased 1"),
            .close: Effect(["fail 1 databaseClosed"], "leased 1"),
        ],
        .closing: [
            .acquire: Effect([], "closing 1, waiting 1"),
            .closed: Effect([], "nothing"),
            .close: Effect([], "closing 1"),
        ],
        .closingAndWaitedFor: [
            .acquire: Effect([], "closing 1, waiting 2"),
            .cancelWaiter: Effect(["fail 1 cancelled"], "closing 1"),
            .closed: Effect(["open 1"], "connecting 1, waiting 1"),
            .tickAtDeadline: Effect(["fail 1 acquireTimeout"], "closing 1"),
            .close: Effect(["fail 1 databaseClosed"], "closing 1"),
        ],
        .closedAndEmpty: [
            .acquire: Effect(["fail 9 databaseClosed"], "nothing")
        ],
        .closedAndConnecting: [
            .acquire: Effect(["fail 9 databaseClosed"], "connecting 1"),
            .opened: Effect(["close 0"], "closing 1"),
            .failedForNow: Effect(["drained"], "nothing"),
            .failedForGood: Effect(["drained"], "nothing"),
        ],
        .closedAndLeased: [
            .acquire: Effect(["fail 9 databaseClosed"], "leased 1"),
            .returned: Effect(["close 0"], "closing 1"),
            .returnedBroken: Effect(["close 0"], "closing 1"),
        ],
        .closedAndClosing: [
            .acquire: Effect(["fail 9 databaseClosed"], "closing 1"),
            .closed: Effect(["drained"], "nothing"),
        ],
    ]

    @Test(
        "Each event has one effect in each state, and none where it does not belong",
        arguments: Start.allCases,
        Event.allCases
    )
    func effects(start: Start, event: Event) {
        var (pool, slot) = start.pool
        let before = pool.words
        let actions = event.happen(to: &pool, slot: slot)
        guard let expected = Self.table[start]?[event] else {
            return #expect(Effect(actions, pool.words) == Effect([], before))
        }
        #expect(Effect(actions, pool.words) == expected)
    }
}
