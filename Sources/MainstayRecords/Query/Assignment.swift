// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// What a column is set to by an UPDATE of many rows.
public struct Assignment: Sendable {
    let column: Int
    let sql: SQL
}

extension ColumnOfRecord {
    /// Sets the column to a value.
    public func set(_ value: Value) -> Assignment { Assignment(column: index, sql: bound(value)) }

    /// Sets the column to what SQL says: `$0.age.set(to: "\($0.age) + 1")`.
    public func set(to sql: SQL) -> Assignment { Assignment(column: index, sql: sql) }
}

/// Makes assignments, one a line.
@resultBuilder
public enum AssignmentBuilder {
    /// An assignment.
    public static func buildExpression(_ assignment: Assignment) -> [Assignment] { [assignment] }
    /// Several.
    public static func buildBlock(_ assignments: [Assignment]...) -> [Assignment] { assignments.flatMap { $0 } }
    /// None, or some.
    public static func buildOptional(_ assignments: [Assignment]?) -> [Assignment] { assignments ?? [] }
    /// One way.
    public static func buildEither(first assignments: [Assignment]) -> [Assignment] { assignments }
    /// The other way.
    public static func buildEither(second assignments: [Assignment]) -> [Assignment] { assignments }
}

/// Makes a set of columns, one a line.
@resultBuilder
public enum ColumnSetBuilder {
    /// A column.
    public static func buildExpression(_ column: some ColumnOfRecord) -> [Int] { [column.index] }
    /// Several.
    public static func buildBlock(_ columns: [Int]...) -> [Int] { columns.flatMap { $0 } }
}
