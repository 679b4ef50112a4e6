// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The name by which a statement qualifies the columns of a table: the table's own, or an alias.
public struct TableName: Sendable, Hashable {
    let name: String

    init(_ name: String) {
        self.name = name
    }
}

extension RecordSchema {
    /// The table by its own name.
    var tableName: TableName { TableName(table.last ?? "") }
}
