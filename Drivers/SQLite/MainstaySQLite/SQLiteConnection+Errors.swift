// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

extension SQLiteConnection {
    /// The error for a result code; the connection is closed if it can't be used after it.
    func failure(_ status: Int32, _ database: OpaquePointer, preparing: Bool = false) -> DatabaseError {
        let error = error(status, database, preparing: preparing)
        closeIfBroken(error, status)
        return error
    }

    /// The error for a result code. The message belongs to the failed call, so it is taken before the next one.
    func error(_ status: Int32, _ database: OpaquePointer, preparing: Bool = false) -> DatabaseError {
        let wait = handle.lockWait
        if wait.isAborted, status.isBusy || status & 0xFF == SQLITE_INTERRUPT { return .aborted }
        if wait.isCancelled, status.isBusy { return .cancelledWaiting(status) }
        let isReplaceable = configuration.location != .memory
        return .sqlite(status, database, preparing: preparing, isReplaceable: isReplaceable)
    }

    /// Closes the connection if it can't be used after an error, so that the pool opens another, and the file with it.
    /// What was not committed is rolled back at once, so that nobody waits for its locks until then.
    func closeIfBroken(_ error: DatabaseError, _ status: Int32) {
        guard !error.isConnectionUsable else { return }
        if status & 0xFF == SQLITE_IOERR {
            let isOverwritten = overwritesFailedCommit()
            // What could not be written is not there, and what a rollback journal tells is undone by whoever opens the file.
            isCommitInDoubt = status == MAINSTAY_SQLITE_IOERR_FSYNC && !isOverwritten && hasLog
        }
        handle.close()
    }

    /// Whether the file has a write-ahead log beside it.
    private var hasLog: Bool {
        guard let database = handle.database else { return false }
        var hasLog = false
        sqlite3_exec(
            database,
            "PRAGMA journal_mode",
            { context, _, values, _ in
                let mode = values?.pointee.map { String(cString: $0) }
                context?.assumingMemoryBound(to: Bool.self).pointee = mode == "wal"
                return 0
            },
            &hasLog,
            nil
        )
        return hasLog
    }

    /// Sees to it that a commit stays undone that failed, and that SQLite has rolled back.
    ///
    /// If the write-ahead log could be written and not be synchronised, the commit is in the file and only the log's
    /// index in memory does not know it. The next writer overwrites it. But if all connections were closed before,
    /// whoever opens the file then would find a commit that is whole, and carry it out, though its caller was told that
    /// it failed. So a transaction that changes nothing is written in its place. It may fail in the same way, and has
    /// overwritten it then.
    ///
    /// - Returns: Whether it was overwritten, or there was nothing to overwrite.
    private func overwritesFailedCommit() -> Bool {
        guard let database = handle.database, role == .writer, sqlite3_get_autocommit(database) != 0 else {
            return true
        }
        // Who has the write lock overwrites it himself.
        sqlite3_busy_handler(database, nil, nil)
        let begun = sqlite3_exec(database, "BEGIN IMMEDIATE", nil, nil, nil)
        guard begun == SQLITE_OK else { return begun & 0xFF == SQLITE_BUSY }
        var version: Int32 = 0
        let status = sqlite3_exec(
            database,
            "PRAGMA user_version",
            { context, _, values, _ in
                guard let text = values?.pointee, let number = Int32(String(cString: text)) else { return 1 }
                context?.assumingMemoryBound(to: Int32.self).pointee = number
                return 0
            },
            &version,
            nil
        )
        // Closing rolls back what is left.
        guard status == SQLITE_OK else { return false }
        let written = sqlite3_exec(database, "PRAGMA user_version = \(version); COMMIT", nil, nil, nil)
        return written == SQLITE_OK || written == MAINSTAY_SQLITE_IOERR_FSYNC
    }
}

extension Int32 {
    /// Whether this result code says that another has a lock, and that waiting for it makes sense. A snapshot that
    /// another wrote past stays one, however long one waits.
    var isBusy: Bool { self & 0xFF == SQLITE_BUSY && self != MAINSTAY_SQLITE_BUSY_SNAPSHOT }
}
