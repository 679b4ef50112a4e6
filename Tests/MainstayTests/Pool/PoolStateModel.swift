// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// What the tests of ``PoolState`` share. Slots are named by their numbers, from 0.
enum PoolStateModel {
    static let transient = DatabaseError(.cannotConnect, "refused")
    static let permanent = DatabaseError(.authenticationFailed, "wrong password")

    /// Actions in words: `open 0`, `grant 7 slot 0`, `fail 7 acquireTimeout`, `close 0 idle`, `drained`.
    static func words(_ actions: [PoolState.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .open(let slot): "open \(slot)"
            case .grant(let waiter, let slot): "grant \(waiter) slot \(slot)"
            case .fail(let waiter, let error): "fail \(waiter) \(error.code)"
            case .warm(let waiter): "warm \(waiter)"
            case .check(let slot): "check \(slot)"
            case .reset(let slot): "reset \(slot)"
            case .close(let slot, let reason): "close \(slot) \(reason)"
            case .breakOff(let slot, let reason): "break off \(slot) \(reason)"
            case .interruptConnecting(let slot): "interrupt \(slot)"
            case .reportLease(let slot, _, let held): "report \(slot) after \(held.forPeople)"
            case .drained: "drained"
            }
        }
    }

    /// A pool without anything that happens by itself, unless it is configured.
    static func pool(
        limit: Int,
        isPermanent: Bool = false,
        _ configure: (inout PoolConfiguration) -> Void = { _ in }
    ) -> PoolState {
        var configuration = PoolConfiguration(size: limit)
        configuration.idleTimeout = nil
        configuration.maxLifetime = nil
        configuration.keepAlivePeriod = nil
        configuration.pingAfter = nil
        configuration.connectTimeout = .seconds(1000)
        configure(&configuration)
        let backoff = Backoff(first: .seconds(4), limit: .seconds(100))
        return PoolState(configuration: configuration, isPermanent: isPermanent, backoff: backoff, seed: 1)
    }

    /// A pool with so many leased slots, numbered from 0, and no waiter.
    static func leased(
        _ count: Int,
        limit: Int,
        _ configure: (inout PoolConfiguration) -> Void = { _ in }
    ) -> PoolState {
        var pool = pool(limit: limit, configure)
        for slot in 0..<count {
            _ = pool.acquire(-100 + slot)
            _ = pool.opened(slot)
        }
        return pool
    }
}

extension PoolState {
    /// The slots and waiters in words: `connecting 1, waiting 2`.
    var words: String {
        let counts = PoolSlot.Phase.allCases.map { ("\($0)", slots.count($0)) } + [("waiting", waiters.count)]
        let words = counts.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return words.isEmpty ? "nothing" : words
    }

    /// The slot of a number; one that is gone, or never was, keeps its number.
    func slot(_ serial: Int) -> SlotID {
        slots.all.first { $0.id.serial == serial }?.id ?? SlotID(index: 0, serial: serial)
    }

    private func time(_ time: Duration?) -> Duration { time ?? now }

    func waiter(_ id: WaiterID, at now: Duration, holding held: Int? = nil, isBack: Bool = false) -> Waiter {
        Waiter(
            id: id,
            since: now,
            deadline: now + configuration.acquireTimeout,
            site: CallSite(fileID: "Shop/Orders.swift", line: 42),
            holds: held.map { slot($0) },
            isBack: isBack
        )
    }

    mutating func acquire(
        _ id: WaiterID,
        at now: Duration? = nil,
        holding held: Int? = nil,
        isBack: Bool = false
    ) -> [String] {
        let waiter = waiter(id, at: time(now), holding: held, isBack: isBack)
        return PoolStateModel.words(acquire(waiter, now: time(now)))
    }

    mutating func warmUp(_ id: WaiterID, _ count: Int, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(warmUp(waiter(id, at: time(now)), count: count, now: time(now)))
    }

    mutating func cancel(_ waiter: WaiterID, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(cancel(waiter, now: time(now)))
    }

    mutating func opened(_ serial: Int, at now: Duration? = nil, silenceLimit: Duration? = nil) -> [String] {
        PoolStateModel.words(opened(slot(serial), silenceLimit: silenceLimit, now: time(now)))
    }

    mutating func connected(_ serial: Int, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(connected(slot(serial), now: time(now)))
    }

    mutating func openFailed(_ serial: Int, _ error: DatabaseError, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(openFailed(slot(serial), error, now: time(now)))
    }

    mutating func returned(
        _ serial: Int,
        _ condition: LeaseCondition = .clean,
        at now: Duration? = nil
    ) -> [String] {
        PoolStateModel.words(returned(slot(serial), condition, now: time(now)))
    }

    mutating func ending(_ serial: Int, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(ending(slot(serial), now: time(now)))
    }

    mutating func quarantined(_ serial: Int, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(quarantined(slot(serial), now: time(now)))
    }

    mutating func cancelEnded(_ serial: Int, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(cancelEnded(slot(serial), now: time(now)))
    }

    mutating func cleaned(
        _ serial: Int,
        _ condition: LeaseCondition = .clean,
        failure: DatabaseError? = nil,
        at now: Duration? = nil
    ) -> [String] {
        PoolStateModel.words(cleaned(slot(serial), condition, failure: failure, now: time(now)))
    }

    mutating func checked(_ serial: Int, isAlive: Bool = true, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(checked(slot(serial), isAlive: isAlive, now: time(now)))
    }

    mutating func closed(_ serial: Int, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(closed(slot(serial), now: time(now)))
    }

    mutating func tick(at now: Duration) -> [String] {
        PoolStateModel.words(tick(now: now))
    }

    mutating func evict(breakingOff: Bool = false, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(evict(breakingOff: breakingOff, now: time(now)))
    }

    mutating func resize(to size: Int, overflow: Int? = 0, minimumIdle: Int? = 0) -> [String] {
        PoolStateModel.words(resize(size: size, overflow: overflow, minimumIdle: minimumIdle, now: now))
    }

    mutating func suspend() -> [String] {
        PoolStateModel.words(suspend(now: now))
    }

    mutating func resume() -> [String] {
        PoolStateModel.words(resume(now: now))
    }

    mutating func refuse(grace: Duration? = nil, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(refuse(grace: grace, now: time(now)))
    }

    mutating func close(grace: Duration? = nil, at now: Duration? = nil) -> [String] {
        PoolStateModel.words(close(grace: grace, now: time(now)))
    }
}
