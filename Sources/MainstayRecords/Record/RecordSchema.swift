// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// The table of a record type and its columns.
///
/// A class, for each row that is read passes it along.
public final class RecordSchema: Sendable {
    /// The table's name, qualified by its schema if it has one.
    public let table: [String]
    /// The columns in the order of the properties.
    public let columns: [Column]

    /// The columns that identify a row.
    let keys: ColumnSet
    /// The columns whose values the database makes.
    let generated: ColumnSet
    /// Their positions.
    @usableFromInline let generatedIndices: [Int]
    /// The column that counts the changes.
    let version: Int?
    /// The columns that refer to other records.
    let references: [Int]
    /// All columns.
    let all: ColumnSet
    /// The names of all columns.
    let names: NameList
    /// The names of the key's columns.
    let keyNames: NameList

    /// Describes a table.
    public init(table: [String], columns: [Column]) {
        self.table = table
        self.columns = columns
        keys = ColumnSet(columns.indices.filter { columns[$0].role == .key || columns[$0].role == .generatedKey })
        generated = ColumnSet(
            columns.indices.filter { columns[$0].role == .generated || columns[$0].role == .generatedKey }
        )
        generatedIndices = generated.indices
        version = columns.firstIndex { $0.role == .version }
        references = columns.indices.filter { columns[$0].reference != nil }
        all = ColumnSet(first: columns.count)
        names = NameList(columns.map(\.name))
        keyNames = NameList(keys.indices.map { columns[$0].name })
    }

    /// The table's name as errors write it.
    var name: String { table.joined(separator: ".") }

    /// A column.
    public struct Column: Sendable {
        /// The column's name.
        public let name: String
        /// What it is for.
        public let role: Role
        /// The type of record whose key it holds.
        public let reference: (any Record.Type)?
        /// Whether it may be NULL.
        public let isOptional: Bool

        /// Describes a column.
        public init(
            _ name: String,
            _ role: Role = .value,
            isOptional: Bool = false,
            references: (any Record.Type)? = nil
        ) {
            self.name = name
            self.role = role
            self.isOptional = isOptional
            self.reference = references
        }
    }

    /// What a column is for.
    public enum Role: Sendable, Hashable {
        /// A value like any other.
        case value
        /// It identifies the row; the application gives its value.
        case key
        /// It identifies the row; the database makes its value where the record has none.
        case generatedKey
        /// The database makes its value when the row is inserted, and may do so when it is updated.
        case generated
        /// It counts the changes of the row.
        case version
    }
}
