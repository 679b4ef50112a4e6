// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What a pool does while connections can't be opened.
struct PoolStateOutageTests {
    /// A pool that had a connection, lost it, and has so many waiters, numbered from 1; slots are numbered from 1.
    private func pool(limit: Int, waiters: Int) -> PoolState {
        var pool = PoolState.leased(1, limit: limit)
        _ = (pool.returned(0, isUsable: false), pool.closed(0))
        for waiter in 1...waiters { _ = pool.acquire(waiter) }
        return pool
    }

    @Test("All waiters fail at once with an error that waiting does not cure")
    func permanent() {
        var pool = pool(limit: 1, waiters: 3)
        #expect(
            pool.openFailed(1, PoolStateModel.permanent)
                == ["fail 1 authenticationFailed", "fail 2 authenticationFailed", "fail 3 authenticationFailed"]
        )
        #expect(pool.words == "nothing")
        #expect(pool.acquire(4) == ["open 2"])
    }

    @Test("All waiters fail at once with any error while the pool never had a connection")
    func neverConnected() {
        var pool = PoolState(limit: 1)
        _ = (pool.acquire(1), pool.acquire(2))
        #expect(pool.openFailed(0, PoolStateModel.transient) == ["fail 1 cannotConnect", "fail 2 cannotConnect"])
        // The next one tries again, without a pause.
        #expect(pool.acquire(3) == ["open 1"])
        #expect(pool.opened(1) == ["grant 3 slot 1"])
    }

    @Test("A passing error after a success is tried again after the pause, until it succeeds")
    func transient() {
        var pool = pool(limit: 1, waiters: 1)
        #expect(pool.openFailed(1, PoolStateModel.transient) == [])
        #expect(pool.nextDeadline == .seconds(1))
        #expect(pool.tick(at: .milliseconds(999)) == [])
        #expect(pool.tick(at: .seconds(1)) == ["open 2"])
        // The second pause is longer, as the caller has it.
        #expect(pool.openFailed(2, PoolStateModel.transient, at: .seconds(2)) == [])
        #expect(pool.nextDeadline == .seconds(4))
        #expect(pool.tick(at: .seconds(4)) == ["open 3"])
        #expect(pool.opened(3, at: .seconds(5)) == ["grant 1 slot 3"])
        #expect(pool.nextDeadline == nil)
    }

    @Test("Connections are tried one at a time until one succeeds, then as many as are wanted")
    func oneAtATime() {
        var pool = pool(limit: 4, waiters: 4)
        #expect(pool.words == "connecting 4, waiting 4")
        for slot in 1...4 { #expect(pool.openFailed(slot, PoolStateModel.transient) == []) }
        #expect(pool.words == "waiting 4")
        #expect(pool.tick(at: .seconds(10)) == ["open 5"])
        #expect(pool.tick(at: .seconds(11)) == [])
        #expect(pool.acquire(5, at: .seconds(11)) == [])
        #expect(pool.opened(5, at: .seconds(12)) == ["grant 1 slot 5", "open 6", "open 7", "open 8"])
    }

    @Test("Nothing is tried during the pause, whoever comes, and everything after it")
    func pause() {
        var pool = pool(limit: 2, waiters: 1)
        _ = pool.openFailed(1, PoolStateModel.transient)
        #expect(pool.acquire(2, at: .milliseconds(500)) == [])
        #expect(pool.cancel(1, at: .milliseconds(600)) == ["fail 1 cancelled"])
        #expect(pool.acquire(3, at: .seconds(1)) == ["open 2"])
    }

    @Test("A pause that passed while nobody waited holds nobody up")
    func stalePause() {
        var pool = pool(limit: 1, waiters: 1)
        _ = (pool.openFailed(1, PoolStateModel.transient), pool.cancel(1))
        #expect(pool.nextDeadline == nil)
        #expect(pool.acquire(2, at: .seconds(60)) == ["open 2"])
    }

    @Test("A connection that is returned during the pause is granted at once")
    func returnsDuringPause() {
        var pool = PoolState.leased(1, limit: 2)
        _ = (pool.acquire(1), pool.openFailed(1, PoolStateModel.transient))
        #expect(pool.words == "leased 1, waiting 1")
        #expect(pool.returned(0) == ["grant 1 slot 0"])
    }

    @Test("Waiters time out during an outage, and the others go on waiting for the next try")
    func timeoutsDuringPause() {
        var pool = pool(limit: 1, waiters: 1)
        _ = pool.acquire(2, at: .seconds(5))
        #expect(pool.openFailed(1, PoolStateModel.transient, at: .milliseconds(29_500)) == [])
        #expect(pool.tick(at: .seconds(30)) == ["fail 1 acquireTimeout"])
        #expect(pool.tick(at: .milliseconds(30_500)) == ["open 2"])
    }

    @Test("What rests is closed when the server is known to be away, and what is leased is not")
    func unreachable() {
        var pool = PoolState.leased(3, limit: 3)
        _ = (pool.returned(0), pool.returned(1))
        #expect(pool.becameUnreachable() == ["close 0", "close 1"])
        #expect(pool.words == "leased 1, closing 2")
        #expect(pool.acquire(1) == [])
        #expect(pool.closed(0) == ["open 3"])
        #expect(pool.openFailed(3, PoolStateModel.transient) == [])
        #expect(pool.returned(2) == ["grant 1 slot 2"])
    }

    @Test("The next deadline lies ahead once the time of the retry has come")
    func deadlineAhead() {
        var pool = pool(limit: 1, waiters: 1)
        _ = pool.openFailed(1, PoolStateModel.transient)
        #expect(pool.tick(at: .seconds(1)) == ["open 2"])
        // A deadline in the past would have the alarm ring without a pause for as long as connecting takes.
        #expect(pool.nextDeadline == .seconds(30))
    }

    @Test("The next deadline lies ahead while an earlier attempt is still under way")
    func deadlineAheadOfOthers() {
        var pool = pool(limit: 2, waiters: 2)
        _ = (pool.openFailed(1, PoolStateModel.transient), pool.tick(at: .seconds(1)))
        #expect(pool.words == "connecting 1, waiting 2")
        #expect(pool.nextDeadline == .seconds(30))
    }

    @Test("Attempts that fail together are one failure, not the first step of a long pause")
    func failuresTogether() {
        var pool = pool(limit: 4, waiters: 4)
        for slot in 1...4 { _ = pool.openFailed(slot, PoolStateModel.transient) }
        #expect(pool.nextDeadline == .seconds(1))
    }
}
