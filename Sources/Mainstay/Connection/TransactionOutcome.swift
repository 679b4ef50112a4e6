// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What became of a transaction whose COMMIT was not answered.
public enum TransactionOutcome: Sendable, Hashable {
    /// It was committed.
    case committed
    /// It was rolled back, and will never be committed.
    case rolledBack
    /// The server has not decided yet: ask again.
    case pending
    /// The server can't tell any more.
    case unknown
}
