// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

extension SQLiteConnection {
    /// Begins a transaction. One that may write takes the write lock at once, so that it can't fail half-way because
    /// another wrote meanwhile. All isolation levels are serializable.
    public func begin(_ options: TransactionOptions) throws(DatabaseError) {
        // A script may have ended a reading transaction, so that neither commit nor rollback was reached.
        allowWriting()
        guard options.access == .readOnly else { return try execute("BEGIN IMMEDIATE") }
        try refuseWriting()
        do {
            try execute("BEGIN DEFERRED")
        } catch {
            allowWriting()
            throw error
        }
    }

    /// Commits. A deferred constraint that is violated, or a reader in the way for longer than the busy timeout, leaves
    /// the transaction open. After any other error SQLite has rolled back, and says so.
    ///
    /// - Throws: `connectionLost` if the file was replaced or deleted, and nothing was committed: it would be to a file that
    ///   nobody will see. `commitOutcomeUnknown` if the disk failed in the middle of the commit and then took nothing more.
    public func commit() throws(DatabaseError) {
        let database = try database()
        // SQLite looks by itself only where it has no write-ahead log.
        if sqlite3_txn_state(database, "main") == SQLITE_TXN_WRITE { try requireSameFile() }
        do {
            try executeWhenFree("COMMIT")
        } catch {
            guard isCommitInDoubt else { throw error }
            throw DatabaseError(
                .commitOutcomeUnknown,
                "the disk failed during COMMIT, and nothing more could be written: whoever opens the file next may find it done",
                nativeCode: error.nativeCode,
                cause: error
            )
        }
        allowWriting()
    }

    /// Rolls back, unless SQLite has done so by itself.
    public func rollback() throws(DatabaseError) {
        defer { allowWriting() }
        if transactionState == .active { try execute("ROLLBACK") }
    }

    /// Lets statements outside of transactions only read. The connections of readers never let them do anything else.
    public func limitToReading(_ isLimited: Bool) throws(DatabaseError) -> Bool {
        if isLimited { try refuseWriting() } else { allowWriting() }
        return true
    }

    private func refuseWriting() throws(DatabaseError) {
        guard role == .writer, !isQueryOnly else { return }
        try execute("PRAGMA query_only = ON")
        isQueryOnly = true
    }

    private func allowWriting() {
        guard isQueryOnly else { return }
        isQueryOnly = false
        // Setting a flag of the connection; it fails only if the connection is closed, and then it does not matter.
        try? execute("PRAGMA query_only = OFF")
    }

    /// Sets, releases or rolls back to a savepoint.
    public func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        switch action {
        case .set: try execute("SAVEPOINT \(name)")
        case .release: try execute("RELEASE \(name)")
        case .rollback:
            try execute("ROLLBACK TO \(name)")
            // SQLite keeps the savepoint after rolling back to it; the next ROLLBACK TO of an outer one drops it.
            try execute("RELEASE \(name)")
        }
    }
}
