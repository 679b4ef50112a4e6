// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// What a pool promises to those who wait, written down a second time: in words of what is the case, and not of what is to be
/// done.
enum PoolPromises {
    /// The promise that a state breaks; nil if it breaks none.
    static func broken(by state: PoolState, at now: Duration) -> String? {
        warming(state, at: now) ?? waiting(state, at: now)
    }

    /// Those who want so many connections to be there.
    private static func warming(_ state: PoolState, at now: Duration) -> String? {
        guard let most = state.warmUps.map({ min($0.count, state.limit) }).max() else { return nil }
        if state.isRefusing { return "warming: someone warms up a closed pool" }
        if state.warmUps.contains(where: { $0.waiter.deadline < now }) { return "deadline: a pool warms up beyond it" }
        let slots = Array(state.slots.all)
        let used = slots.count { [.leased, .resetting, .quarantined].contains($0.phase) }
        let fresh = slots.count { slot in
            let isSilent = state.configuration.pingAfter.map { state.now - slot.lastAlive > $0 } ?? false
            return slot.phase == .idle && slot.outages == state.outages && !slot.isUnclean && !isSilent
        }
        if state.warmUps.contains(where: { min($0.count, state.limit) <= used + fresh }) {
            return "warming: someone waits for connections that are there"
        }
        if state.isSuspended { return nil }
        if slots.count(where: { $0.phase == .idle }) > fresh { return "warming: a connection could be checked" }
        guard state.slots.open < most, state.slots.count < state.limit else { return nil }
        return mayConnect(state, at: now) ? "warming: a connection could be opened" : nil
    }

    private static func mayConnect(_ state: PoolState, at now: Duration) -> Bool {
        let isPausing = state.retryAt.map { max(state.now, now) <= $0 } ?? false
        let isRefused = state.refusal.map { state.now < $0.until } ?? false
        let isHealthy = state.hasConnected && state.failures == 0
        let most = isHealthy ? state.configuration.parallelConnects : 1
        return !isPausing && !isRefused && state.slots.count(.connecting) < most
    }

    private static func waiting(_ state: PoolState, at now: Duration) -> String? {
        guard let first = state.waiters.first else { return nil }
        if state.isRefusing { return "waiting: someone waits for a closed pool" }
        if state.waiters.contains(where: { $0.deadline < now }) {
            return "deadline: waiter \(first.id) waits beyond it"
        }
        if state.isSuspended { return nil }
        let checking = state.slots.count(.checking)
        for slot in state.slots.all where slot.phase == .idle {
            let isSuspect = slot.outages < state.outages
            let isSilent = state.configuration.pingAfter.map { state.now - slot.lastAlive > $0 } ?? false
            if !isSuspect, !isSilent { return "waiting: someone waits while connection \(slot.id) rests" }
            if isSuspect { return "waiting: someone waits while suspect \(slot.id) could be checked" }
            if checking < state.waiters.count {
                return "waiting: someone waits while connection \(slot.id) could be checked"
            }
        }
        let connecting = state.slots.count(.connecting)
        let suspects = state.slots.all.count { $0.phase == .checking && $0.outages < state.outages }
        let supply = connecting + checking - suspects
        guard state.waiters.count > supply, state.slots.count < state.limit else { return nil }
        return mayConnect(state, at: now) ? "waiting: someone waits while a connection could be opened" : nil
    }
}
