// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What a pool does with connections that rest, as time passes.
struct PoolStateUpkeepTests {
    /// A pool whose connections, numbered from 0, came back in that order, a second after the other.
    private func resting(
        _ count: Int,
        limit: Int,
        _ configure: (inout PoolConfiguration) -> Void
    ) -> PoolState {
        var pool = PoolStateModel.leased(count, limit: limit, configure)
        for slot in 0..<count { _ = pool.returned(slot, at: .seconds(slot)) }
        return pool
    }

    @Test("What rests longer than the idle timeout is closed, the oldest first, down to the minimum")
    func idleTimeout() {
        var pool = resting(3, limit: 3) {
            $0.idleTimeout = .seconds(60)
            $0.minimumIdle = 1
        }
        #expect(pool.nextDeadline == .seconds(60))
        #expect(pool.tick(at: .seconds(60)) == ["close 0 idle"])
        #expect(pool.nextDeadline == .seconds(61))
        #expect(pool.tick(at: .seconds(100)) == ["close 1 idle"])
        #expect(pool.nextDeadline == nil)
    }

    @Test("More than the size rest for a shorter time")
    func overflowTimeout() {
        var pool = resting(3, limit: 2) {
            $0.overflow = 1
            $0.idleTimeout = .seconds(60)
            $0.overflowTimeout = .seconds(10)
        }
        #expect(pool.tick(at: .seconds(10)) == ["close 0 idle"])
        #expect(pool.closed(0) == [])
        #expect(pool.tick(at: .seconds(20)) == [])
        #expect(pool.tick(at: .seconds(61)) == ["close 1 idle"])
    }

    @Test("What becomes too many only later is watched from then on")
    func surplusLater() {
        var pool = resting(2, limit: 2) {
            $0.idleTimeout = .seconds(60)
            $0.minimumIdle = 1
        }
        _ = pool.acquire(1, at: .seconds(30))
        #expect(pool.tick(at: .seconds(70)) == [])
        #expect(pool.returned(1, at: .seconds(80)) == [])
        #expect(pool.nextDeadline == .seconds(60))
        #expect(pool.tick(at: .seconds(80)) == ["close 0 idle"])
    }

    @Test("Lifetimes are cut by chance, each by another quarter at most, from the first connections on")
    func lifetimeJitter() {
        var pool = PoolStateModel.leased(50, limit: 50) { $0.maxLifetime = .seconds(1000) }
        for slot in 0..<50 { _ = pool.returned(slot) }
        let ends = pool.slots.all.compactMap(\.retireAt)
        #expect(ends.allSatisfy { .seconds(750)...(.seconds(1000)) ~= $0 })
        #expect(Set(ends).count == 50)
        let (first, last) = (ends.min() ?? .zero, ends.max() ?? .zero)
        #expect(last - first > .seconds(150))
    }

    @Test("What has lived long enough is closed when it rests, and when it comes back")
    func lifetime() {
        var pool = resting(2, limit: 2) { $0.maxLifetime = .seconds(100) }
        _ = pool.acquire(1, at: .seconds(10))
        #expect(pool.tick(at: .seconds(100)) == ["close 0 lifetime"])
        #expect(pool.returned(1) == ["close 1 lifetime"])
    }

    @Test("Where the minimum asks for it, another one is opened before the old one is closed")
    func replacement() {
        var pool = PoolStateModel.pool(limit: 2) {
            $0.maxLifetime = .seconds(100)
            $0.minimumIdle = 1
        }
        _ = (pool.start(now: .zero), pool.opened(0))
        #expect(pool.tick(at: .seconds(100)) == ["open 1"])
        // It can still be used meanwhile, and a failure changes nothing.
        #expect(pool.openFailed(1, PoolStateModel.transient) == [])
        #expect(pool.acquire(1) == ["grant 1 slot 0"])
        #expect(pool.returned(0) == [])
        #expect(pool.words == "idle 1")
        #expect(pool.tick(at: .seconds(110)) == ["open 2"])
        #expect(pool.opened(2) == ["close 0 lifetime"])
        #expect(pool.words == "idle 1, closing 1")
    }

    @Test("Where there is no room for another one, the old one is closed first")
    func replacementWithoutRoom() {
        var pool = resting(1, limit: 1) {
            $0.maxLifetime = .seconds(100)
            $0.minimumIdle = 1
        }
        #expect(pool.tick(at: .seconds(100)) == ["close 0 lifetime"])
        #expect(pool.closed(0) == ["open 1"])
    }

    @Test("The minimum is kept ahead of those who come, as far as there is room")
    func minimumIdle() {
        var pool = PoolStateModel.pool(limit: 3) { $0.minimumIdle = 2 }
        #expect(pool.acquire(1) == ["open 0"])
        #expect(pool.opened(0) == ["grant 1 slot 0", "open 1", "open 2"])
        #expect((pool.opened(1), pool.opened(2)) == ([], []))
        #expect(pool.acquire(2) == ["grant 2 slot 2"])
        #expect(pool.words == "idle 1, leased 2")
    }

    @Test("All resting connections are pinged, each at a time of its own, and go back where they stood")
    func keepAlive() throws {
        var pool = resting(3, limit: 3) { $0.keepAlivePeriod = .seconds(100) }
        let times = try pool.slots.all.map { try #require($0.pingAt) }
        #expect(Set(times).count == 3)
        #expect(zip(times, 0...).allSatisfy { .seconds(75 + $1)...(.seconds(100 + $1)) ~= $0 })
        #expect(pool.tick(at: .seconds(102)).sorted() == ["check 0", "check 1", "check 2"])
        _ = (pool.checked(1), pool.checked(0), pool.checked(2))
        #expect(pool.idle.map(\.serial) == [0, 1, 2])
        #expect((pool.nextDeadline ?? .zero) >= .seconds(177))
    }

    @Test("Pings come before the server's own limit, whatever was configured")
    func silenceLimit() {
        var pool = PoolStateModel.pool(limit: 1) { $0.keepAlivePeriod = .seconds(100) }
        _ = (pool.acquire(1), pool.opened(0, silenceLimit: .seconds(10)), pool.returned(0))
        #expect((pool.wakeAt ?? .zero) <= .seconds(8))
        #expect(pool.tick(at: .seconds(8)) == ["check 0"])
    }

    @Test("A connection that was not used is no younger for having been leased")
    func unused() {
        var pool = resting(1, limit: 1) { $0.pingAfter = .seconds(30) }
        #expect(pool.acquire(1, at: .seconds(20)) == ["grant 1 slot 0"])
        _ = pool.returned(0, .unused)
        #expect(pool.acquire(2, at: .seconds(31)) == ["check 0"])
        #expect(pool.checked(0) == ["grant 2 slot 0"])
    }

    @Test("A ping, a reset and a quarantine that take too long are broken off")
    func deadlines() {
        var pool = PoolStateModel.leased(3, limit: 3) {
            $0.checkTimeout = .seconds(3)
            $0.resetTimeout = .seconds(2)
            $0.pingAfter = .zero
        }
        _ = (pool.returned(0), pool.acquire(9, at: .seconds(1)))
        _ = (pool.returned(1, .touched), pool.quarantined(2))
        #expect(pool.words == "checking 1, resetting 1, quarantined 1, waiting 1")
        #expect(pool.wakeAt == .seconds(3))
        #expect(pool.tick(at: .seconds(3)) == ["break off 1 notClean", "break off 2 notClean"])
        #expect(pool.tick(at: .seconds(4)) == ["break off 0 silent"])
        #expect(pool.outages == 1)
        // Whatever is told of them later is too late.
        #expect((pool.checked(0), pool.cleaned(1), pool.cancelEnded(2)) == ([], [], []))
    }

    @Test("Opening that takes too long is interrupted once, and keeps its slot until it has ended")
    func connectTimeout() {
        var pool = PoolStateModel.pool(limit: 1) { $0.connectTimeout = .seconds(5) }
        _ = pool.acquire(1)
        #expect(pool.tick(at: .seconds(5)) == ["interrupt 0"])
        #expect(pool.tick(at: .seconds(6)) == [])
        #expect(pool.words == "connecting 1, waiting 1")
    }

    @Test("Preparing a connection has what opening it has left of the time, and is broken off once")
    func preparation() {
        var pool = PoolStateModel.leased(1, limit: 2) { $0.connectTimeout = .seconds(5) }
        _ = pool.acquire(1)
        #expect(pool.connected(1, at: .seconds(2)) == [])
        #expect(pool.nextDeadline == .seconds(5))
        #expect(pool.tick(at: .seconds(5)) == ["interrupt 1"])
        #expect(pool.tick(at: .seconds(6)) == [])
        // It has ended well, and still is not used: what breaks it off may be on its way.
        #expect(pool.opened(1) == ["close 1 lost"])
        #expect(pool.words == "leased 1, closing 1, waiting 1")
        #expect((pool.outages, pool.failures) == (0, 1))
        // It counts as a failure, so that the next attempt is later.
        #expect(pool.closed(1) == [])
        #expect(pool.tick(at: .seconds(10)) == ["open 2"])
    }

    @Test("Preparing has a second of its own if opening has used the time up")
    func latePreparation() {
        var pool = PoolStateModel.pool(limit: 1) { $0.connectTimeout = .seconds(5) }
        _ = pool.acquire(1)
        #expect(pool.tick(at: .seconds(5)) == ["interrupt 0"])
        #expect(pool.connected(0, at: .seconds(7)) == [])
        #expect(pool.wakeAt == .seconds(8))
        // The interruption came before there was anything to interrupt.
        #expect(pool.opened(0, at: .milliseconds(7900)) == ["grant 1 slot 0"])
        #expect(pool.nextDeadline == nil)
    }

    @Test("A first connection that can't be prepared in time fails those who wait, as one that can't be opened does")
    func firstPreparation() {
        var pool = PoolStateModel.pool(limit: 1) { $0.connectTimeout = .seconds(5) }
        _ = (pool.acquire(1), pool.connected(0), pool.tick(at: .seconds(5)))
        #expect(pool.opened(0) == ["close 0 lost", "fail 1 cannotConnect"])
    }

    @Test("What is about to be prepared when the grace is over is broken off at once")
    func preparationAfterGrace() {
        var pool = PoolStateModel.pool(limit: 1)
        _ = (pool.acquire(1), pool.close(grace: .seconds(1)))
        #expect(pool.tick(at: .seconds(1)) == ["interrupt 0"])
        #expect(pool.connected(0) == ["interrupt 0"])
        #expect(pool.opened(0) == ["close 0 databaseClosed"])
    }

    @Test("Only who really waited counts as one who did, and a lease that is broken off counts with its time")
    func totals() {
        var pool = PoolStateModel.leased(1, limit: 1)
        #expect((pool.totals.leases, pool.totals.waits) == (1, 1))
        _ = (pool.returned(0, at: .seconds(5)), pool.acquire(1))
        #expect((pool.totals.leases, pool.totals.waits) == (2, 1))
        #expect(pool.totals.useTime == .seconds(5))
        _ = (pool.acquire(2), pool.returned(0, at: .seconds(6)))
        #expect((pool.totals.leases, pool.totals.waits, pool.totals.waitTime) == (3, 2, .seconds(1)))
        _ = pool.evict(breakingOff: true, at: .seconds(10))
        #expect(pool.totals.useTime == .seconds(10))
        _ = pool.returned(0, at: .seconds(20))
        #expect(pool.totals.useTime == .seconds(10))
    }

    @Test("A connection that a session replaced was closed, and another one opened")
    func reopenedTotals() {
        var pool = PoolStateModel.leased(1, limit: 1)
        _ = pool.reopened(pool.slot(0), silenceLimit: nil, took: .seconds(2), now: .seconds(3))
        #expect((pool.totals.connects, pool.totals.connectTime) == (2, .seconds(2)))
        #expect(pool.totals.closes == [.lost: 1])
    }

    @Test("A long lease is reported once, with where it began")
    func leakReport() {
        var pool = PoolStateModel.leased(1, limit: 1) { $0.leakThreshold = .seconds(60) }
        #expect(pool.nextDeadline == .seconds(60))
        #expect(pool.tick(at: .seconds(60)) == ["report 0 after 60 s"])
        #expect(pool.nextDeadline == nil)
        _ = (pool.returned(0), pool.acquire(1))
        #expect(pool.tick(at: .seconds(120)) == ["report 0 after 60 s"])
    }

    @Test("A clock that jumps back does no harm, and one that jumps ahead has everything pinged")
    func clockJumps() {
        var pool = resting(1, limit: 1) { $0.pingAfter = .seconds(30) }
        #expect(pool.acquire(1, at: .seconds(-1000)) == ["grant 1 slot 0"])
        #expect(pool.returned(0, at: .seconds(-2000)) == [])
        #expect(pool.now == .zero)
        #expect(pool.acquire(2, at: .seconds(100_000)) == ["check 0"])
    }
}
