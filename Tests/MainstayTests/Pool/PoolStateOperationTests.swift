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
