// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// By what PostgreSQL tells what became of a transaction: its number, which the server remembers for millions of others, and
/// where and since when that number means this transaction.
struct PostgreSQLReceipt: TransactionReceipt, Hashable {
    /// The transaction's number, of 64 bits.
    let number: UInt64
    /// The id of the server's process for the connection.
    let process: Int32
    /// The server, as it was when the connection was opened.
    let server: ServerIdentity
}

extension PostgreSQLReceipt {
    /// What the server says about the number.
    enum Status: Sendable, Hashable {
        case committed
        case aborted
        case inProgress
        /// The number was not given yet.
        case future
        /// It was given so long ago that nobody remembers.
        case forgotten
    }

    /// What became of the transaction, by what a server says.
    ///
    /// - Parameter now: The server that says it, as it is now.
    func outcome(_ status: Status, of now: ServerIdentity) -> TransactionOutcome {
        guard now.system == server.system else { return .unknown }
        // A standby may lag, or is about to be promoted: ask again.
        guard let timeline = now.timeline else { return .pending }
        // Numbers are given anew on another timeline.
        guard timeline == server.timeline else { return .unknown }
        switch hasRestarted(now) {
        case false:
            return switch status {
            case .committed: .committed
            case .aborted: .rolledBack
            case .inProgress: .pending
            case .future, .forgotten: .unknown
            }
        case true:
            // What was committed survives a restart, with its number. So this number is not given to another, and is not under way.
            return switch status {
            case .aborted, .inProgress, .future: .rolledBack
            // Given before the server started: committed by nobody else. Given after: by somebody else.
            case .committed: now.nextNumber > number ? .committed : .rolledBack
            case .forgotten: .unknown
            }
        case nil:
            return switch status {
            case .aborted: .rolledBack
            case .inProgress: .pending
            case .committed, .future, .forgotten: .unknown
            }
        }
    }

    /// Whether the server was started anew since the connection was opened, and nothing else was since; nil if that can't be told.
    private func hasRestarted(_ now: ServerIdentity) -> Bool? {
        if now.checkpoint == server.checkpoint { return false }
        if now.isCheckpointOfStart { return true }
        return now.start == server.start ? false : nil
    }
}
