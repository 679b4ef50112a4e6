// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A column of a record's table in a statement, as `$0.name` in `filter { $0.name == "john" }`.
public struct RecordColumn<R: Record, Value: SQLCodable>: Sendable, ColumnOfRecord {
    let table: TableName
    let name: String
    /// The column's position in the record.
    public let index: Int

    /// Names a column. Called by the code of the macro.
    public init(_ table: TableName, _ name: String, _ index: Int) {
        self.table = table
        self.name = name
        self.index = index
    }

    /// The column's name, qualified by its table's.
    public var sql: SQL { "\(identifier: table.name, name)" }
}

/// A column that holds the key of another record.
public struct RecordReference<R: Record, Value: SQLCodable, Target: Record>: Sendable, ColumnOfRecord {
    let table: TableName
    let name: String
    /// The column's position in the record.
    public let index: Int
    /// Sets the property.
    let assign: @Sendable (inout R, Target.Key) -> Void

    /// Names a column. Called by the code of the macro.
    public init(
        _ table: TableName,
        _ name: String,
        _ index: Int,
        _ assign: @escaping @Sendable (inout R, Target.Key) -> Void
    ) {
        self.table = table
        self.name = name
        self.index = index
        self.assign = assign
    }

    /// The column's name, qualified by its table's.
    public var sql: SQL { "\(identifier: table.name, name)" }

    /// The columns of the record that is referred to, in a condition on it:
    /// `filter { $0.teamID.matches { $0.name == "A" } }`.
    public func matches(_ condition: (Target.Columns) -> Predicate) -> Predicate {
        // Each condition within a condition has a name of its own for its table.
        let alias = TableName(table.name.hasPrefix(Self.prefix) ? table.name + "_" : Self.prefix)
        let columns = Target.columns(of: alias)
        return Predicate(
            "EXISTS (SELECT 1 FROM \(Target.schema.tableSQL) AS \(identifier: alias.name) WHERE \(on(alias)) AND \(condition(columns).sql))"
        )
    }

    private static var prefix: String { "mainstay_" }

    /// The condition by which the record is found that is referred to.
    func on(_ target: TableName) -> SQL {
        let key = Target.schema.keys.indices.first.map { Target.schema.columns[$0].name } ?? ""
        return "\(identifier: target.name, key) = \(sql)"
    }
}

/// A column of a record, whatever it holds.
public protocol ColumnOfRecord<R, Value>: Sendable {
    /// The record.
    associatedtype R: Record
    /// What the column holds.
    associatedtype Value: SQLCodable

    /// The column's position in the record.
    var index: Int { get }
    /// The column's name, qualified by its table's.
    var sql: SQL { get }
}

extension SQL.StringInterpolation {
    /// Inserts a column's name, qualified by its table's: `"lower(\($0.name)) = \(name)"`.
    public mutating func appendInterpolation(_ column: some ColumnOfRecord) {
        appendInterpolation(column.sql)
    }
}
