// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordSchema {
    /// The table's quoted name.
    var tableSQL: SQL {
        switch table.count {
        case 2: "\(identifier: table[0], table[1])"
        default: "\(identifier: table.first ?? "")"
        }
    }

    /// The names of some columns.
    func names(of columns: ColumnSet) -> SQL {
        if columns == all { return .names(names) }
        return "\(columns.indices.map { "\(identifier: self.columns[$0].name)" }, separator: ", ")"
    }

    /// Inserts rows of some columns.
    func insertion(_ columns: ColumnSet, _ rows: SQL) -> SQL {
        // Where every column is the database's, there is nothing to be given.
        if columns.isEmpty { return "INSERT INTO \(tableSQL) \(SQL.defaultRow)" }
        return "INSERT INTO \(tableSQL) (\(names(of: columns))) VALUES \(rows)"
    }

    /// A column and a value, `"name" = ?`: a condition or an assignment.
    func equation(_ column: Int, _ value: Value) -> SQL {
        "\(identifier: columns[column].name) = \(SQL.value(value))"
    }

    /// The assignment by which a version counts a change.
    func counting(_ version: Int) -> SQL {
        let name = columns[version].name
        return "\(identifier: name) = \(identifier: name) + 1"
    }

    /// The conditions by which the row with a key is found.
    func conditions(_ key: [Value]) -> [SQL] {
        zip(keys.indices, key).map { equation($0, $1) }
    }
}
