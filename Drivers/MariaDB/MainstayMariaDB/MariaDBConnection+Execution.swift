// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

extension MariaDBConnection {
    func requireOpen() throws(DatabaseError) {
        guard !isClosed else { throw DatabaseError(.connectionLost, "the connection is closed") }
    }

    /// Notes that a statement begins that may be cancelled.
    func statementBegins() {
        interruption.statementBegins()
    }

    /// Notes that the server has finished the statement.
    func statementEnds() {
        interruption.statementEnds()
    }

    /// The error for a report, after which the connection knows what it is still good for.
    func failure(_ report: ErrorReport) -> DatabaseError {
        interruption.statementEnds()
        // The last state that is known is the one in which the statement began.
        let isReadOnlyAsked = transactionState == .active ? wasBegunReadOnly : isLimitedToReading
        let error = report.error(isReadOnlyAsked: isReadOnlyAsked)
        if !error.isConnectionUsable { isBroken = true }
        return error
    }

    /// The error for a connection of which is known that it is dead.
    func lost(_ message: String) -> DatabaseError {
        isBroken = true
        return DatabaseError(.connectionLost, message)
    }

    /// The same as ``failure(_:)``, for a statement that the server began to execute.
    ///
    /// An error packet carries no status, and some errors end the transaction (1213) while others don't (1205). So the
    /// server is asked, by the smallest statement whose answer the library reads the status from; that of a ping it
    /// drops.
    func failureOfExecution(_ report: ErrorReport) -> DatabaseError {
        let error = failure(report)
        noteFailure()
        guard isUsable else { return error }
        if mysql_real_query(handle, "DO 0", 4) == 0 { noteOwnAnswer() } else { isBroken = true }
        return error
    }

    /// Executes a statement that takes no parameters and returns no rows.
    func execute(_ text: String) throws(DatabaseError) {
        try requireOpen()
        guard mysql_real_query(handle, text, UInt(text.utf8.count)) == 0 else {
            throw failureOfExecution(ErrorReport(handle))
        }
    }

    /// Refuses what is larger than the server takes: it would hang up, and the work would be tried again in vain.
    ///
    /// The limit is asked for only once, and only if a packet is not small.
    ///
    /// - Throws: `valueOutOfRange`.
    func requirePacket(of size: Int) throws(DatabaseError) {
        guard size > 1 << 19 else { return }
        let limit = try largestPacket()
        guard size < limit else {
            throw DatabaseError(
                .valueOutOfRange,
                "the statement and its values have \(size) bytes, and the server takes less than \(limit)",
                hint: "send less at once, or raise the server's max_allowed_packet"
            )
        }
    }

    /// The number of bytes that no packet may reach.
    func largestPacket() throws(DatabaseError) -> Int {
        if let packetLimit { return packetLimit }
        let limit = try number("SELECT @@max_allowed_packet", column: 0) ?? 1 << 20
        packetLimit = limit
        return limit
    }
}
