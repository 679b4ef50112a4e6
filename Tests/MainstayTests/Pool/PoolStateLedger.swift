// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// A second opinion on a ``PoolState``: it follows the actions, knows nothing of how they were found, and says which of them
/// must not be.
struct PoolStateLedger {
    /// What the actions have made of a connection.
    enum Stand: Hashable {
        case opening, free, leased, pinged, cleaned, closing
    }

    private var limit: Int
    /// How many connections there may be: the limit, or those that were there when it was lowered and are still.
    private var most: Int
    /// The connections by the numbers of their slots.
    private(set) var stands: [Int: Stand] = [:]
    private(set) var waiting: [Int] = []
    private var warming: Set<Int> = []
    private var isClosed = false
    private var isDrained = false
    /// What went wrong first.
    private(set) var fault: String?

    init(limit: Int) {
        self.limit = limit
        most = limit
    }

    // MARK: - What happened

    mutating func asked(_ waiter: Int) {
        waiting.append(waiter)
    }

    mutating func warms(_ waiter: Int) {
        warming.insert(waiter)
    }

    mutating func resized(to limit: Int) {
        self.limit = limit
        most = max(limit, stands.count)
    }

    mutating func closes() {
        isClosed = true
    }

    /// What someone reported of a connection: it is free again, or gone.
    mutating func became(_ slot: Int, _ stand: Stand?) {
        guard stands[slot] != .closing || stand == nil else { return }
        stands[slot] = stand
    }

    /// The short way and the long one must lead to the same state.
    mutating func agree(_ short: PoolState, _ long: PoolState, _ actions: [PoolState.Action]) {
        let isSame =
            actions.isEmpty && short.slots.all.elementsEqual(long.slots.all) && short.idle == long.idle
            && short.totals == long.totals && short.overdue == long.overdue && short.nextDeadline == long.nextDeadline
            && (long.wakeAt ?? short.wakeAt) == short.wakeAt
        note(isSame ? nil : "the short way is not the long one")
    }

    // MARK: - What follows

    mutating func follow(_ actions: [PoolState.Action], _ state: PoolState) {
        for action in actions { follow(action, isGivenUp: state.isGraceOver) }
        let counted = Dictionary(uniqueKeysWithValues: state.slots.all.map { ($0.id.serial, Self.stand($0.phase)) })
        note(counted == stands ? nil : "the pool has \(counted), and the ledger \(stands)")
        note(state.waiters.map(\.id) == waiting ? nil : "the pool has other waiters than \(waiting)")
        note(Set(state.warmUps.map(\.waiter.id)) == warming ? nil : "the pool warms up for others than \(warming)")
        note(state.slots.count <= most ? nil : "\(state.slots.count) connections")
        most = max(limit, min(most, stands.count))
        note(isDrained || !isClosed || !stands.isEmpty ? nil : "everything is closed, and nobody is told")
        note(PoolPromises.broken(by: state, at: state.now))
        if let deadline = state.nextDeadline, !state.isDrained {
            note((state.wakeAt.map { $0 <= deadline } ?? false) ? nil : "nobody watches what is due at \(deadline)")
        }
    }

    private mutating func follow(_ action: PoolState.Action, isGivenUp: Bool) {
        switch action {
        case .open(let slot):
            note(stands[slot.serial] == nil && !isClosed ? nil : "\(slot) is opened")
            stands[slot.serial] = .opening
        case .grant(let waiter, let slot):
            note(waiting.first == waiter ? nil : "\(waiter) is granted a connection before \(waiting)")
            note(
                stands[slot.serial] == .free
                    ? nil : "\(slot) is granted while it is \(stands[slot.serial].map { "\($0)" } ?? "gone")"
            )
            waiting.removeAll { $0 == waiter }
            stands[slot.serial] = .leased
        case .fail(let waiter, _):
            note(waiting.contains(waiter) || warming.contains(waiter) ? nil : "\(waiter) fails, and does not wait")
            waiting.removeAll { $0 == waiter }
            warming.remove(waiter)
        case .warm(let waiter):
            note(warming.remove(waiter) == nil ? "\(waiter) is told that it is warm, and did not ask" : nil)
        case .check(let slot):
            note(stands[slot.serial] == .free ? nil : "\(slot) is pinged while it is in use")
            stands[slot.serial] = .pinged
        case .reset(let slot):
            note(stands[slot.serial] == .free ? nil : "\(slot) is reset while it is in use")
            stands[slot.serial] = .cleaned
        case .close(let slot, _):
            note(stands[slot.serial] == .free ? nil : "\(slot) is closed while it is in use")
            stands[slot.serial] = .closing
        case .breakOff(let slot, _):
            note(stands[slot.serial] != .closing && stands[slot.serial] != nil ? nil : "\(slot) is broken off twice")
            stands[slot.serial] = .closing
        case .drained:
            // What can't be broken off is given up in the end.
            note(isClosed && !isDrained && (stands.isEmpty || isGivenUp) ? nil : "drained with \(stands)")
            isDrained = true
        case .interruptConnecting, .reportLease: break
        }
    }

    private static func stand(_ phase: PoolSlot.Phase) -> Stand {
        switch phase {
        case .connecting: .opening
        case .idle: .free
        case .leased: .leased
        case .checking: .pinged
        case .resetting, .quarantined: .cleaned
        case .closing: .closing
        }
    }

    mutating func note(_ fault: String?) {
        if self.fault == nil { self.fault = fault }
    }
}
