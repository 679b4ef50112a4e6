// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Rows that are to be inserted into a table, past statements.
public struct RowLoad {
    /// The table's name, qualified by its schema if it has one.
    public let table: [String]
    /// The columns that get values; the others get their defaults.
    public let columns: [String]
    /// The types of the columns' values.
    public let types: [ValueType]
    /// The values of the next rows: of the first one in the order of the columns, then of the second, and so on; nil after the last.
    ///
    /// Part after part, so that the server works on one of them while the next is made. Throws if a value can't be made; what was
    /// sent is then to be undone.
    public let next: () throws(DatabaseError) -> [Value]?

    /// Describes the rows.
    public init(
        table: [String],
        columns: [String],
        types: [ValueType],
        next: @escaping () throws(DatabaseError) -> [Value]?
    ) {
        self.table = table
        self.columns = columns
        self.types = types
        self.next = next
    }
}
