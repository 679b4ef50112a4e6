// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What takes part in the transactions of a session: a unit of work, which holds changes back and writes them in time.
package protocol SessionParticipant: AnyObject {
    /// Something is about to be executed that must find everything written. Not called for what the participant executes
    /// itself while it does so.
    ///
    /// - Throws: Why it could not be written; the transaction has then failed.
    func flush(before occasion: FlushOccasion) throws(DatabaseError)

    /// A savepoint was set.
    func savepointBegan()

    /// The work since the last savepoint became part of what was before, or was undone.
    func savepointEnded(isKept: Bool)

    /// The transaction was committed or rolled back. Also told where there was none.
    func transactionEnded(isCommitted: Bool)

    /// The session has ended.
    func sessionEnded()
}

/// What a flush comes before.
package enum FlushOccasion: Sendable, Hashable {
    /// A statement.
    case statement
    /// COMMIT, or the beginning or the end of a savepoint, before which everything is written in any case.
    case boundary
}

extension Session {
    /// What takes part in the session's transactions.
    package var participant: (any SessionParticipant)? {
        get { context.participant }
        set { context.participant = newValue }
    }
}

extension SessionContext {
    /// A statement has ended well.
    ///
    /// - Returns: What it did besides its result.
    @discardableResult
    func succeeded() -> SessionTrace {
        let trace = resource.takeTrace()
        telling(trace) { $0.succeeded(server: resource.connection.transactionState, trace: trace) }
        return trace
    }

    /// Changes what is known of the transaction, and tells the participant if that ended it: DDL does so on some databases.
    func telling(_ trace: SessionTrace, _ change: (inout TransactionMachine) -> Void) {
        let (wasIdle, number) = (transaction.isIdle, transaction.number)
        change(&transaction)
        guard !wasIdle, transaction.isIdle || transaction.number != number else { return }
        savepointDepth = 0
        let isRolledBack = trace.contains(.endedTransaction) && !trace.contains(.committed)
        participant?.transactionEnded(isCommitted: !isRolledBack)
    }

    /// Throws if nothing can be executed.
    package func requireUsable() throws(DatabaseError) {
        try requireReady()
    }

    /// What was sent of a flush can't stand alone: the transaction is not committed.
    package func flushFailed(_ error: DatabaseError) {
        transaction.gaveUp(error)
    }
}
