// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// Who may use which connection, and when one is opened, checked, kept alive and closed: a value that is told what happened
/// and answers what to do.
///
/// It knows no lock, no clock and no thread. Times are durations since an origin of the caller's; one that lies before an
/// earlier one counts as that. Chance is a generator of its own.
///
/// What it promises after every event:
/// - The slots, whatever they are doing, are never more than `limit`, so the server never sees more. (After `resize` to less,
///   they are not more than they were.)
/// - Nobody waits while a connection rests that may be used, or while one could be opened.
/// - Who came first is served first. Of the connections that rest, the one that was used last is used first.
/// - Nobody waits beyond the deadline, if `tick` is called at `wakeAt`.
///
/// The events are in the extensions: leasing, connecting, upkeep, operation. Each ends by looking at the queue again, and in debug
/// builds by ``checkInvariants()``.
struct PoolState: Sendable {
    /// Names a waiter. Who came first has the smaller number.
    typealias WaiterID = Int

    /// What the caller is to do, after it has let go of its lock.
    enum Action: Sendable {
        /// Open a connection for the slot, and tell `opened` or `openFailed`.
        case open(SlotID)
        /// Give the slot's connection to a waiter.
        case grant(WaiterID, SlotID)
        /// Tell a waiter that it gets none.
        case fail(WaiterID, DatabaseError)
        /// Tell a waiter that as many connections are there as it wants to be.
        case warm(WaiterID)
        /// Ask the server for a sign of life, and tell `checked`.
        case check(SlotID)
        /// Put back what the lease left, and tell `cleaned`.
        case reset(SlotID)
        /// Close the slot's connection when it is at rest, and tell `closed`.
        case close(SlotID, CloseReason)
        /// Break the slot's connection off, whatever it is doing, then close it and tell `closed`.
        case breakOff(SlotID, CloseReason)
        /// Break off what keeps a connection from being opened; the slot stays as it is.
        case interruptConnecting(SlotID)
        /// Report a lease that takes long.
        case reportLease(SlotID, CallSite, held: Duration)
        /// Everything is closed, or was given up.
        case drained
    }

    /// Someone who waits for a connection.
    struct Waiter: Sendable {
        let id: WaiterID
        let since: Duration
        let deadline: Duration
        let site: CallSite
        /// The slot that the waiter's own task leases meanwhile.
        let holds: SlotID?
        /// Whether the waiter was granted a connection before that was found dead, and has come back to its place.
        var isBack = false
    }

    /// Someone who waits until so many connections are there.
    struct WarmUp: Sendable {
        let waiter: Waiter
        let count: Int
    }

    /// Why no connection is opened for now.
    struct Refusal: Sendable {
        var error: DatabaseError
        /// Until then everyone who would have to wait gets the error at once.
        var until: Duration
    }

    var configuration: PoolConfiguration
    /// Whether the connection holds what would be lost with it, so that it is never closed before the end.
    let isPermanent: Bool
    let backoff: Backoff
    var generator: SplitMix64

    var slots = SlotTable()
    /// The slots that rest; the one that was used last is last, and first to be used again.
    var idle: [SlotID] = []
    var waiters = Deque<Waiter>()
    /// Those who wait for no connection of their own, but until so many are there.
    var warmUps: [WarmUp] = []
    /// The latest time that was told.
    var now = Duration.zero
    /// When `tick` is to be called at the latest.
    var wakeAt: Duration?

    /// The number of outages seen. What was last known to be alive before the latest one is checked before it is used.
    var outages = 0
    /// Whether connections are opened ahead.
    var isStarted = false
    var isSuspended = false
    /// Whether no more leases begin, for good.
    var isRefusing = false
    /// Whether connections are closed as soon as nobody uses them. No more leases begin then either.
    var isClosed = false
    var isDrained = false
    /// When connections that are still leased are broken off.
    var graceEnds: Duration?
    var isGraceOver = false

    var hasConnected = false
    /// Failed attempts to connect in a row.
    var failures = 0
    var lastFailure: DatabaseError?
    /// Not before this is another connection opened, after one could not be.
    var retryAt: Duration?
    var refusal: Refusal?
    /// How many slots rest though they have lived long enough.
    var overdue = 0

    var totals = PoolTotals()

    init(configuration: PoolConfiguration, isPermanent: Bool = false, backoff: Backoff, seed: UInt64) {
        self.configuration = configuration
        self.isPermanent = isPermanent
        self.backoff = backoff
        generator = SplitMix64(state: seed)
    }

    var limit: Int { configuration.limit }

    /// The time is that, or later if a later one was told already: a clock that jumps back does no harm.
    mutating func advance(_ time: Duration) {
        now = max(now, time)
    }

    /// Asks for `tick` at a time, if not for an earlier one already.
    mutating func wake(at time: Duration?) {
        guard let time else { return }
        wakeAt = min(wakeAt ?? time, time)
    }

    /// A duration from which chance has taken off up to a quarter.
    mutating func jittered(_ duration: Duration) -> Duration {
        duration * (1 - PoolConfiguration.jitter * generator.unit())
    }
}
