// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// A pool, a random source that makes events, and a model that checks what the pool answers.
struct PoolStateRun {
    private var generator: ValueTests.Generator
    private var pool: PoolState
    private let limit: Int
    private let timeout: Duration
    private var now = Duration.zero

    // What the actions so far have made of it.
    private var slots: [Int: PoolState.Slot] = [:]
    private var idle: [Int] = []
    private var waiters: [(id: Int, deadline: Duration)] = []
    private var nextWaiter = 0
    private var isClosed = false
    private var isDrained = false
    private var hasConnected = false
    private var pauseEnds: Duration?

    /// What went wrong first.
    private(set) var fault: String?
    /// What happened, for the report.
    private(set) var history: [String] = []
    /// How often the pool asked to be called at a time that was over already.
    private(set) var deadlinesInThePast = 0

    init(seed: UInt64) {
        generator = ValueTests.Generator(seed: seed)
        limit = Int.random(in: 1...5, using: &generator)
        timeout = .milliseconds(Int.random(in: 500...5000, using: &generator))
        pool = PoolState(limit: limit)
    }

    // MARK: - Events

    /// One random event.
    mutating func step() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<30: acquire()
        case 30..<38: cancel()
        case 38..<62: finishConnecting()
        case 62..<80: giveBack()
        case 80..<88: finishClosing()
        case 88..<97: passTime()
        case 97: becomeUnreachable()
        default: if Int.random(in: 0..<8, using: &generator) == 0 { close() }
        }
    }

    /// Closes the pool and lets everything come to its end.
    mutating func drain() {
        close()
        while fault == nil, !slots.isEmpty {
            finishConnecting()
            giveBack()
            finishClosing()
        }
        check(isDrained, "not drained after the last slot was gone")
        check(waiters.isEmpty, "someone still waits")
    }

    private mutating func acquire() {
        let waiter = nextWaiter
        nextWaiter += 1
        waiters.append((waiter, now + timeout))
        let actions = pool.acquire(waiter, now: now, timeout: timeout)
        follow(actions, after: "acquire \(waiter)")
    }

    private mutating func cancel() {
        // Some are waiting, some were granted or failed, some have never been.
        let waiter = Int.random(in: max(0, nextWaiter - 8)...nextWaiter, using: &generator)
        follow(pool.cancel(waiter, now: now), after: "cancel \(waiter)")
    }

    private mutating func finishConnecting() {
        guard let slot = random(.connecting) else { return }
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<7:
            hasConnected = true
            pauseEnds = nil
            slots[slot] = .idle
            if !isClosed { idle.append(slot) }
            follow(pool.opened(slot, now: now), after: "opened \(slot)")
        case 7..<9:
            slots[slot] = nil
            let pause = Duration.milliseconds(Int.random(in: 0...2000, using: &generator))
            // Attempts that fail together may share a pause or not: the longest is waited for.
            if hasConnected { pauseEnds = max(pauseEnds ?? .zero, now + pause) }
            let actions = pool.openFailed(slot, PoolStateModel.transient, now: now) { _ in pause }
            follow(actions, after: "failed \(slot) for now")
            check(hasConnected || waiters.isEmpty, "someone waits for a database that never answered")
        default:
            slots[slot] = nil
            let actions = pool.openFailed(slot, PoolStateModel.permanent, now: now) { _ in .zero }
            follow(actions, after: "failed \(slot) for good")
            check(waiters.isEmpty, "someone waits in spite of a wrong password")
        }
    }

    private mutating func giveBack() {
        guard let slot = random(.leased) else { return }
        let isUsable = Int.random(in: 0..<4, using: &generator) > 0
        if isUsable, !isClosed {
            slots[slot] = .idle
            idle.append(slot)
        }
        follow(pool.returned(slot, isUsable: isUsable, now: now), after: "returned \(slot), usable: \(isUsable)")
        check(isUsable || slots[slot] == .closing, "a broken connection was not closed")
    }

    private mutating func finishClosing() {
        guard let slot = random(.closing) else { return }
        slots[slot] = nil
        follow(pool.closed(slot, now: now), after: "closed \(slot)")
    }

    private mutating func passTime() {
        now += .milliseconds(Int.random(in: 1...1500, using: &generator))
        guard let deadline = pool.nextDeadline, deadline <= now else { return }
        follow(pool.tick(now: now), after: "tick")
        if let next = pool.nextDeadline, next <= now { deadlinesInThePast += 1 }
    }

    private mutating func becomeUnreachable() {
        idle.removeAll()
        follow(pool.becameUnreachable(now: now), after: "unreachable")
        check(!slots.values.contains(.idle), "a connection rests that must be dead")
    }

    private mutating func close() {
        isClosed = true
        let actions = pool.close(now: now)
        idle.removeAll()
        follow(actions, after: "close")
        check(waiters.isEmpty, "someone waits for a closed pool")
    }

    private mutating func random(_ state: PoolState.Slot) -> Int? {
        slots.filter { $0.value == state }.keys.sorted().randomElement(using: &generator)
    }

    // MARK: - What may and what must follow

    private mutating func follow(_ actions: [PoolState.Action], after event: String) {
        history.append("\(now) \(event): \(PoolStateModel.words(actions))")
        for action in actions {
            switch action {
            case .open(let slot):
                check(!isClosed, "opened after closing")
                let earlier = slots.updateValue(.connecting, forKey: slot)
                check(earlier == nil, "slot \(slot) is opened twice")
            case .grant(let waiter, let slot):
                check(!isClosed, "granted after closing")
                check(waiters.first?.id == waiter, "waiter \(waiter) is not the first in the queue")
                check(idle.last == slot, "slot \(slot) is not the one that was used last")
                waiters.removeAll { $0.id == waiter }
                idle.removeAll { $0 == slot }
                slots[slot] = .leased
            case .fail(let waiter, let error):
                let failed = waiters.first { $0.id == waiter }
                check(failed != nil, "waiter \(waiter) fails and does not wait")
                check(error.code != .acquireTimeout || failed.map { $0.deadline <= now } == true, "too early")
                waiters.removeAll { $0.id == waiter }
            case .close(let slot):
                check(slots[slot] == .leased || slots[slot] == .idle, "slot \(slot) is not there to be closed")
                slots[slot] = .closing
            case .drained:
                check(isClosed && slots.isEmpty, "drained too early")
                isDrained = true
            }
        }
        settle()
    }

    private mutating func settle() {
        check(pool.slots == slots, "the pool has \(pool.slots), the model \(slots)")
        check(pool.idle == idle && pool.waiting == waiters.count, "idle or waiting differ")
        check(slots.count <= limit, "\(slots.count) slots are more than \(limit)")
        check(waiters.isEmpty || idle.isEmpty, "someone waits while a connection rests")
        guard !isClosed, !waiters.isEmpty else { return }
        let connecting = slots.values.count { $0 == .connecting }
        let wanted = pauseEnds.map { $0 <= now ? 1 : 0 } ?? waiters.count
        let possible = limit - slots.count + connecting
        check(connecting >= min(wanted, possible), "\(wanted) connections are wanted and \(connecting) are opened")
        let first = waiters.map(\.deadline).min()
        check(pool.nextDeadline.map { $0 <= first ?? $0 } == true, "nobody watches the first deadline")
    }

    private mutating func check(_ holds: Bool, _ what: String) {
        if !holds, fault == nil { fault = what }
    }
}
