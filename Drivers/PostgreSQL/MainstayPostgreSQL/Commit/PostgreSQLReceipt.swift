// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// By what PostgreSQL tells what became of a transaction: its number, which the server remembers for millions of
/// others, and where and since when that number means this transaction.
struct PostgreSQLReceipt: TransactionReceipt, Hashable {
    /// The transaction's number, of 64 bits.
    let number: UInt64
    /// The id of the server's process for the connection.
    let process: Int32
    /// The server, as it was when it gave the number, or before, but since it was started.
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

        /// The word that the server has for it; it has none for what it has forgotten.
        init(_ word: String?) {
            self =
                switch word {
                case "committed": .committed
                case "aborted": .aborted
                case "in progress": .inProgress
                default: .forgotten
                }
        }
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
        if now.isRunningSince(server) {
            return switch status {
            case .committed: .committed
            case .aborted: .rolledBack
            case .inProgress: .pending
            case .future, .forgotten: .unknown
            }
        }
        // What was committed survives a restart, with its number. So a number that is aborted was not committed by
        // anybody.
        if status == .aborted { return .rolledBack }
        guard now.isCheckpointOfStart else { return status == .inProgress ? .pending : .unknown }
        // Before the server started, the number was this transaction's, unless a crash had lost it and an earlier start
        // gave it to another one. Since then it is another one's, or nobody's.
        guard now.nextNumber > number else { return status == .forgotten ? .unknown : .rolledBack }
        return status == .committed && now.hasCrashedAtMostLast(since: server) ? .committed : .unknown
    }
}
