// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

extension MariaDBConnection {
    /// Begins a transaction.
    ///
    /// - Throws: `misuse` if there is one: MariaDB would commit it.
    public func begin(_ options: TransactionOptions) throws(DatabaseError) {
        guard transactionState != .active else {
            throw DatabaseError(.misuse, "a transaction is open already", hint: "use a savepoint")
        }
        try applyStatementLimit()
        // What follows a statement that commits by itself, as in a script, is outside of the transaction and is to write.
        if options.access == .readWrite { try setAccess(isLimited: false) }
        try applyIsolation(options.isolation)
        switch options.access {
        case .readWrite: try execute("START TRANSACTION READ WRITE")
        case .readOnly: try execute("START TRANSACTION READ ONLY")
        }
        wasBegunReadOnly = options.access == .readOnly
    }

    /// Lets statements outside of transactions only read: the session's transactions are read-only unless they are begun otherwise, as
    /// ``begin(_:)`` does. A round trip when it changes.
    ///
    /// [SET TRANSACTION](https://mariadb.com/kb/en/set-transaction/)
    public func limitToReading(_ isLimited: Bool) throws(DatabaseError) -> Bool {
        // A statement alone sees one moment at every level but this one, so that the last transaction's may stay for those that read.
        if !isLimited || isolation?.level == "READ-UNCOMMITTED" { try applyIsolation(nil) }
        try setAccess(isLimited: isLimited)
        return true
    }

    private func setAccess(isLimited: Bool) throws(DatabaseError) {
        guard isLimited != isLimitedToReading else { return }
        try execute("SET SESSION TRANSACTION READ \(isLimited ? "ONLY" : "WRITE")")
        isLimitedToReading = isLimited
    }

    /// Commits the transaction.
    ///
    /// - Throws: `commitOutcomeUnknown` if the connection broke after COMMIT had been sent and before it was answered.
    public func commit() throws(DatabaseError) {
        try requireOpen()
        // What is dead before COMMIT is sent is surely not committed, and most of what is dead shows it.
        guard probe() else {
            throw lost("the connection was lost before COMMIT was sent, so the server rolls back")
        }
        guard mysql_real_query(handle, "COMMIT", 6) == 0 else {
            let report = ErrorReport(handle)
            let error = failureOfExecution(report)
            // A server that has become read-only refuses, and rolls back.
            guard !error.isConnectionUsable, !report.isSurelyUnsent, error.code != .readOnly else { throw error }
            throw DatabaseError(
                .commitOutcomeUnknown,
                "the connection was lost while COMMIT was under way",
                sqlState: error.sqlState,
                nativeCode: error.nativeCode,
                cause: error
            )
        }
        noteOwnAnswer()
    }

    /// Rolls the transaction back. Does nothing if there is none, or if it went with the connection.
    public func rollback() throws(DatabaseError) {
        guard transactionState == .active else { return }
        try execute("ROLLBACK")
        noteOwnAnswer()
    }

    /// Sets, releases or rolls back to a savepoint.
    public func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        defer { noteOwnAnswer() }
        switch action {
        case .set: try execute("SAVEPOINT \(name)")
        case .release: try execute("RELEASE SAVEPOINT \(name)")
        case .rollback:
            try execute("ROLLBACK TO SAVEPOINT \(name)")
            // It stays set otherwise, and is to be forgotten.
            try execute("RELEASE SAVEPOINT \(name)")
        }
    }

    /// Gives the session the isolation that its next transaction is to have: a round trip when it changes.
    private func applyIsolation(_ level: IsolationLevel?) throws(DatabaseError) {
        guard let serverIsolation, let isolation else {
            // Not known what it is, so for the next transaction alone, which follows at once.
            if let level { try execute("SET TRANSACTION ISOLATION LEVEL \(level.sql)") }
            return
        }
        let wanted = serverIsolation.changed(to: level)
        guard wanted != isolation else { return }
        try execute("SET SESSION \(wanted.assignments(insteadOf: isolation))")
        self.isolation = wanted
    }

    /// Tells the server the limit of statements, if the session has another one.
    ///
    /// `max_statement_time` is MariaDB's; MySQL's `max_execution_time` is for SELECT only and is left alone.
    func applyStatementLimit() throws(DatabaseError) {
        guard limitInForce != statementLimit, mariadb_connection(handle) != 0 else { return }
        try execute("SET max_statement_time = \(statementLimit.map(Self.seconds) ?? "DEFAULT")")
        limitInForce = statementLimit
    }

    /// Seconds with three places, at least a thousandth and at most a year, of which the server is sure.
    private static func seconds(_ limit: Duration) -> String {
        let (seconds, attoseconds) = limit.components
        guard seconds < 31_536_000 else { return "31536000" }
        let milliseconds = max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let thousandths = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - thousandths.count))\(thousandths)"
    }
}
