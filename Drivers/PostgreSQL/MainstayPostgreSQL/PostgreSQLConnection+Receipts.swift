// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PostgreSQLConnection {
    /// The number of the transaction that is open, and the server that gave it. One round trip, if the number has not come with
    /// an earlier statement.
    ///
    /// - Returns: Nil if nothing was written, for which a transaction needs no number.
    public func receipt() throws(DatabaseError) -> (any TransactionReceipt)? {
        if link.number.value == nil {
            try ask(link.number.question) { link.number.take($0) }
        }
        guard let number = link.number.value else { return nil }
        guard let server else {
            throw DatabaseError(
                .unsupported,
                "the server does not tell who it is, so what became of a COMMIT can't be found out",
                hint: "set DatabaseConfiguration.commitResolution to .byToken() or .never"
            )
        }
        return PostgreSQLReceipt(number: number, process: link.number.process, server: server)
    }

    /// Asks what became of a transaction of another connection.
    ///
    /// A process of the server that has not noticed yet that its client is gone is ended.
    public func outcome(of receipt: any TransactionReceipt) throws(DatabaseError) -> TransactionOutcome {
        guard let receipt = receipt as? PostgreSQLReceipt else { return .unknown }
        let status = try status(of: receipt)
        // Asked after the status: if the server was started anew since then, this connection is lost.
        guard let now = try identity() else { return .unknown }
        let outcome = receipt.outcome(status, of: now)
        if outcome == .pending, now.timeline != nil { try endProcess(of: receipt) }
        return outcome
    }

    private func status(of receipt: PostgreSQLReceipt) throws(DatabaseError) -> PostgreSQLReceipt.Status {
        do {
            var text: String?
            try ask(link.number.statusQuestion(receipt.number)) { text = $0.firstCell }
            switch text {
            case "committed": return .committed
            case "aborted": return .aborted
            case "in progress": return .inProgress
            default: return .forgotten
            }
        } catch  where error.sqlState == "22023" {
            return .future
        }
    }

    private func identity() throws(DatabaseError) -> ServerIdentity? {
        var identity: ServerIdentity?
        try ask("SELECT \(ServerIdentity.columns) \(ServerIdentity.source)") { identity = ServerIdentity($0, from: 0) }
        return identity
    }

    private func endProcess(of receipt: PostgreSQLReceipt) throws(DatabaseError) {
        let low = UInt32(truncatingIfNeeded: receipt.number)
        try ask(
            """
            SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
            WHERE pid = \(receipt.process) AND backend_xid::text = '\(low)'
            """
        ) { _ in }
    }

    /// Ends the server's process for another connection, if that is still the same process.
    public func terminate(_ other: any Interrupter) throws(DatabaseError) {
        guard let process = (other as? PostgreSQLInterrupter)?.process else { return }
        try ask(process.termination) { _ in }
    }
}
