// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Who may use which connection: a value that is told what happened and answers what to do.
///
/// It knows no lock, clock or thread. Times are durations since an origin of the caller's. Every mutation ends by looking
/// at the queue again, so that no waiter is left behind while a connection is idle or could be opened.
///
/// A slot's life:
/// ```
///            opened              granted            returned
/// connecting ──────▶ (idle) ───────────────▶ leased ─────────▶ (idle) …
///     │ failed          │ closed                │ broken
///     ▼                 ▼                       ▼
///   gone             closing ────closed──▶ gone ◀── closing
/// ```
/// The sum of all slots, closing ones included, never exceeds the limit, so that the server never sees more.
struct PoolState: Sendable {
    typealias SlotID = Int
    typealias WaiterID = Int

    /// Where a slot stands.
    enum Slot: Sendable, Hashable {
        /// A connection is being opened.
        case connecting
        /// Nobody uses the connection.
        case idle
        /// A lease uses the connection.
        case leased
        /// The connection is being closed.
        case closing
    }

    /// What the caller is to do, after it has let go of its lock.
    enum Action: Sendable {
        /// Open a connection for the slot, and tell `opened` or `openFailed`.
        case open(SlotID)
        /// Give the slot's connection to a waiter.
        case grant(WaiterID, SlotID)
        /// Tell a waiter that it gets none.
        case fail(WaiterID, DatabaseError)
        /// Close the slot's connection, and tell `closed`.
        case close(SlotID)
        /// Everything is closed.
        case drained
    }

    /// Someone who waits for a connection.
    private struct Waiter: Sendable {
        let id: WaiterID
        let since: Duration
        let deadline: Duration
    }

    /// The largest number of slots.
    let limit: Int

    private(set) var slots: [SlotID: Slot] = [:]
    /// The idle slots; the last used is last, and first to be used again.
    private(set) var idle: [SlotID] = []
    private var waiters = Deque<Waiter>()
    private var nextSlot = 0
    private var isClosed = false
    private var isDrained = false
    private var hasConnected = false
    private var failures = 0
    private var lastFailure: DatabaseError?
    /// Not before this is another connection opened, after one could not be.
    private var retryAt: Duration?

    init(limit: Int) {
        self.limit = limit
    }

    var waiting: Int { waiters.count }

    func count(_ state: Slot) -> Int {
        slots.values.count { $0 == state }
    }

    /// When `tick` is to be called at the latest.
    var nextDeadline: Duration? {
        // All wait equally long, so the first in the queue is the first to give up.
        guard let first = waiters.first else { return nil }
        // Another attempt is due only if it could be made; one that is under way ends by itself.
        guard let retryAt, count(.connecting) == 0, slots.count < limit else { return first.deadline }
        return min(first.deadline, retryAt)
    }

    // MARK: - Events

    /// Someone wants a connection. It is granted, failed, or waits.
    mutating func acquire(_ waiter: WaiterID, now: Duration, timeout: Duration) -> [Action] {
        guard !isClosed else { return [.fail(waiter, .databaseClosed)] }
        waiters.append(Waiter(id: waiter, since: now, deadline: now + timeout))
        return serve(now: now)
    }

    /// A waiter's task was cancelled. If it was granted meanwhile, nothing happens, and it returns what it got.
    mutating func cancel(_ waiter: WaiterID, now: Duration) -> [Action] {
        guard let index = waiters.firstIndex(where: { $0.id == waiter }) else { return [] }
        waiters.remove(at: index)
        return [.fail(waiter, .cancelledWaiting)] + serve(now: now)
    }

    /// A connection was opened.
    mutating func opened(_ slot: SlotID, now: Duration) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        hasConnected = true
        failures = 0
        lastFailure = nil
        retryAt = nil
        return becameIdle(slot, now: now)
    }

    /// A connection could not be opened.
    ///
    /// - Parameter pause: How long to wait before the next try, given the number of failures in a row.
    mutating func openFailed(
        _ slot: SlotID,
        _ error: DatabaseError,
        now: Duration,
        pause: (_ failures: Int) -> Duration
    ) -> [Action] {
        guard slots[slot] == .connecting else { return [] }
        slots[slot] = nil
        lastFailure = error
        // A wrong password does not get right by waiting, and a pool that never had a connection is more likely
        // misconfigured than unlucky. One that had keeps its waiters through an outage, until their deadline.
        // A server that says it is starting up is there.
        guard error.isTransient, hasConnected || error.code == .serverUnavailable else {
            let failed = waiters.map { Action.fail($0.id, error) }
            waiters.removeAll()
            return failed + serve(now: now)
        }
        // Attempts that were under way together fail together, and are one failure.
        if now >= retryAt ?? now {
            failures += 1
            retryAt = now + pause(failures)
        }
        return serve(now: now)
    }

    /// A lease ended.
    mutating func returned(_ slot: SlotID, isUsable: Bool, now: Duration) -> [Action] {
        guard slots[slot] == .leased else { return [] }
        guard isUsable else {
            slots[slot] = .closing
            return [.close(slot)] + serve(now: now)
        }
        return becameIdle(slot, now: now)
    }

    /// The server can't be reached: what rests is as dead as what was just tried, and is closed.
    mutating func becameUnreachable(now: Duration) -> [Action] {
        let actions = idle.map { Action.close($0) }
        for slot in idle {
            slots[slot] = .closing
        }
        idle.removeAll()
        return actions + serve(now: now)
    }

    /// A connection was closed.
    mutating func closed(_ slot: SlotID, now: Duration) -> [Action] {
        guard slots[slot] == .closing else { return [] }
        slots[slot] = nil
        return serve(now: now)
    }

    /// Time has passed.
    mutating func tick(now: Duration) -> [Action] {
        var actions: [Action] = []
        for waiter in waiters where waiter.deadline <= now {
            actions.append(.fail(waiter.id, acquireTimeout(after: now - waiter.since)))
        }
        waiters.removeAll { $0.deadline <= now }
        return actions + serve(now: now)
    }

    /// No more leases. Waiters fail, idle connections are closed, leased ones when they are returned.
    mutating func close(now: Duration) -> [Action] {
        guard !isClosed else { return [] }
        isClosed = true
        var actions = waiters.map { Action.fail($0.id, .databaseClosed) }
        waiters.removeAll()
        for slot in idle {
            slots[slot] = .closing
            actions.append(.close(slot))
        }
        idle.removeAll()
        return actions + serve(now: now)
    }

    // MARK: - The queue

    private mutating func becameIdle(_ slot: SlotID, now: Duration) -> [Action] {
        guard !isClosed else {
            slots[slot] = .closing
            return [.close(slot)]
        }
        slots[slot] = .idle
        idle.append(slot)
        return serve(now: now)
    }

    /// Serves the queue as far as it can be served. The end of every transition.
    private mutating func serve(now: Duration) -> [Action] {
        var actions: [Action] = []
        while !waiters.isEmpty, let slot = idle.popLast() {
            slots[slot] = .leased
            actions.append(.grant(waiters.removeFirst().id, slot))
        }
        while count(.connecting) < wantedConnects(now: now), slots.count < limit {
            let slot = nextSlot
            nextSlot += 1
            slots[slot] = .connecting
            actions.append(.open(slot))
        }
        if isClosed, !isDrained, slots.isEmpty {
            isDrained = true
            actions.append(.drained)
        }
        return actions
    }

    /// One connection for each waiter; one at a time while connecting fails.
    private func wantedConnects(now: Duration) -> Int {
        guard !isClosed else { return 0 }
        if let retryAt { return retryAt <= now ? min(1, waiters.count) : 0 }
        return waiters.count
    }

    private func acquireTimeout(after waited: Duration) -> DatabaseError {
        DatabaseError(
            .acquireTimeout,
            "no connection became free within \(waited.formattedSeconds): \(count(.leased)) of at most \(limit) are leased, "
                + "\(count(.connecting)) are being opened, \(waiters.count) tasks wait",
            hint: lastFailure == nil
                ? "keep scopes short, do not lease a second connection inside of a scope, or raise the pool's size"
                : "the database could not be reached; see the cause",
            cause: lastFailure
        )
    }
}

extension DatabaseError {
    fileprivate static let databaseClosed = DatabaseError(.databaseClosed, "the database was closed")
    fileprivate static let cancelledWaiting = DatabaseError(
        .cancelled,
        "the task was cancelled while it waited for a connection"
    )
}

extension Duration {
    /// The duration in seconds for a message, as in `1.5 s`.
    var formattedSeconds: String {
        let (seconds, attoseconds) = components
        let tenths = attoseconds / 100_000_000_000_000_000
        return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
    }
}
