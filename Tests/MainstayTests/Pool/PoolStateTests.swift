// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct PoolStateTests {
    @Test("Waiters are served in the order in which they came")
    func fifo() {
        var pool = PoolState.leased(2, limit: 2)
        for waiter in 1...4 { #expect(pool.acquire(waiter) == []) }
        #expect(pool.returned(1) == ["grant 1 slot 1"])
        #expect(pool.returned(0) == ["grant 2 slot 0"])
        #expect(pool.cancel(3) == ["fail 3 cancelled"])
        #expect(pool.returned(0) == ["grant 4 slot 0"])
    }

    @Test("A waiter who comes late is not served before those who wait")
    func noOvertaking() {
        var pool = PoolState.leased(1, limit: 1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.returned(0) == ["grant 1 slot 0"])
        _ = pool.acquire(3)
        #expect(pool.returned(0) == ["grant 2 slot 0"])
        #expect(pool.returned(0) == ["grant 3 slot 0"])
    }

    @Test("The connection that was used last is used next")
    func lifo() {
        var pool = PoolState.leased(3, limit: 3)
        for slot in [1, 0, 2] { _ = pool.returned(slot) }
        #expect(pool.acquire(1) == ["grant 1 slot 2"])
        #expect(pool.acquire(2) == ["grant 2 slot 0"])
        #expect(pool.acquire(3) == ["grant 3 slot 1"])
    }

    @Test("Each waiter has a connection opened, up to the limit")
    func limit() {
        var pool = PoolState(limit: 3)
        for waiter in 0..<3 { #expect(pool.acquire(waiter) == ["open \(waiter)"]) }
        #expect(pool.acquire(3) == [])
        #expect(pool.words == "connecting 3, waiting 4")
    }

    @Test("A connection that is being closed counts until it is closed")
    func closingCounts() {
        var pool = PoolState.leased(2, limit: 2)
        _ = pool.acquire(1)
        #expect(pool.returned(0, isUsable: false) == ["close 0"])
        #expect(pool.words == "leased 1, closing 1, waiting 1")
        #expect(pool.closed(0) == ["open 2"])
        #expect(pool.opened(2) == ["grant 1 slot 2"])
    }

    @Test("A waiter is not stranded when the connection it waits for dies")
    func strandedWaiters() {
        var pool = PoolState.leased(1, limit: 1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.returned(0, isUsable: false)
        #expect(pool.closed(0) == ["open 1"])
        #expect(pool.opened(1) == ["grant 1 slot 1"])
        #expect(pool.returned(1) == ["grant 2 slot 1"])
    }

    @Test("A connection that dies while nobody waits is not replaced before someone does")
    func noNeedlessConnects() {
        var pool = PoolState.leased(1, limit: 2)
        #expect(pool.returned(0, isUsable: false) == ["close 0"])
        #expect(pool.closed(0) == [])
        #expect(pool.acquire(1) == ["open 1"])
    }

    @Test("A connection that was opened for someone who left rests, and the next one takes it")
    func cancelSwallowsNothing() {
        var pool = PoolState(limit: 1)
        _ = pool.acquire(1)
        _ = pool.cancel(1)
        #expect(pool.opened(0) == [])
        #expect(pool.acquire(2) == ["grant 2 slot 0"])
        // Waiter 2 was granted, so a late cancellation must leave it the connection.
        #expect(pool.cancel(2) == [])
        #expect(pool.words == "leased 1")
    }

    @Test("A connection that comes too late for one waiter goes to the next")
    func timeoutSwallowsNothing() {
        var pool = PoolState(limit: 1)
        _ = pool.acquire(1)
        _ = pool.acquire(2, at: .seconds(10))
        #expect(pool.tick(at: .seconds(30)) == ["fail 1 acquireTimeout"])
        #expect(pool.opened(0, at: .seconds(31)) == ["grant 2 slot 0"])
        #expect(pool.tick(at: .seconds(60)) == [])
    }

    @Test("All who are late fail at once, in order")
    func timeouts() {
        var pool = PoolState.leased(1, limit: 1)
        for waiter in 1...3 { _ = pool.acquire(waiter, at: .seconds(waiter)) }
        #expect(pool.nextDeadline == .seconds(31))
        #expect(pool.tick(at: .milliseconds(30_999)) == [])
        #expect(pool.tick(at: .seconds(32)) == ["fail 1 acquireTimeout", "fail 2 acquireTimeout"])
        #expect(pool.nextDeadline == .seconds(33))
    }

    @Test("A timeout says what the pool was doing and what the last failure was")
    func timeoutText() throws {
        func error(_ pool: inout PoolState, at now: Duration) throws -> DatabaseError {
            guard case .fail(_, let error)? = pool.tick(now: now).first else { throw CancellationError() }
            return error
        }
        var pool = PoolState.leased(2, limit: 3)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        let busy = try error(&pool, at: .milliseconds(30_500))
        #expect(
            busy.message == "no connection became free within 30.5 s: 2 of at most 3 are leased, 1 are being opened, "
                + "2 tasks wait"
        )
        #expect(busy.cause == nil)
        #expect(busy.hint?.contains("raise the pool's size") == true)
        #expect(busy.isTransient)

        var outage = PoolState.leased(1, limit: 1)
        _ = (outage.returned(0, isUsable: false), outage.closed(0), outage.acquire(1))
        _ = outage.openFailed(1, PoolStateModel.transient)
        let unreachable = try error(&outage, at: .seconds(30))
        #expect((unreachable.cause as? DatabaseError)?.message == "refused")
        #expect(unreachable.hint?.contains("could not be reached") == true)
    }

    // MARK: - Closing

    @Test("Closing fails those who wait, closes what rests, and waits for the others")
    func closing() {
        var pool = PoolState.leased(3, limit: 4)
        _ = (pool.returned(0), pool.acquire(1), pool.acquire(2), pool.acquire(3))
        _ = pool.returned(2)
        #expect(pool.words == "connecting 1, leased 3, waiting 1")
        _ = pool.cancel(3)
        _ = pool.returned(1)
        #expect(pool.close() == ["close 1"])
        #expect(pool.words == "connecting 1, leased 2, closing 1")
        #expect(pool.closed(1) == [])
        #expect(pool.returned(0) == ["close 0"])
        #expect(pool.opened(3) == ["close 3"])
        #expect(pool.returned(2, isUsable: false) == ["close 2"])
        #expect(pool.closed(0) == [])
        #expect(pool.closed(3) == [])
        #expect(pool.closed(2) == ["drained"])
    }

    @Test("Closing fails all waiters in order, and a second time does nothing")
    func closingTwice() {
        var pool = PoolState.leased(1, limit: 1)
        _ = (pool.acquire(1), pool.acquire(2))
        #expect(pool.close() == ["fail 1 databaseClosed", "fail 2 databaseClosed"])
        #expect(pool.close() == [])
        #expect(pool.acquire(3) == ["fail 3 databaseClosed"])
        #expect(pool.nextDeadline == nil)
        #expect(pool.returned(0) == ["close 0"])
        #expect(pool.close() == [])
        #expect(pool.closed(0) == ["drained"])
    }

    @Test("A pool without connections is drained as soon as it is closed")
    func closingNothing() {
        var pool = PoolState(limit: 1)
        #expect(pool.close() == ["drained"])
    }

    @Test("An attempt to connect that fails after closing is not repeated")
    func failureAfterClosing() {
        var pool = PoolState.leased(1, limit: 2)
        _ = (pool.acquire(1), pool.close(), pool.returned(0), pool.closed(0))
        #expect(pool.openFailed(1, PoolStateModel.transient) == ["drained"])
        #expect(pool.tick(at: .seconds(60)).filter { $0 != "drained" } == [])
    }
}
