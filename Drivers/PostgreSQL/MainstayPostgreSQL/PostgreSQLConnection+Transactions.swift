// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension PostgreSQLConnection {
    /// Begins a transaction.
    ///
    /// One that may write leaves it to the server's `default_transaction_read_only` whether it really may.
    public func begin(_ options: TransactionOptions) throws(DatabaseError) {
        try freeStatements(keeping: 15)
        link.isLimitedToReading = false
        link.names.pathMayReturn(isEnd: true)
        // The statement timeout is set with it, for the transaction alone.
        defer { link.notices.trace = [] }
        var sql = "BEGIN"
        if let isolation = options.isolation {
            // What a server gives by itself is kept if it is more.
            let level = isolation == .snapshot && isSerializable ? .serializable : isolation
            sql += " ISOLATION LEVEL \(level.sql)"
        }
        if options.access == .readOnly { sql += " READ ONLY" }
        // Together with it, in one round trip, and undone with the transaction.
        if let statementLimit { sql += "; SET LOCAL statement_timeout = \(statementLimit.wholeMilliseconds)" }
        try link.run(sql)
        link.number.begin(isWanted: options.keepsReceipt && server != nil)
        link.wasBegunReadOnly = options.access == .readOnly
    }

    /// Lets statements outside of transactions only read. Nothing is set in the session for that.
    ///
    /// - Returns: False while there is a limit for statements, which ``begin(_:)`` sets.
    public func limitToReading(_ isLimited: Bool) throws(DatabaseError) -> Bool {
        if isLimited { try freeStatements(keeping: 15) }
        link.isLimitedToReading = isLimited && statementLimit == nil
        return link.isLimitedToReading == isLimited
    }

    /// Commits the transaction.
    ///
    /// - Throws: `transactionRolledBack` if the server undid it, since a statement of it had failed; the error of a
    ///   deferred constraint; `connectionLost` if COMMIT was not sent; `commitOutcomeUnknown` if it was sent and the
    ///   connection broke before it was answered.
    public func commit() throws(DatabaseError) {
        // A connection that is known to be dead is a safe failure: nothing was sent.
        if link.isReading { try link.dropAnswers() }
        guard link.looksAlive() else {
            link.abandon()
            throw link.lost("the connection was found broken before COMMIT was sent")
        }
        defer { link.notices.forgetOwnTrace() }
        let isRolledBack: Bool
        do {
            isRolledBack = try link.run("COMMIT").isRolledBack
        } catch  where error.code == .commitNotReplicated {
            throw error
        } catch {
            // The server said so before the connection broke: when its process is ended, it leaves without an answer.
            throw link.notices.takeMissingStandby(isConnectionUsable: isUsable) ?? outcome(of: error)
        }
        guard !isRolledBack else {
            throw DatabaseError(
                .transactionRolledBack,
                "the server answered COMMIT by rolling back, since a statement of the transaction had failed"
            )
        }
    }

    /// What the failure of a COMMIT means. Only an error that the server sent and lived on after is a refusal, unless
    /// it says itself that it does not know (08007, 40003).
    private func outcome(of error: DatabaseError) -> DatabaseError {
        // A server that only reads refuses; it is this connection that is of no use then.
        let isUnknown = error.code == .commitOutcomeUnknown || !error.isConnectionUsable || !isUsable
        guard isUnknown, error.code != .readOnly else { return error }
        // Whoever finds out what became of it does so on another connection.
        link.abandon()
        return DatabaseError(
            .commitOutcomeUnknown,
            error.code == .commitOutcomeUnknown
                ? "the server does not know whether COMMIT happened or not"
                : "the connection broke while COMMIT was under way, so it may have happened or not",
            sqlState: error.sqlState,
            cause: error
        )
    }

    /// Rolls the transaction back. Does nothing if there is none; the server has undone that of a lost connection.
    public func rollback() throws(DatabaseError) {
        guard isUsable else { return }
        if link.isReading { try link.dropAnswers() }
        guard isUsable, transactionState != .none else { return }
        defer { link.notices.forgetOwnTrace() }
        try link.run("ROLLBACK")
    }

    /// Sets, releases or rolls back to a savepoint.
    public func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        defer { link.notices.forgetOwnTrace() }
        switch action {
        case .set: try link.run("SAVEPOINT \(name)")
        case .release: try link.run("RELEASE SAVEPOINT \(name)")
        case .rollback:
            // The transaction goes on, and keeps its number.
            let number = link.number
            try link.run("ROLLBACK TO SAVEPOINT \(name)")
            link.number = number
            link.names.pathMayReturn(isEnd: false)
        }
    }
}

// MARK: - What the server says

extension PostgreSQLConnection {
    /// Executes any number of statements without parameters; the server can't be told to refuse some of them.
    ///
    /// The answer to ROLLBACK AND CHAIN is that to ROLLBACK TO SAVEPOINT. It takes the word CHAIN in the text: what a procedure does
    /// inside of a transaction or of a script can't end it.
    public func executeScript(_ text: String, controlsTransactions: Bool) throws(DatabaseError) -> Int {
        defer {
            if link.notices.trace.contains(.rollbackTag), text.uppercased().contains("CHAIN") {
                link.notices.trace.insert(.endedTransaction)
            }
        }
        return try executeScript(text)
    }

    /// What the tags of the commands say. Of a connection that broke the server has not said all.
    public func takeTrace() -> SessionTrace {
        guard isUsable else { return .isIncomplete }
        let trace = link.notices.trace
        guard !trace.isEmpty else { return [] }
        link.notices.trace = []
        var told = trace.intersection([.endedTransaction, .committed, .touchedSession])
        // A ROLLBACK after which none is open was none to a savepoint.
        if trace.contains(.rollbackTag), transactionState == .none { told.insert(.endedTransaction) }
        return told
    }
}

extension Duration {
    /// The milliseconds, at least one and at most as many as the server takes.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
