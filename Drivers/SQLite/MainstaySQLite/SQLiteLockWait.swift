// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Synchronization

/// How a connection waits while another one holds a lock: with jitter, so that those who wait do not knock in step,
/// until the busy timeout is over or the wait is stopped.
///
/// SQLite's own wait (`sqlite3_busy_timeout`) can't be stopped: `sqlite3_interrupt` ends statements that run, and one
/// that waits for a lock does not run.
///
/// `@unchecked Sendable`: the requests to stop are atomic; everything else is touched only on the connection's lane.
final class SQLiteLockWait: @unchecked Sendable {
    private static let longestPause: Int32 = 10

    private let timeout: Duration
    private let cancelled = Atomic(false)
    private let aborted = Atomic(false)
    /// Whether nothing was waited for since the statement began. Atomic because that is cheaper than a property.
    private let isNew = Atomic(true)
    /// When the wait is over. Nil if it has not begun.
    private var deadline: ContinuousClock.Instant?
    private var isDeadlineShared = false

    init(timeout: Duration) {
        // Whatever is configured, the clock does not overflow.
        self.timeout = min(max(timeout, .zero), .seconds(366 * 86_400))
    }

    // MARK: - From anywhere

    /// Stops the wait of the statement that is under way.
    func cancel() {
        cancelled.store(true, ordering: .relaxed)
    }

    /// Stops this wait and every later one.
    func abort() {
        aborted.store(true, ordering: .relaxed)
    }

    // MARK: - On the lane

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    var isAborted: Bool { aborted.load(ordering: .relaxed) }

    /// Something is about to be executed, and a request to cancel what was before it is not meant.
    ///
    /// A request that was meant and came too early is lost by this. That does no harm: whoever cancels asks again until
    /// the statement has ended, and lets nothing else begin before. Every statement pays for this, so it is two stores.
    func begins() {
        cancelled.store(false, ordering: .relaxed)
        isNew.store(true, ordering: .relaxed)
    }

    /// Calls a function in which one deadline holds for all waits, and not for each its own.
    func sharingDeadline(_ body: () -> Int32) -> Int32 {
        isDeadlineShared = true
        defer { isDeadlineShared = false }
        return body()
    }

    /// Waits for a moment.
    ///
    /// - Parameter number: How often there was a wait for this lock already.
    /// - Returns: Whether to try again; not, if the time is over or the wait was stopped.
    func pause(_ number: Int32) -> Bool {
        guard !isCancelled, !isAborted else { return false }
        let now = ContinuousClock.now
        if isNew.exchange(false, ordering: .relaxed) || (number == 0 && !isDeadlineShared) { deadline = nil }
        let end = deadline ?? now + timeout
        deadline = end
        guard now < end else { return false }
        let longest = min(Self.longestPause, 1 + max(number, 0))
        sqlite3_sleep(min(.random(in: 1...longest), (end - now).millisecondsRoundedUp))
        return !isCancelled && !isAborted
    }

    /// Has a connection wait in this way. The pointer that it gets is not retained; see ``SQLiteHandle/close()``.
    func install(in database: OpaquePointer) {
        sqlite3_busy_handler(
            database,
            { context, number in
                guard let context else { return 0 }
                return Unmanaged<SQLiteLockWait>.fromOpaque(context).takeUnretainedValue().pause(number) ? 1 : 0
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }
}

extension Duration {
    fileprivate var millisecondsRoundedUp: Int32 {
        let (seconds, attoseconds) = components
        let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: seconds * 1000 + part)
    }
}
