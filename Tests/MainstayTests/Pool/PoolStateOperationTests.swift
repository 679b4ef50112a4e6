// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What an operator does to a pool, and its end.
struct PoolStateOperationTests {
    @Test(
        "Evicted connections are closed at once if they rest, else when they come back, and those being opened as well"
    )
    func evict() {
        var pool = PoolStateModel.leased(3, limit: 4)
        _ = (pool.returned(0), pool.acquire(1), pool.acquire(2))
        #expect(pool.words == "connecting 1, leased 3, waiting 1")
        _ = (pool.cancel(2), pool.returned(1))
        #expect(pool.evict() == ["close 1 evicted"])
        #expect(pool.opened(3) == ["close 3 evicted"])
        #expect(pool.returned(0) == ["close 0 evicted"])
        #expect(pool.returned(2, .touched) == ["reset 2"])
        #expect(pool.cleaned(2) == ["close 2 evicted"])
    }

    @Test("What is opened after an eviction stays")
    func afterEviction() {
        var pool = PoolStateModel.leased(1, limit: 2)
        _ = (pool.evict(), pool.acquire(1), pool.opened(1))
        #expect(pool.returned(1) == [])
        #expect(pool.words == "idle 1, leased 1")
    }

    @Test("A permanent connection is not evicted, and neither age nor rest ends it")
    func permanent() {
        var pool = PoolStateModel.pool(limit: 1, isPermanent: true) {
            $0.idleTimeout = .seconds(1)
            $0.maxLifetime = .seconds(10)
        }
        _ = (pool.acquire(1), pool.opened(0), pool.returned(0))
        #expect(pool.evict(breakingOff: true) == [])
        #expect(pool.tick(at: .seconds(1000)) == [])
        #expect(pool.words == "idle 1")
        #expect(pool.close() == ["close 0 databaseClosed"])
    }

    @Test("A permanent connection is cleaned for as long as that takes, and kept if it fails")
    func permanentReset() {
        var pool = PoolStateModel.pool(limit: 1, isPermanent: true)
        _ = (pool.acquire(1), pool.opened(0), pool.acquire(2))
        #expect(pool.returned(0, .touched) == ["reset 0"])
        #expect(pool.nextDeadline == .seconds(30))
        #expect(pool.tick(at: .seconds(20)) == [])
        // That is the error of the next one; for the one after it is tried again.
        #expect(pool.cleaned(0, .dirty, failure: PoolStateModel.permanent) == ["fail 2 authenticationFailed"])
        #expect(pool.words == "idle 1")
        let site = CallSite(fileID: "Shop/Orders.swift", line: 42)
        #expect(pool.acquireAtOnce(3, site: site, now: .zero) == nil)
        #expect(pool.acquire(3) == ["reset 0"])
        #expect(pool.acquire(4) == [])
        #expect(pool.cleaned(0, .dirty) == ["fail 3 other", "reset 0"])
        #expect(pool.cleaned(0) == ["grant 4 slot 0"])
        // What is still in a transaction is cleaned as well.
        #expect(pool.returned(0, .dirty) == ["reset 0"])
        #expect(pool.cleaned(0) == [])
        #expect(pool.acquire(5) == ["grant 5 slot 0"])
        _ = (pool.quarantined(0), pool.tick(at: .seconds(100)))
        #expect(pool.words == "quarantined 1")
        #expect(pool.cancelEnded(0) == ["reset 0"])
        // Until the end.
        #expect(pool.close() == [])
        #expect(pool.cleaned(0, .dirty) == ["close 0 notClean"])
    }

    @Test("A smaller pool closes what rests, and the others when they come back; it opens nothing meanwhile")
    func shrink() {
        var pool = PoolStateModel.leased(4, limit: 4)
        _ = pool.returned(0)
        #expect(pool.resize(to: 2) == ["close 0 evicted"])
        _ = pool.acquire(1)
        #expect(pool.closed(0) == [])
        #expect(pool.returned(1) == ["close 1 evicted"])
        #expect(pool.closed(1) == [])
        #expect(pool.returned(2) == ["grant 1 slot 2"])
    }

    @Test("A larger pool serves those who wait")
    func grow() {
        var pool = PoolStateModel.leased(1, limit: 1)
        _ = (pool.acquire(1), pool.acquire(2))
        #expect(pool.resize(to: 3) == ["open 1", "open 2"])
    }

    @Test("A pool keeps its overflow and its minimum when its size changes, as far as they fit")
    func resizeKeeps() {
        var pool = PoolStateModel.pool(limit: 4) {
            $0.overflow = 2
            $0.minimumIdle = 3
        }
        _ = pool.resize(to: 2, overflow: nil, minimumIdle: nil)
        #expect((pool.limit, pool.configuration.minimumIdle) == (4, 2))
        _ = pool.resize(to: 5, overflow: nil, minimumIdle: 1)
        #expect((pool.limit, pool.configuration.minimumIdle) == (7, 1))
        _ = pool.resize(to: 5, overflow: 0, minimumIdle: nil)
        #expect((pool.limit, pool.configuration.minimumIdle) == (5, 1))
    }

    @Test("A pool warms up until so many connections are there, whoever uses them, and several wait for the same ones")
    func warmUp() {
        var pool = PoolStateModel.leased(1, limit: 4)
        #expect(pool.warmUp(1, 3) == ["open 1", "open 2"])
        #expect(pool.warmUp(2, 4) == ["open 3"])
        #expect(pool.warmUp(3, 1) == ["warm 3"])
        #expect((pool.opened(1), pool.opened(2)) == ([], ["warm 1"]))
        #expect(pool.opened(3) == ["warm 2"])
        #expect(pool.words == "idle 3, leased 1")
        #expect(pool.totals.leases == 1)
    }

    @Test("A pool that warms up wants its connections alive")
    func warmUpSuspects() {
        var pool = PoolStateModel.leased(3, limit: 4)
        _ = (pool.returned(0), pool.returned(1), pool.returned(2, .lost), pool.closed(2))
        #expect(pool.warmUp(1, 2) == ["check 1", "check 0"])
        #expect(pool.checked(1) == [])
        #expect(pool.checked(0, isAlive: false) == ["close 0 lost", "open 3"])
        #expect(pool.opened(3) == ["warm 1"])
    }

    @Test("Who warms a pool up is told why that fails, at once or when the time is over, and may give up")
    func warmUpFailure() {
        var pool = PoolStateModel.pool(limit: 3) { $0.acquireTimeout = .seconds(30) }
        #expect(pool.warmUp(1, 2) == ["open 0"])
        #expect(pool.openFailed(0, PoolStateModel.transient) == ["fail 1 cannotConnect"])
        #expect(pool.tick(at: .seconds(5)) == [])
        #expect(pool.warmUp(2, 1) == ["open 1"])
        #expect(pool.opened(1) == ["warm 2"])
        _ = (pool.warmUp(3, 2), pool.openFailed(2, PoolStateModel.transient))
        #expect(pool.nextDeadline.map { $0 <= .seconds(13) } == true)
        #expect(pool.cancel(3) == ["fail 3 cancelled"])
        #expect((pool.warmUp(4, 2), pool.suspend()) == ([], []))
        let error = pool.tick(now: .seconds(35))
        guard case .fail(4, let error)? = error.first else { return #expect(Bool(false)) }
        #expect(error.message == "only 1 of 2 connections were there within 30 s; the pool is suspended")
        #expect((error.cause as? DatabaseError)?.code == .cannotConnect)
        #expect((pool.resume(), pool.warmUp(5, 3)) == ([], ["open 3"]))
        #expect(pool.close() == ["fail 5 databaseClosed", "close 1 databaseClosed"])
        #expect(pool.warmUp(6, 1) == ["fail 6 databaseClosed"])
    }

    @Test("A suspended pool grants and opens nothing; those who wait keep their order and their deadlines")
    func suspension() {
        var pool = PoolStateModel.leased(1, limit: 2)
        _ = (pool.acquire(1), pool.suspend())
        #expect(pool.opened(1) == [])
        #expect((pool.returned(0), pool.acquire(2)) == ([], []))
        #expect(pool.words == "idle 2, waiting 2")
        #expect(pool.resume() == ["grant 1 slot 0", "grant 2 slot 1"] || pool.words == "leased 2")
        _ = (pool.suspend(), pool.acquire(3, at: .seconds(1)))
        #expect(pool.tick(at: .seconds(31)) == ["fail 3 acquireTimeout"])
    }

    @Test("Closing fails those who wait, closes what rests, and waits for the others")
    func closing() {
        var pool = PoolStateModel.leased(3, limit: 4)
        _ = (pool.acquire(1), pool.acquire(2), pool.returned(2))
        _ = (pool.cancel(2), pool.returned(1))
        #expect(pool.words == "connecting 1, idle 1, leased 2")
        #expect(pool.close() == ["close 1 databaseClosed"])
        #expect(pool.closed(1) == [])
        #expect(pool.returned(0) == ["close 0 databaseClosed"])
        #expect(pool.opened(3) == ["close 3 databaseClosed"])
        #expect(pool.returned(2, .lost) == ["close 2 lost"])
        #expect((pool.closed(0), pool.closed(3)) == ([], []))
        #expect(pool.closed(2) == ["drained"])
    }

    @Test("When the grace is over, what is in use is broken off; what does not even then end is left to itself")
    func grace() {
        var pool = PoolStateModel.leased(2, limit: 3) { $0.resetTimeout = .seconds(2) }
        _ = (pool.acquire(1), pool.cancel(1))
        #expect(pool.close(grace: .seconds(10)) == [])
        #expect(pool.wakeAt == .seconds(10))
        #expect(
            pool.tick(at: .seconds(10)) == ["break off 0 databaseClosed", "break off 1 databaseClosed", "interrupt 2"]
        )
        #expect(pool.returned(0) == [])
        #expect(pool.closed(0) == [])
        #expect(pool.tick(at: .seconds(12)) == ["drained"])
        // Nobody is told twice.
        #expect((pool.closed(1), pool.openFailed(2, PoolStateModel.transient)) == ([], []))
        #expect(pool.wakeAt == nil || pool.tick(at: .seconds(100)) == [])
    }

    @Test("A pool that refuses keeps its connections until it is closed, but for those that the grace is over for")
    func refusing() {
        var pool = PoolStateModel.leased(3, limit: 4) { $0.minimumIdle = 1 }
        _ = (pool.opened(3), pool.returned(0))
        _ = (pool.acquire(1), pool.acquire(2), pool.acquire(3))
        #expect(pool.words == "leased 4, waiting 1")
        #expect(pool.refuse(grace: .seconds(10)) == ["fail 3 databaseClosed"])
        #expect(pool.acquire(4) == ["fail 4 databaseClosed"])
        #expect((pool.returned(0), pool.words) == ([], "idle 1, leased 3"))
        #expect(pool.acquireAtOnce(5, site: CallSite(fileID: "Shop/Orders.swift", line: 42), now: .zero) == nil)
        #expect(pool.tick(at: .seconds(9)) == [])
        #expect(
            pool.tick(at: .seconds(10))
                == [1, 2, 3].map { "break off \($0) databaseClosed" }
        )
        for slot in 1...3 { #expect(pool.closed(slot) == []) }
        // Closed long after the grace, what rested still has time to be closed in.
        #expect(pool.nextDeadline == nil)
        #expect(pool.close(grace: .zero, at: .seconds(60)) == ["close 0 databaseClosed"])
        #expect(pool.tick(at: .seconds(64)) == [])
        #expect(pool.closed(0) == ["drained"])
    }

    @Test("A pool that refused is closed by the grace it was given first, and given up by it")
    func refusedAndClosed() {
        var pool = PoolStateModel.leased(1, limit: 1) { $0.resetTimeout = .seconds(2) }
        _ = (pool.refuse(grace: .seconds(10)), pool.close(grace: .seconds(10), at: .seconds(5)))
        #expect(pool.tick(at: .seconds(10)) == ["break off 0 databaseClosed"])
        #expect(pool.tick(at: .seconds(12)) == ["drained"])
    }

    @Test("Closing a second time with a shorter grace shortens it")
    func closingTwice() {
        var pool = PoolStateModel.leased(1, limit: 1)
        _ = (
            pool.close(), pool.close(grace: .seconds(60)), pool.close(grace: .seconds(5)),
            pool.close(grace: .seconds(90))
        )
        #expect(pool.wakeAt == .seconds(5))
        #expect(pool.tick(at: .seconds(5)) == ["break off 0 databaseClosed"])
    }

    @Test("An attempt to connect that fails after closing is not repeated")
    func failureAfterClosing() {
        var pool = PoolStateModel.leased(1, limit: 2)
        _ = (pool.acquire(1), pool.close(), pool.returned(0), pool.closed(0))
        #expect(pool.openFailed(1, PoolStateModel.transient) == ["drained"])
        #expect(pool.tick(at: .seconds(60)) == [])
    }
}
