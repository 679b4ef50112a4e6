// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a transaction may see of others: the levels of ISO/IEC 9075, and ``snapshot``.
///
/// A database may give more than was asked for: PostgreSQL has no dirty reads at any level, and SQLite's transactions are
/// serializable whatever is asked.
public struct IsolationLevel: Sendable, Hashable, CustomStringConvertible {
    /// The name of the level of ISO/IEC 9075 that a server is asked for.
    public let sql: String
    /// The level's name.
    public let description: String

    private init(_ sql: String, _ name: String? = nil) {
        self.sql = sql
        description = name ?? sql
    }

    /// Rows of others that are not committed may be seen.
    public static let readUncommitted = Self("READ UNCOMMITTED")
    /// Each statement sees what was committed before it began.
    public static let readCommitted = Self("READ COMMITTED")
    /// All statements see what was committed before the first of them, as the server understands it. On MariaDB that does not keep a
    /// transaction from overwriting what others committed since; ``snapshot`` does.
    public static let repeatableRead = Self("REPEATABLE READ")
    /// All statements see what was committed before the first of them, and a row that others changed since is not changed: the
    /// statement fails with `serializationFailure` (*first updater wins*).
    ///
    /// PostgreSQL's `REPEATABLE READ` is that, and MariaDB's with `innodb_snapshot_isolation`. SQLite's transactions are, always. A
    /// server whose own default is `SERIALIZABLE` keeps it, for that is more. Where the capability
    /// ``Capabilities/snapshotIsolation`` is missing, it is ``repeatableRead``.
    ///
    /// Source: H. Berenson and others, *A Critique of ANSI SQL Isolation Levels*, 1995.
    public static let snapshot = Self("REPEATABLE READ", "SNAPSHOT")
    /// The outcome is as if transactions ran one after the other.
    public static let serializable = Self("SERIALIZABLE")
}
