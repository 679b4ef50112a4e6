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
