// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Synchronization

/// The library's handle, shared between the connection on its lane and whoever interrupts it.
///
/// `@unchecked Sendable`: the lane alone opens, closes and reads the pointer without the lock, so it sees its own
/// writes; every write, and every use by another thread, is under `lock`, so an interrupt never meets a handle that is
/// being closed. `sqlite3_interrupt` itself may be called from any thread (https://sqlite.org/c3ref/interrupt.html).
final class SQLiteHandle: Interrupter, @unchecked Sendable {
    private let lock = Mutex(())
    /// How the connection waits for locks. It never changes.
    let lockWait: SQLiteLockWait
    /// What statements do, by SQLite's word. It never changes, and is used on the lane alone.
    let watch = SQLiteWatch()
    /// Whether the connection can be broken and replaced by another. It never changes.
    private let isReplaceable: Bool
    /// Nil once the connection is closed. Read on the lane.
    private(set) var database: OpaquePointer?

    init(_ configuration: SQLiteConfiguration) {
        lockWait = SQLiteLockWait(timeout: configuration.busyTimeout)
        isReplaceable = configuration.location != .memory
    }

    func open(_ database: OpaquePointer) {
        lock.withLock { _ in self.database = database }
        lockWait.install(in: database)
        watch.install(in: database)
    }

    func close() {
        let closing = lock.withLock { _ in
            defer { database = nil }
            return database
        }
        guard let closing else { return }
        // Prepared statements that are still about keep a closed connection alive until they are finalised. They must
        // not keep its transaction, which has locks that others wait for.
        if sqlite3_get_autocommit(closing) == 0 { sqlite3_exec(closing, "ROLLBACK", nil, nil, nil) }
        // Nor call what may be gone by then. This is what protects the pointers that the library has of `lockWait` and `watch`: the
        // handle owns it, and the connection, which owns the handle, closes it before it goes.
        sqlite3_busy_handler(closing, nil, nil)
        SQLiteWatch.remove(from: closing)
        sqlite3_close_v2(closing)
    }

    func cancel() {
        // A statement waits for a lock or runs; it is asked to stop both.
        lockWait.cancel()
        lock.withLock { _ in
            if let database { sqlite3_interrupt(database) }
        }
    }

    func abort() {
        // There is no peer that could be silent; a statement that runs or waits is all there is to stop. Nothing is
        // executed after it, except in memory, where the database would be gone with its connection.
        if isReplaceable { lockWait.abort() }
        cancel()
    }
}
