// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// When a pool opens connections, and what it does while they can't be opened.
struct PoolStateConnectingTests {
    /// A pool that had a connection, lost it, and has so many waiters, numbered from 1; slots are numbered from 1.
    private func outage(limit: Int, waiters: Int) -> PoolState {
        var pool = PoolStateModel.leased(1, limit: limit)
        _ = (pool.returned(0, .lost), pool.closed(0))
        for waiter in 1...waiters { _ = pool.acquire(waiter) }
        return pool
    }

    @Test("The first connection is tried alone, the others after it, some at a time")
    func bounded() {
        var pool = PoolStateModel.pool(limit: 10) { $0.parallelConnects = 3 }
        #expect(pool.acquire(1) == ["open 0"])
        for waiter in 2...8 { #expect(pool.acquire(waiter) == []) }
        #expect(pool.opened(0) == ["grant 1 slot 0", "open 1", "open 2", "open 3"])
        #expect(pool.opened(2) == ["grant 2 slot 2", "open 4"])
    }

    @Test("What is about to be free is not opened as well")
    func supply() {
        var pool = PoolStateModel.leased(1, limit: 4) { $0.pingAfter = .zero }
        _ = pool.returned(0)
        #expect(pool.acquire(1, at: .seconds(1)) == ["check 0"])
        #expect(pool.acquire(2) == ["open 1"])
        #expect(pool.checked(0) == ["grant 1 slot 0"])
        #expect(pool.opened(1) == ["grant 2 slot 1"])
        // If it comes to nothing, another one is opened.
        _ = pool.returned(0)
        #expect(pool.acquire(3, at: .seconds(2)) == ["check 0"])
        #expect(pool.checked(0, isAlive: false) == ["close 0 lost", "open 2"])
    }

    @Test("A reset may take its time: who waits does not depend on it while there is room for another connection")
    func resetIsNoSupply() {
        var pool = PoolStateModel.leased(1, limit: 2)
        _ = pool.returned(0, .touched)
        #expect(pool.acquire(1) == ["open 1"])
        #expect(pool.cleaned(0) == ["grant 1 slot 0"])
        _ = (pool.opened(1), pool.acquire(2))
        // Without room it is waited for.
        _ = pool.returned(0, .touched)
        #expect(pool.acquire(3) == [])
        #expect(pool.words == "leased 1, resetting 1, waiting 1")
    }

    @Test("What is opened ahead of those who come waits for resets")
    func resetIsSupplyAhead() {
        var pool = PoolStateModel.leased(1, limit: 3) { $0.minimumIdle = 1 }
        _ = pool.opened(1)
        #expect(pool.words == "idle 1, leased 1")
        #expect(pool.acquire(1) == ["grant 1 slot 1", "open 2"])
        _ = pool.opened(2)
        #expect(pool.returned(0, .touched) == ["reset 0"])
        #expect(pool.acquire(2) == ["grant 2 slot 2"])
        #expect(pool.words == "leased 2, resetting 1")
    }

    @Test("All waiters fail at once with an error that waiting does not cure, and for a second all who come")
    func permanent() {
        var pool = outage(limit: 2, waiters: 3)
        #expect(
            pool.openFailed(1, PoolStateModel.permanent)
                == ["fail 1 authenticationFailed", "fail 2 authenticationFailed", "fail 3 authenticationFailed"]
        )
        #expect(pool.acquire(4, at: .milliseconds(999)) == ["fail 4 authenticationFailed"])
        #expect(pool.words == "connecting 1")
        _ = pool.openFailed(2, PoolStateModel.permanent)
        #expect(pool.acquire(5, at: .milliseconds(1998)) == ["fail 5 authenticationFailed"])
        #expect(pool.acquire(6, at: .milliseconds(1999)) == ["open 3"])
        #expect(pool.opened(3) == ["grant 6 slot 3"])
    }

    @Test("While the password is wrong nothing is opened ahead either, until someone comes")
    func permanentAhead() {
        var pool = PoolStateModel.pool(limit: 2) { $0.minimumIdle = 1 }
        #expect(PoolStateModel.words(pool.start(now: .zero)) == ["open 0"])
        #expect(pool.openFailed(0, PoolStateModel.permanent) == [])
        #expect(pool.tick(at: .seconds(60)) == [])
        #expect(pool.acquire(1, at: .seconds(60)) == ["open 1"])
        #expect(pool.opened(1) == ["grant 1 slot 1", "open 2"])
    }

    @Test("All waiters fail at once with any error while the pool never had a connection, and the next try is later")
    func neverConnected() {
        var pool = PoolStateModel.pool(limit: 1)
        _ = (pool.acquire(1), pool.acquire(2))
        #expect(pool.openFailed(0, PoolStateModel.transient) == ["fail 1 cannotConnect", "fail 2 cannotConnect"])
        #expect(pool.acquire(3) == [])
        #expect(pool.tick(at: .seconds(4)) == ["open 1"])
        #expect(pool.opened(1) == ["grant 3 slot 1"])
    }

    @Test("A server that says it is starting up is waited for, also by a pool that never had a connection")
    func startingUp() {
        var pool = PoolStateModel.pool(limit: 1)
        _ = pool.acquire(1)
        #expect(pool.openFailed(0, DatabaseError(.serverUnavailable, "starting up")) == [])
        #expect(pool.tick(at: .seconds(4)) == ["open 1"])
    }

    @Test("A passing error is tried again after a pause, one connection at a time, until it succeeds")
    func oneAtATime() {
        var pool = outage(limit: 4, waiters: 4)
        #expect(pool.words == "connecting 4, waiting 4")
        for slot in 1...4 { #expect(pool.openFailed(slot, PoolStateModel.transient) == []) }
        // Attempts that fail together are one failure, and not the first step of a long pause.
        #expect(pool.failures == 1)
        #expect(pool.tick(at: .seconds(4)) == ["open 5"])
        #expect(pool.acquire(5) == [])
        #expect(pool.openFailed(5, PoolStateModel.transient, at: .seconds(5)) == [])
        #expect(pool.failures == 2)
        #expect(pool.tick(at: .seconds(13)) == ["open 6"])
        #expect(pool.opened(6) == ["grant 1 slot 6", "open 7", "open 8", "open 9"])
    }

    @Test("Nothing is tried during the pause, whoever comes; what comes back is granted at once")
    func pause() {
        var pool = PoolStateModel.leased(1, limit: 2)
        _ = (pool.acquire(1), pool.openFailed(1, PoolStateModel.transient))
        #expect(pool.acquire(2) == [])
        #expect(pool.returned(0) == ["grant 1 slot 0"])
        #expect(pool.cancel(2) == ["fail 2 cancelled"])
        #expect(pool.acquire(3, at: .seconds(60)) == ["open 2"])
    }

    @Test("The first loss makes all older connections suspect, and they are pinged before they are used")
    func suspects() {
        var pool = PoolStateModel.leased(4, limit: 4)
        for slot in 0..<3 { _ = pool.returned(slot) }
        #expect(pool.returned(3, .lost) == ["close 3 lost"])
        #expect(pool.outages == 1)
        // All at once: were they silent, one after the other would take as long as all of them.
        #expect(pool.acquire(1) == ["check 2", "check 1", "check 0"])
        #expect(pool.checked(2, isAlive: false) == ["close 2 lost"])
        // One outage counts once.
        #expect(pool.outages == 1)
        #expect(pool.checked(1) == ["grant 1 slot 1"])
        #expect(pool.checked(0, isAlive: false) == ["close 0 lost"])
        // What has answered is trusted again, and what was opened since.
        #expect(pool.returned(1) == [])
        #expect(pool.acquire(2) == ["grant 2 slot 1"])
        #expect(pool.returned(1, .lost) == ["close 1 lost"])
        #expect(pool.outages == 2)
    }

    @Test("Suspects that are silent keep nobody waiting while there is room for another connection")
    func silentSuspects() {
        var pool = PoolStateModel.leased(3, limit: 4) { $0.checkTimeout = .seconds(5) }
        _ = (pool.returned(0), pool.returned(1), pool.returned(2, .lost), pool.closed(2))
        #expect(pool.acquire(1) == ["check 1", "check 0", "open 3"])
        #expect(pool.acquire(2) == ["open 4"])
        // The limit holds.
        #expect(pool.acquire(3) == [])
        #expect(pool.opened(3, at: .seconds(1)) == ["grant 1 slot 3"])
        #expect(pool.opened(4, at: .seconds(1)) == ["grant 2 slot 4"])
        #expect(pool.tick(at: .seconds(5)) == ["break off 0 silent", "break off 1 silent"])
        #expect(pool.closed(0) == ["open 5"])
        #expect(pool.outages == 1)
    }

    @Test("A connection that is pinged when an outage is noticed is a suspect from then on")
    func suspectDuringCheck() {
        var pool = PoolStateModel.leased(2, limit: 3) { $0.pingAfter = .zero }
        _ = pool.returned(0)
        #expect(pool.acquire(1, at: .seconds(1)) == ["check 0"])
        #expect(pool.returned(1, .lost) == ["close 1 lost", "open 2"])
    }

    @Test("A resting connection that needs no ping is granted before one that does")
    func freshFirst() {
        var pool = PoolStateModel.leased(2, limit: 3)
        _ = (pool.acquire(1), pool.opened(2), pool.returned(0, .lost), pool.closed(0))
        // Opened after the loss.
        _ = (pool.acquire(2), pool.opened(3), pool.returned(3), pool.returned(1))
        #expect(pool.idle.map(\.serial) == [3, 1])
        #expect(pool.acquire(3) == ["grant 3 slot 3"])
    }

    @Test("A session that lost its connection and opened another has a new one as far as the pool is concerned")
    func reopened() {
        var pool = PoolStateModel.leased(2, limit: 2)
        _ = pool.returned(1)
        #expect(PoolStateModel.words(pool.reopened(pool.slot(0), silenceLimit: nil, now: .zero)) == [])
        #expect(pool.outages == 1)
        #expect(pool.returned(0) == [])
        #expect(pool.acquire(1) == ["grant 1 slot 0"])
        #expect(pool.acquire(2) == ["check 1"])
    }

    @Test("A waiter whose connection was found dead goes back to its place in the queue, with its deadline")
    func again() {
        var pool = PoolStateModel.leased(2, limit: 2)
        _ = (pool.acquire(1), pool.acquire(2), pool.acquire(3), pool.returned(0))
        #expect(pool.words == "leased 2, waiting 2")
        pool.foundDead(pool.slot(0))
        #expect(pool.returned(0, .lost) == ["close 0 lost"])
        #expect(pool.acquire(1) == [])
        #expect(pool.waiters.map(\.id) == [1, 2, 3])
        #expect(pool.closed(0) == ["open 2"])
        #expect(pool.opened(2) == ["grant 1 slot 2"])
    }
}
