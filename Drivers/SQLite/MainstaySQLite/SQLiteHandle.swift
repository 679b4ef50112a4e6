// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Synchronization

/// The library's handle, shared between the connection on its lane and whoever interrupts it.
///
/// `@unchecked Sendable`: the lane alone opens, closes and reads the pointer without the lock, so it sees its own writes; every
/// write, and every use by another thread, is under `lock`, so an interrupt never meets a handle that is being closed.
/// `sqlite3_interrupt` itself may be called from any thread (https://sqlite.org/c3ref/interrupt.html).
final class SQLiteHandle: Interrupter, @unchecked Sendable {
    private let lock = Mutex(())
    /// Nil once the connection is closed. Read on the lane.
    private(set) var database: OpaquePointer?

    func open(_ database: OpaquePointer) {
        lock.withLock { _ in self.database = database }
    }

    func close() {
        let closing = lock.withLock { _ in
            defer { database = nil }
            return database
        }
        // Prepared statements that are still about keep a closed connection alive until they are finalised.
        sqlite3_close_v2(closing)
    }

    func cancel() {
        lock.withLock { _ in
            if let database { sqlite3_interrupt(database) }
        }
    }

    func abort() {
        // There is no peer that could be silent; a statement that runs is all there is to stop.
        cancel()
    }
}
