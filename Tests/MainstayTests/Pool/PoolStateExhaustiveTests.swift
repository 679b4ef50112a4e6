// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Small pools, and everything that can happen to them in any order.
struct PoolStateExhaustiveTests {
    /// How many events follow each other.
    private static let depth = 9
    private static let waiters = 3

    /// A state, and what it was reached by.
    private struct Node {
        var state: PoolState
        var ledger: PoolStateLedger
        var asked = 0
        var path: [PoolStateEvent] = []
    }

    @Test("Two connections, three waiters: no order of nine events breaks a promise", arguments: [0, 1])
    func everyOrder(minimumIdle: Int) {
        let pool = PoolStateModel.pool(limit: 2) {
            $0.minimumIdle = minimumIdle
            $0.acquireTimeout = .seconds(10)
        }
        var nodes = [Node(state: pool, ledger: PoolStateLedger(limit: 2))]
        var seen: Set<String> = []
        var transitions = 0
        for _ in 0..<Self.depth {
            var next: [Node] = []
            for node in nodes {
                let waiter = node.asked < Self.waiters ? node.asked : nil
                for event in PoolStateEvent.all(node.state, waiter: waiter) {
                    var after = node
                    event.happen(to: &after.state, &after.ledger)
                    after.path.append(event)
                    if case .acquire = event { after.asked += 1 }
                    transitions += 1
                    if let fault = after.ledger.fault {
                        Issue.record("\(fault)\nafter \(after.path)")
                        return
                    }
                    // What is the same but for the names of its connections goes on in the same way.
                    if seen.insert(Self.key(after)).inserted { next.append(after) }
                }
            }
            nodes = next
        }
        #expect(seen.count > 5_000, "\(seen.count) states, \(transitions) transitions")
    }

    private static func key(_ node: Node) -> String {
        let state = node.state
        let slots = state.slots.all.sorted { $0.id.serial < $1.id.serial }
        let parts = slots.map { slot in
            let flags = "\(slot.isEvicted ? "e" : "")\(slot.isOverdue ? "o" : "")\(slot.isReported ? "r" : "")"
            let rank = state.idle.firstIndex(of: slot.id) ?? -1
            return "\(slot.phase.rawValue)\(flags)\(state.outages - slot.outages),\(rank),\(state.now - slot.since)"
        }
        let times = [state.retryAt, state.refusal?.until, state.graceEnds, state.wakeAt].map { time in
            time.map { "\(max($0 - state.now, .zero))" } ?? "-"
        }
        let waiters = state.waiters.map { "\($0.deadline - state.now)" }
        let flags = "\(state.isSuspended)\(state.isClosed)\(state.isGraceOver)\(state.hasConnected)\(state.failures)"
        return "\(parts)\(times)\(waiters)\(flags)\(node.asked)"
    }
}
