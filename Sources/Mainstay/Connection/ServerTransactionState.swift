// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What the server says about the transaction.
public enum ServerTransactionState: Sendable, Hashable {
    /// There is none.
    case none
    /// One is open and can go on.
    case active
    /// One is open, and the server refuses everything but its rollback (PostgreSQL).
    case failed
    /// The connection is gone, so the server has rolled back or is about to.
    case unknown
}
