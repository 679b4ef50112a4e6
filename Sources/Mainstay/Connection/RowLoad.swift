// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Rows that are to be inserted into a table, past statements.
public struct RowLoad: Sendable {
    /// The table's name, qualified by its schema if it has one.
    public let table: [String]
    /// The columns that get values; the others get their defaults.
    public let columns: [String]
    /// The types of the columns' values.
    public let types: [ValueType]
    /// The values of the first row, in the order of the columns, then those of the second, and so on.
    public let values: [Value]

    /// Describes the rows.
    public init(table: [String], columns: [String], types: [ValueType], values: [Value]) {
        self.table = table
        self.columns = columns
        self.types = types
        self.values = values
    }
}
