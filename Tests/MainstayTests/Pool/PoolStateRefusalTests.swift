// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Who gets no connection, and what they are told.
struct PoolStateRefusalTests {
    private func error(_ actions: [PoolState.Action]) throws -> DatabaseError {
        guard case .fail(_, let error)? = actions.first else { throw CancellationError() }
        return error
    }

    private func waiter(_ id: Int, _ pool: PoolState, holding slot: Int? = nil) -> PoolState.Waiter {
        let site = CallSite(fileID: "Shop/Orders.swift", line: UInt(id))
        let deadline = pool.now + pool.configuration.acquireTimeout
        return PoolState.Waiter(
            id: id,
            since: pool.now,
            deadline: deadline,
            site: site,
            holds: slot.map { pool.slot($0) }
        )
    }

    @Test("A timeout says what the connections are doing, who holds them and where, and who waits")
    func timeout() throws {
        var pool = PoolStateModel.pool(limit: 3)
        for id in 1...2 { _ = (pool.acquire(waiter(id, pool), now: .seconds(id)), pool.opened(id - 1)) }
        _ = pool.acquire(waiter(7, pool), now: .seconds(2))
        _ = pool.acquire(waiter(8, pool), now: .seconds(2))
        let error = try error(pool.tick(now: .milliseconds(32_500)))
        #expect(
            error.message == "no connection became free within 30.5 s: 2 of at most 3 are leased, 1 are being opened, "
                + "2 tasks wait; leased at Shop/Orders.swift:1 for 31.5 s, at Shop/Orders.swift:2 for 30.5 s"
        )
        #expect(error.code == .acquireTimeout)
        #expect(error.cause == nil)
        #expect(error.hint?.contains("raise the pool's size") == true)
        #expect(error.isTransient)
    }

    @Test("A timeout names the five longest leases, and counts the others")
    func manyHolders() throws {
        var pool = PoolStateModel.leased(7, limit: 7)
        _ = pool.acquire(1)
        #expect(try error(pool.tick(now: .seconds(30))).message.hasSuffix("for 30 s and 2 more"))
    }

    @Test("A timeout during an outage has the last failure to connect as its cause")
    func outage() throws {
        var pool = PoolStateModel.leased(1, limit: 1)
        _ = (pool.returned(0, .lost), pool.closed(0), pool.acquire(1))
        _ = pool.openFailed(1, PoolStateModel.transient)
        let error = try error(pool.tick(now: .seconds(30)))
        #expect((error.cause as? DatabaseError)?.message == "refused")
        #expect(error.hint?.contains("could not be reached") == true)
    }

    @Test("A timeout of a suspended pool says so")
    func suspended() throws {
        var pool = PoolStateModel.leased(1, limit: 1)
        _ = (pool.returned(0), pool.suspend(), pool.acquire(1))
        #expect(try error(pool.tick(now: .seconds(30))).message.contains("the pool is suspended"))
    }

    @Test("No more wait than may, and who can be served at once need not wait")
    func waiterLimit() {
        var pool = PoolStateModel.leased(1, limit: 1) { $0.waiterLimit = 2 }
        #expect((pool.acquire(1), pool.acquire(2)) == ([], []))
        #expect(pool.acquire(3) == ["fail 3 poolExhausted"])
        #expect(pool.totals.refusals == 1)
        #expect(pool.returned(0) == ["grant 1 slot 0"])
        #expect(pool.acquire(4) == [])
        _ = (pool.cancel(2), pool.cancel(4), pool.returned(0))
        #expect(pool.acquire(5) == ["grant 5 slot 0"])
    }

    @Test("Who waits for a connection that is being opened, checked, or may be opened, is not one too many")
    func noWaiters() {
        var pool = PoolStateModel.pool(limit: 2) {
            $0.waiterLimit = 0
            $0.pingAfter = .zero
        }
        #expect(pool.acquire(1) == ["open 0"])
        // The first connection is tried alone; there is room for another one.
        #expect(pool.acquire(2) == [])
        #expect(pool.acquire(3) == ["fail 3 poolExhausted"])
        #expect(pool.opened(0) == ["grant 1 slot 0", "open 1"])
        #expect(pool.acquire(4) == ["fail 4 poolExhausted"])
        #expect(pool.opened(1) == ["grant 2 slot 1"])
        #expect(pool.acquire(5) == ["fail 5 poolExhausted"])
        #expect(pool.returned(0) == [])
        #expect(pool.acquire(6, at: .seconds(1)) == ["check 0"])
        #expect(pool.checked(0) == ["grant 6 slot 0"])
        #expect(pool.totals.refusals == 3)
    }

    @Test("Who comes back because the connection was found dead has a place of its own")
    func back() {
        var pool = PoolStateModel.leased(1, limit: 1) { $0.waiterLimit = 1 }
        #expect((pool.acquire(1), pool.returned(0), pool.acquire(2)) == ([], ["grant 1 slot 0"], []))
        pool.foundDead(pool.slot(0))
        #expect(pool.returned(0, .lost) == ["close 0 lost"])
        #expect(pool.acquire(1, isBack: true) == [])
        #expect(pool.waiters.map(\.id) == [1, 2])
        #expect(pool.acquire(3) == ["fail 3 poolExhausted"])
    }

    @Test("Who completes a deadlock is told, and those before are served in the end")
    func deadlock() throws {
        var pool = PoolStateModel.leased(2, limit: 2)
        #expect(pool.acquire(1, holding: 0) == [])
        let error = try error(pool.acquire(waiter(2, pool, holding: 1), now: .zero))
        #expect(error.code == .wouldDeadlock)
        #expect(error.message.contains("since Shop/Orders.swift:42"))
        #expect(!error.isTransient)
        #expect(pool.returned(1) == ["grant 1 slot 1"])
    }

    @Test("A lease is its holder's until it ends, and never anyone else's")
    func holder() {
        var pool = PoolStateModel.leased(1, limit: 1)
        let slot = pool.slot(0)
        #expect(pool.isLeased(slot, to: -100) && !pool.isLeased(slot, to: 7))
        _ = pool.returned(0)
        #expect(!pool.isLeased(slot, to: -100))
        #expect(pool.acquireAtOnce(7, site: CallSite(fileID: "Shop/Orders.swift", line: 42), now: .zero) == slot)
        #expect(pool.isLeased(slot, to: 7) && !pool.isLeased(slot, to: -100))
        _ = pool.evict(breakingOff: true)
        #expect(!pool.isLeased(slot, to: 7))
    }

    @Test("It is no deadlock while someone holds a connection who waits for none")
    func noDeadlock() {
        var pool = PoolStateModel.leased(2, limit: 2)
        #expect(pool.acquire(1, holding: 0) == [])
        #expect(pool.acquire(2, holding: 0) == [])
        #expect(pool.acquire(3) == [])
        _ = (pool.cancel(2), pool.returned(1, .touched))
        // One that is being reset comes back.
        #expect(pool.acquire(4, holding: 0) == [])
    }

    @Test("A timeout says so if the task holds a connection itself")
    func ownLease() throws {
        var pool = PoolStateModel.leased(2, limit: 2)
        _ = pool.acquire(1, holding: 0)
        #expect(try error(pool.tick(now: .seconds(30))).hint?.contains("holds a connection of its own") == true)
    }

    @Test(
        "Durations are told as people tell them",
        arguments: [
            (Duration.milliseconds(20), "20 ms"), (.milliseconds(1500), "1.5 s"), (.seconds(3), "3 s"),
            (.milliseconds(30_040), "30 s"), (.zero, "0 ms"), (.seconds(3600), "3600 s"),
        ]
    )
    func durations(duration: Duration, text: String) {
        #expect(duration.forPeople == text)
    }
}
