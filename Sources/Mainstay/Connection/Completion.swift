// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a statement did.
public struct Completion: Sendable, Hashable {
    /// The number of rows that were inserted or deleted, or that an UPDATE matched, whether it changed them or not.
    public var affectedRows: Int
    /// The key that the database generated for the inserted row, on databases that report it (MariaDB, SQLite).
    /// On PostgreSQL, and portably everywhere, `INSERT … RETURNING` gives it.
    public var generatedKey: Int64?

    /// Creates a completion.
    public init(affectedRows: Int, generatedKey: Int64? = nil) {
        self.affectedRows = affectedRows
        self.generatedKey = generatedKey
    }
}
