// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PostgreSQLConnection {
    /// The number of the transaction that is open, and the server that gave it. One round trip, if the number has not
    /// come with an earlier statement.
    ///
    /// - Returns: Nil if nothing was written, for which a transaction needs no number.
    /// - Throws: `unsupported` for a server that did not tell who it is; the transaction is as it was. ``DatabaseError``.
    public func receipt() throws(DatabaseError) -> (any TransactionReceipt)? {
        // To ask it would fail the transaction.
        guard server != nil else { throw Self.cannotTell }
        if link.number.value == nil { try ask(link.number.question) { link.number.take($0) } }
        guard let number = link.number.value else { return nil }
        return PostgreSQLReceipt(number: number, process: link.number.process, server: try serverOfNumber())
    }

    private static let cannotTell = DatabaseError(
        .unsupported,
        "the server does not tell who it is, so what became of a COMMIT can't be found out",
        hint: "set DatabaseConfiguration.commitResolution to .byToken() or .never"
    )

    /// The server that gave the transaction's number. It is asked only where a pooler in between has led to another
    /// process since it was last asked: the server may have been started anew meanwhile, although this connection lives
    /// on.
    private func serverOfNumber() throws(DatabaseError) -> ServerIdentity {
        guard let server else { throw Self.cannotTell }
        let number = link.number
        if number.process == serverProcess, number.serverStart == server.start { return server }
        guard let server = try identity() else { throw Self.cannotTell }
        (self.server, serverProcess) = (server, number.process)
        return server
    }

    /// Asks what became of a transaction of another connection.
    ///
    /// A process of the server that has not noticed yet that its client is gone is ended.
    public func outcome(of receipt: any TransactionReceipt) throws(DatabaseError) -> TransactionOutcome {
        guard let receipt = receipt as? PostgreSQLReceipt else { return .unknown }
        let (status, server) = try status(of: receipt)
        guard let server else { return .unknown }
        let outcome = receipt.outcome(status, of: server)
        if outcome == .pending, server.timeline != nil { try endProcess(of: receipt) }
        return outcome
    }

    /// Both in one statement, so that it is one server that says both, also if there is a pooler in between.
    private func status(
        of receipt: PostgreSQLReceipt
    ) throws(DatabaseError) -> (PostgreSQLReceipt.Status, ServerIdentity?) {
        let status = link.number.status(receipt.number)
        do throws(DatabaseError) {
            var answered: (PostgreSQLReceipt.Status, ServerIdentity?) = (.forgotten, nil)
            try ask("SELECT \(status), \(ServerIdentity.columns) \(ServerIdentity.source)") { answer in
                answered = (PostgreSQLReceipt.Status(answer.firstCell), ServerIdentity(answer, from: 1))
            }
            return answered
        } catch  where error.sqlState == "22023" {
            return (.future, try identity())
        }
    }

    private func identity() throws(DatabaseError) -> ServerIdentity? {
        var identity: ServerIdentity?
        try ask("SELECT \(ServerIdentity.columns) \(ServerIdentity.source)") { identity = ServerIdentity($0, from: 0) }
        return identity
    }

    /// Ends the process that may still commit the transaction, but not one that has: it only waits for its standbys,
    /// and would be told to wait no more.
    private func endProcess(of receipt: PostgreSQLReceipt) throws(DatabaseError) {
        let low = UInt32(truncatingIfNeeded: receipt.number)
        try ask(
            """
            SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity \
            WHERE pid = \(receipt.process) AND backend_xid::text = '\(low)' \
            AND \(ServerProcess.isNotWaitingForStandbys)
            """
        ) { _ in }
    }

    /// Ends the server's process for another connection, if that is still the same process.
    public func terminate(_ other: any Interrupter) throws(DatabaseError) {
        guard let process = (other as? PostgreSQLInterrupter)?.process else { return }
        try ask(process.termination) { _ in }
    }
}
