// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The names of a record's columns. It is compared by its identity, so that a statement is found without a look at the names.
package final class NameList: Sendable, Hashable {
    package let names: [String]

    package init(_ names: [String]) {
        self.names = names
    }

    package static func == (left: NameList, right: NameList) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}

extension SQL {
    /// The names in the database's quotes, separated by commas, each qualified by a table's name if there is one.
    package static func names(_ list: NameList, of table: String? = nil) -> SQL {
        var sql = SQL()
        sql.shape.append(.names(list, of: table))
        return sql
    }

    /// Rows of values for `VALUES`, in parentheses and separated by commas.
    ///
    /// - Parameters:
    ///   - values: The values of the first row, then those of the second, and so on; each of its column's type.
    ///   - types: The types of the columns.
    package static func rows(_ values: [Value], of types: [ValueType]) -> SQL {
        var sql = SQL()
        sql.shape.append(.rows(types, count: types.isEmpty ? 0 : values.count / types.count))
        sql.values = values
        return sql
    }

    /// Whether it is nothing but a bound NULL.
    package var isNull: Bool {
        guard shape.count == 1, case .null = values.first else { return false }
        return true
    }

    /// What follows the table of an INSERT that leaves every column to the database.
    package static var defaultRow: SQL {
        var sql = SQL()
        sql.shape.append(.defaultRow)
        return sql
    }

    /// A statement that can't be executed.
    package static func failing(_ error: DatabaseError) -> SQL {
        var sql = SQL()
        sql.failure = error
        return sql
    }

    /// A bound value.
    package static func value(_ value: Value) -> SQL {
        var sql = SQL()
        sql.shape.append(value.type)
        sql.values.append(value)
        return sql
    }
}
