// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// What a pool promises to those who wait, written down a second time: in words of what is the case, and not of what is to be
/// done.
enum PoolPromises {
    /// The promise that a state breaks; nil if it breaks none.
    static func broken(by state: PoolState, at now: Duration) -> String? {
        guard let first = state.waiters.first else { return nil }
        if state.isClosed { return "waiting: someone waits for a closed pool" }
        if state.waiters.contains(where: { $0.deadline < now }) {
            return "deadline: waiter \(first.id) waits beyond it"
        }
        if state.isSuspended { return nil }
        let coming = state.slots.count(.checking)
        for slot in state.slots.all where slot.phase == .idle {
            let isSuspect = slot.outages < state.outages
            let isSilent = state.configuration.pingAfter.map { state.now - slot.lastAlive > $0 } ?? false
            if !isSuspect, !isSilent { return "waiting: someone waits while connection \(slot.id) rests" }
            if coming < state.waiters.count {
                return "waiting: someone waits while connection \(slot.id) could be checked"
            }
        }
        let connecting = state.slots.count(.connecting)
        let supply = connecting + coming + state.slots.count(.resetting)
        let isPausing = state.retryAt.map { max(state.now, now) <= $0 } ?? false
        guard state.waiters.count > supply, state.slots.count < state.limit, !isPausing else { return nil }
        let isHealthy = state.hasConnected && state.failures == 0
        guard connecting < (isHealthy ? state.configuration.parallelConnects : 1) else { return nil }
        return "waiting: someone waits while a connection could be opened"
    }
}
