// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import MainstayTesting
import Synchronization

@testable import Mainstay

/// What must hold in a pool after every job of a simulation.
struct PoolInvariants {
    private let pool: Pool
    private let server: SimulatedServer
    let told: PoolSimulation.Told
    /// The largest limit so far: while the pool shrinks, it may be exceeded by what there was.
    private var largestLimit: Int
    private var queue = Deque<PoolState.Waiter>()

    init(_ pool: Pool, _ server: SimulatedServer, _ told: PoolSimulation.Told) {
        self.pool = pool
        self.server = server
        self.told = told
        largestLimit = pool.configuration.limit
    }

    mutating func resized(to limit: Int) {
        largestLimit = max(largestLimit, limit)
    }

    /// What does not hold; nil if all is well.
    mutating func broken(at now: Duration) -> String? {
        let state = pool.state.withLock { $0.decisions }
        let fault =
            server.fault ?? limits(state) ?? PoolPromises.broken(by: state, at: now) ?? alarm(state)
            ?? order(state, now)
        queue = state.waiters
        told.events.removeAll(keepingCapacity: true)
        return fault
    }

    /// What the pool is like, in words.
    var description: String {
        let state = pool.state.withLock { $0.decisions }
        let slots = state.slots.all.sorted { $0.id.serial < $1.id.serial }.map { "\($0.id) \($0.phase)" }
        let waiting = state.waiters.map { "\($0.id) (\($0.site.line))" }
        return "\(slots.joined(separator: ", ")); waiting: \(waiting.joined(separator: ", "))"
    }

    private func limits(_ state: PoolState) -> String? {
        if server.open.count > largestLimit { return "limit: the server sees \(server.open.count) connections" }
        if server.open.count > state.slots.count {
            return "limit: the server has connections that the pool does not count"
        }
        if state.slots.count > largestLimit { return "limit: \(state.slots.count) slots" }
        return nil
    }

    private func alarm(_ state: PoolState) -> String? {
        guard let alarm = pool.alarm as? SimulatedAlarm, let deadline = state.nextDeadline, !state.isDrained else {
            return nil
        }
        guard let time = alarm.time else { return "deadline: the alarm is off, and something is due at \(deadline)" }
        return time <= deadline ? nil : "deadline: the alarm rings at \(time), and something is due at \(deadline)"
    }

    /// Who was granted a connection stood before all who still wait.
    private func order(_ state: PoolState, _ now: Duration) -> String? {
        for event in told.events {
            switch event.kind {
            case .leased(let site, let waited):
                if waited > pool.configuration.acquireTimeout { return "deadline: a lease was granted after \(waited)" }
                guard let waiter = queue.first(where: { $0.site == site && !state.waiters.map(\.id).contains($0.id) })
                else {
                    continue
                }
                if let passed = state.waiters.first(where: { $0.id < waiter.id && queue.map(\.id).contains($0.id) }) {
                    return "order: \(waiter.id) was served before \(passed.id)"
                }
            case .leaseFailed(_, _, let waited):
                if waited > pool.configuration.acquireTimeout { return "deadline: a wait failed after \(waited)" }
            default: break
            }
        }
        return nil
    }
}
