// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// What the tests of ``PoolState`` share.
enum PoolStateModel {
    static let transient = DatabaseError(.cannotConnect, "refused")
    static let permanent = DatabaseError(.authenticationFailed, "wrong password")
    static let timeout = Duration.seconds(30)
    static let pause = Duration.seconds(1)

    /// Actions in words: `open 0`, `grant 7 slot 0`, `fail 7 acquireTimeout`, `close 0`, `drained`.
    static func words(_ actions: [PoolState.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .open(let slot): "open \(slot)"
            case .grant(let waiter, let slot): "grant \(waiter) slot \(slot)"
            case .fail(let waiter, let error): "fail \(waiter) \(error.code)"
            case .close(let slot): "close \(slot)"
            case .drained: "drained"
            }
        }
    }
}

extension PoolState {
    /// The slots and waiters in words: `connecting 1, waiting 2`.
    var words: String {
        let counts = [
            ("connecting", count(.connecting)), ("idle", count(.idle)), ("leased", count(.leased)),
            ("closing", count(.closing)), ("waiting", waiting),
        ]
        let words = counts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return words.isEmpty ? "nothing" : words
    }

    mutating func acquire(_ waiter: WaiterID, at now: Duration = .zero) -> [String] {
        PoolStateModel.words(acquire(waiter, now: now, timeout: PoolStateModel.timeout))
    }

    mutating func cancel(_ waiter: WaiterID, at now: Duration = .zero) -> [String] {
        PoolStateModel.words(cancel(waiter, now: now))
    }

    mutating func opened(_ slot: SlotID, at now: Duration = .zero) -> [String] {
        PoolStateModel.words(opened(slot, now: now))
    }

    mutating func openFailed(_ slot: SlotID, _ error: DatabaseError, at now: Duration = .zero) -> [String] {
        PoolStateModel.words(openFailed(slot, error, now: now) { PoolStateModel.pause * $0 })
    }

    mutating func returned(_ slot: SlotID, isUsable: Bool = true, at now: Duration = .zero) -> [String] {
        PoolStateModel.words(returned(slot, isUsable: isUsable, now: now))
    }

    mutating func becameUnreachable(at now: Duration = .zero) -> [String] {
        PoolStateModel.words(becameUnreachable(now: now))
    }

    mutating func closed(_ slot: SlotID, at now: Duration = .zero) -> [String] {
        PoolStateModel.words(closed(slot, now: now))
    }

    mutating func tick(at now: Duration) -> [String] {
        PoolStateModel.words(tick(now: now))
    }

    mutating func close(at now: Duration = .zero) -> [String] {
        PoolStateModel.words(close(now: now))
    }

    /// A pool with so many leased slots, numbered from 0, and no waiter.
    static func leased(_ count: Int, limit: Int) -> PoolState {
        var pool = PoolState(limit: limit)
        for slot in 0..<count {
            _ = pool.acquire(-1 - slot)
            _ = pool.opened(slot)
        }
        return pool
    }
}
