// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a transaction may see of others, by the names of ISO/IEC 9075.
///
/// A database may give more than was asked for: PostgreSQL has no dirty reads at any level, and SQLite's transactions are
/// serializable whatever is asked.
public struct IsolationLevel: Sendable, Hashable, CustomStringConvertible {
    /// The level's SQL name.
    public let sql: String

    private init(_ sql: String) {
        self.sql = sql
    }

    /// Rows of others that are not committed may be seen.
    public static let readUncommitted = Self("READ UNCOMMITTED")
    /// Each statement sees what was committed before it began.
    public static let readCommitted = Self("READ COMMITTED")
    /// All statements see what was committed before the first of them.
    public static let repeatableRead = Self("REPEATABLE READ")
    /// The outcome is as if transactions ran one after the other.
    public static let serializable = Self("SERIALIZABLE")

    /// The level's SQL name.
    public var description: String { sql }
}
