// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SessionContext {
    /// After a lost connection and its rollback the session goes on with a new one.
    func connectIfNeeded() throws(DatabaseError) {
        guard case .idle = transaction.phase, !resource.connection.isUsable else { return }
        try resource.reopen()
    }

    func beginIfNeeded() throws(DatabaseError) {
        guard case .idle = transaction.phase else { return }
        try connectIfNeeded()
        try resource.connection.begin(options)
        transaction.began()
    }

    /// Sets how the next transaction begins.
    func setOptions(_ options: TransactionOptions) throws(DatabaseError) {
        guard options.access == .readOnly || !isReadOnlyScope else {
            throw DatabaseError(
                .misuse,
                "a read { } scope can't be made to write",
                hint: "use write { } or withSession { }"
            )
        }
        guard case .idle = transaction.phase else {
            throw DatabaseError(
                .misuse,
                "the transaction has begun already",
                hint: "set its options before the first statement, or after commit() or rollback()"
            )
        }
        self.options = options
    }

    func commit() throws(DatabaseError) {
        guard !isClosed else { return try requireReady() }
        abandonPending()
        switch transaction.phase {
        case .idle:
            return
        case .failed(let cause):
            rollback()
            throw .rolledBack(because: cause)
        case .active:
            // From here on it ends as the server says.
            try cancellation?.check()
            try resource.requireNotBrokenOff()
            do {
                try resource.connection.commit()
                transaction.committed()
            } catch {
                transaction.failed(error, server: resource.connection.transactionState)
                throw error
            }
        }
    }

    /// Rolls back. Always works: where the server can't be asked any more, closing the connection makes it roll back.
    func rollback() {
        abandonPending()
        if case .idle = transaction.phase, resource.connection.transactionState == .none { return }
        if resource.connection.isUsable, resource.connection.transactionState != .none {
            do {
                // A request to cancel that is under way would hit the ROLLBACK.
                guard cancellation?.waitUntilOver(resource.resetTimeout) ?? true else { return giveUp() }
                try resource.connection.rollback()
            } catch {
                return giveUp()
            }
        }
        transaction.rolledBack()
    }

    /// Closes the connection, so that the server rolls back.
    private func giveUp() {
        resource.close()
        transaction.rolledBack()
    }

    /// A savepoint, and the transaction that it belongs to.
    struct Savepoint {
        let name: String
        let transaction: Int
    }

    func setSavepoint() throws(DatabaseError) -> Savepoint {
        try requireReady()
        try beginIfNeeded()
        savepoints += 1
        let savepoint = Savepoint(name: "mainstay_\(savepoints)", transaction: transaction.number)
        do {
            try resource.connection.savepoint(.set, savepoint.name)
        } catch {
            throw failed(error)
        }
        return savepoint
    }

    /// Keeps what was done since a savepoint.
    ///
    /// - Throws: `transactionRolledBack` if a statement failed since and its error was swallowed, where that fails the
    ///   transaction: the work since the savepoint is then undone.
    func release(_ savepoint: Savepoint) throws(DatabaseError) {
        abandonPending()
        if case .failed(let cause) = transaction.phase {
            rollBack(to: savepoint)
            throw .rolledBack(because: cause)
        }
        try requireReady()
        // The transaction was committed meanwhile, by the function or by the server, and the savepoint with it.
        guard case .active = transaction.phase, transaction.number == savepoint.transaction else { return }
        do {
            try resource.connection.savepoint(.release, savepoint.name)
        } catch {
            throw failed(error)
        }
    }

    /// Undoes what was done since a savepoint. If that can't be, the whole transaction fails: it must not be committed with
    /// work in it that was to be undone.
    func rollBack(to savepoint: Savepoint) {
        abandonPending()
        guard transaction.number == savepoint.transaction else {
            return transaction.gaveUp(
                DatabaseError(
                    .transactionFailed,
                    "the work since the savepoint could not be undone, because a statement committed it (DDL, for example)"
                )
            )
        }
        let server = resource.connection.transactionState
        guard resource.connection.isUsable, server == .active || server == .failed else { return }
        guard cancellation?.waitUntilOver(resource.resetTimeout) ?? true else { return giveUp() }
        do {
            try resource.connection.savepoint(.rollback, savepoint.name)
            transaction.rolledBackToSavepoint(server: resource.connection.transactionState)
        } catch {
            transaction.gaveUp(error)
        }
    }

    private func abandonPending() {
        guard let entry = pending else { return }
        _ = try? finish(entry)
        pending = nil
    }

    // MARK: - The end

    /// Ends the session without asking the server: what it left is rolled back when the connection is cleaned up.
    func abandon() {
        isClosed = true
        resource.leftover = self
    }

    /// Whether ending the session takes a round trip.
    var isRollbackNeeded: Bool {
        guard resource.connection.isUsable else { return false }
        return pending != nil || resource.connection.transactionState != .none
    }

    /// Ends the session: rolls back what was not committed. Every later use is an error.
    func close() {
        guard !isClosed else { return }
        rollback()
        isClosed = true
    }
}

extension DatabaseError {
    fileprivate static func rolledBack(because cause: DatabaseError) -> DatabaseError {
        DatabaseError(
            .transactionRolledBack,
            "the transaction could not be committed, because a statement in it had failed; it was rolled back",
            isTransient: cause.isTransient,
            isConnectionUsable: cause.isConnectionUsable,
            cause: cause
        )
    }
}
