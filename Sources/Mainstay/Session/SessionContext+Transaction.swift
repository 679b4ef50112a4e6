// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SessionContext {
    /// Something is about to be sent that may be stopped until it has ended: connects and begins a transaction if need be.
    func begins(inTransaction: Bool = true) throws(DatabaseError) {
        try connectIfNeeded()
        resource.connection.statementLimit = policy.limits.serverLimit
        policy.limits.isServerAware = resource.connection.statementLimit != nil
        try cancellation?.begins(policy.limits)
        do {
            if inTransaction {
                if try isTransactionByItself() { return }
                try beginIfNeeded()
            } else {
                // What may be in force from an earlier scope, and is not meant here.
                _ = try resource.connection.limitToReading(false)
            }
        } catch {
            throw explained(error).during(.notSent)
        }
    }

    /// After a lost connection and its rollback the session goes on with a new one. So it does when the connection was found dead
    /// between two transactions, unless the session has settings that were lost with it.
    ///
    /// - Throws: `connectionLost` for lost settings that nobody was told of; why no other connection can be opened.
    private func connectIfNeeded() throws(DatabaseError) {
        guard case .idle = transaction.phase else { return }
        if hasLostSettings {
            hasLostSettings = false
            throw DatabaseError.settingsLost.during(.notSent)
        }
        // The scope's first transaction begins on a connection that was just looked at.
        let isFirst = transaction.number == 0 && !transaction.hasCommitted
        let isLost = isFirst ? !resource.connection.isUsable : !resource.looksAlive()
        guard isLost else {
            // What is set from here on is set in this connection.
            knowsOfLoss = false
            return
        }
        if resource.isTouched, !knowsOfLoss {
            knowsOfLoss = true
            resource.close()
            throw DatabaseError.settingsLost.during(.notSent)
        }
        try resource.reopen(within: policy.limits.deadline.map { $0 - resource.environment.clock.now() })
        knowsOfLoss = false
    }

    /// Asks the server for a sign of life, if the session does nothing with it and has no transaction, for which the server has
    /// timeouts of its own.
    func keepAlive() {
        guard !isClosed, case .idle = transaction.phase, resource.connection.isUsable, !resource.isBrokenOff,
            resource.connection.transactionState == .none
        else { return }
        guard cancellation?.beginsCleaning(resource.checkTimeout) ?? true else { return }
        defer { cancellation?.ends() }
        // What it finds dead is found dead by the next transaction as well.
        try? resource.connection.ping()
    }

    /// Whether the next statement is a whole transaction, in which the server lets it only read.
    private func isTransactionByItself() throws(DatabaseError) -> Bool {
        // Where something was set in the connection, it may be what keeps statements from writing.
        guard policy.isOneQuery, case .idle = transaction.phase, !resource.isTouched else { return false }
        return try resource.connection.limitToReading(true)
    }

    private func beginIfNeeded() throws(DatabaseError) {
        guard case .idle = transaction.phase else { return }
        var options = options
        options.keepsReceipt = keepsReceipt
        try resource.connection.begin(options)
        transaction.began()
        savepointDepth = 0
    }

    /// The error, told by why the statement was stopped if it was. It has ended.
    func explained(_ error: DatabaseError) -> DatabaseError {
        let reason = cancellation?.ends()
        // Where breaking off interrupts the statement alone, the connection is lost to the session all the same.
        if error.code == .cancelled, resource.isBrokenOff { return .brokenOff }
        guard let reason, [.cancelled, .timeout, .connectionLost].contains(error.code) else { return error }
        return error.stopped(because: reason)
    }

    /// Sets how the next transaction begins.
    func setOptions(_ options: TransactionOptions) throws(DatabaseError) {
        try requireOpen()
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

    /// Rolls back for the session's user. A session that has ended has nothing to undo, and the connection is another's.
    func rollback() {
        if !isClosed { undo() }
    }

    /// Rolls back. Always works: where the server can't be asked any more, closing the connection makes it roll back.
    func undo() {
        defer { participant?.transactionEnded(isCommitted: false) }
        abandonPending()
        if case .idle = transaction.phase, resource.connection.transactionState == .none { return }
        if resource.connection.isUsable, resource.connection.transactionState != .none {
            do {
                // A request to cancel that is under way would hit the ROLLBACK.
                guard cancellation?.beginsCleaning(resource.resetTimeout) ?? true else { return giveUp() }
                defer { cancellation?.ends() }
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
        try participant?.flush(before: .boundary)
        try begins()
        savepoints += 1
        let savepoint = Savepoint(name: "mainstay_\(savepoints)", transaction: transaction.number)
        do {
            try resource.connection.savepoint(.set, savepoint.name)
            cancellation?.ends()
            savepointDepth += 1
            participant?.savepointBegan()
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
        try requireOpen()
        abandonPending()
        if case .failed(let cause) = transaction.phase {
            rollBack(to: savepoint)
            throw .rolledBack(because: cause)
        }
        try requireReady()
        // The transaction was committed meanwhile, by the function or by the server, and the savepoint with it.
        guard case .active = transaction.phase, transaction.number == savepoint.transaction else { return }
        do {
            try participant?.flush(before: .boundary)
        } catch {
            rollBack(to: savepoint)
            throw error
        }
        try cancellation?.begins(policy.limits)
        do {
            try resource.connection.savepoint(.release, savepoint.name)
            cancellation?.ends()
            savepointDepth -= 1
            participant?.savepointEnded(isKept: true)
        } catch {
            throw failed(error)
        }
    }

    /// Undoes what was done since a savepoint. If that can't be, the whole transaction fails: it must not be committed with
    /// work in it that was to be undone.
    func rollBack(to savepoint: Savepoint) {
        // Its work was undone with the rest of its transaction, and the connection may have another savepoint of that name.
        guard !isClosed else { return }
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
        guard cancellation?.beginsCleaning(resource.resetTimeout) ?? true else {
            resource.close()
            return transaction.gaveUp(
                DatabaseError(
                    .connectionLost,
                    "the work since the savepoint could not be undone; the connection was closed"
                )
            )
        }
        defer { cancellation?.ends() }
        do {
            try resource.connection.savepoint(.rollback, savepoint.name)
            transaction.rolledBackToSavepoint(server: resource.connection.transactionState)
            savepointDepth -= 1
            participant?.savepointEnded(isKept: false)
        } catch {
            transaction.gaveUp(error)
        }
    }

    func abandonPending() {
        guard let entry = pending else { return }
        _ = try? finish(entry)
        pending = nil
    }

    // MARK: - The end

    /// Ends the session without asking the server: what it left is rolled back when the connection is cleaned up.
    func abandon() {
        endLease()
        endParticipant()
        (unfinished, pending) = (pending, nil)
        resource.leftover = self
    }

    /// Undoes what an abandoned session left. Nobody else uses the connection meanwhile.
    func cleanUp() {
        (pending, unfinished) = (unfinished, nil)
        undo()
    }

    /// Whether ending the session takes a round trip.
    var isRollbackNeeded: Bool {
        guard resource.connection.isUsable else { return false }
        return pending != nil || resource.connection.transactionState != .none
    }

    /// Ends the session: rolls back what was not committed. Every later use is an error.
    func close() {
        guard !isClosed else { return }
        // What a unit of work holds is of no use to anybody any more, and need not be restored.
        endParticipant()
        undo()
        endLease()
    }

    private func endParticipant() {
        participant?.sessionEnded()
        participant = nil
    }
}

extension DatabaseError {
    fileprivate static let settingsLost = DatabaseError(
        .connectionLost,
        "the connection was lost between two transactions, and with it what the session had set",
        hint: "set it again: the session goes on with another connection"
    )
}
