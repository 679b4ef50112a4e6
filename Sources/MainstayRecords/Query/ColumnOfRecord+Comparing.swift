// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension ColumnOfRecord {
    /// Equal to a value; to nil, NULL.
    public static func == (column: Self, value: Value) -> Predicate {
        column.compare(value, "\(column.sql) = ", orNull: "\(column.sql) IS NULL")
    }

    /// Not equal to a value, and not NULL; not equal to nil, not NULL.
    public static func != (column: Self, value: Value) -> Predicate {
        column.compare(value, "\(column.sql) <> ", orNull: "\(column.sql) IS NOT NULL")
    }

    /// Less than a value.
    public static func < (column: Self, value: Value) -> Predicate { column.compare(value, "\(column.sql) < ") }

    /// Less than a value or equal to it.
    public static func <= (column: Self, value: Value) -> Predicate { column.compare(value, "\(column.sql) <= ") }

    /// Greater than a value.
    public static func > (column: Self, value: Value) -> Predicate { column.compare(value, "\(column.sql) > ") }

    /// Greater than a value or equal to it.
    public static func >= (column: Self, value: Value) -> Predicate { column.compare(value, "\(column.sql) >= ") }

    private func compare(_ value: Value, _ comparison: SQL, orNull null: SQL? = nil) -> Predicate {
        let operand = bound(value)
        if let null, operand.isNull { return Predicate(null) }
        return Predicate(comparison + operand)
    }

    /// Equal to another column.
    public static func == <Other: ColumnOfRecord>(column: Self, other: Other) -> Predicate {
        Predicate("\(column.sql) = \(other.sql)")
    }

    /// Not equal to another column.
    public static func != <Other: ColumnOfRecord>(column: Self, other: Other) -> Predicate {
        Predicate("\(column.sql) <> \(other.sql)")
    }

    /// Less than another column.
    public static func < <Other: ColumnOfRecord>(column: Self, other: Other) -> Predicate {
        Predicate("\(column.sql) < \(other.sql)")
    }

    /// Greater than another column.
    public static func > <Other: ColumnOfRecord>(column: Self, other: Other) -> Predicate {
        Predicate("\(column.sql) > \(other.sql)")
    }

    /// Less than another column or equal to it.
    public static func <= <Other: ColumnOfRecord>(column: Self, other: Other) -> Predicate {
        Predicate("\(column.sql) <= \(other.sql)")
    }

    /// Greater than another column or equal to it.
    public static func >= <Other: ColumnOfRecord>(column: Self, other: Other) -> Predicate {
        Predicate("\(column.sql) >= \(other.sql)")
    }

    /// One of some values; of none, never.
    public func `in`(_ values: some Sequence<Value>) -> Predicate {
        Predicate("\(sql) IN (\(bound(list: values)))")
    }

    /// From the first to the last value of a range, both included.
    public func `in`(_ range: ClosedRange<Value>) -> Predicate where Value: Comparable {
        Predicate("\(sql) BETWEEN \(bound(range.lowerBound)) AND \(bound(range.upperBound))")
    }

    /// From the first value of a range up to its end, which is not included.
    public func `in`(_ range: Range<Value>) -> Predicate where Value: Comparable {
        Predicate("\(sql) >= \(bound(range.lowerBound)) AND \(sql) < \(bound(range.upperBound))")
    }

    /// One of some values; NULL is none of them.
    @_disfavoredOverload
    public func `in`<Wrapped>(_ values: some Sequence<Wrapped>) -> Predicate where Value == Wrapped? {
        Predicate("\(sql) IN (\(bound(list: values)))")
    }

    /// From the first to the last value of a range, both included.
    public func `in`<Wrapped: Comparable>(_ range: ClosedRange<Wrapped>) -> Predicate where Value == Wrapped? {
        Predicate("\(sql) BETWEEN \(bound(range.lowerBound)) AND \(bound(range.upperBound))")
    }

    /// From the first value of a range up to its end, which is not included.
    public func `in`<Wrapped: Comparable>(_ range: Range<Wrapped>) -> Predicate where Value == Wrapped? {
        Predicate("\(sql) >= \(bound(range.lowerBound)) AND \(sql) < \(bound(range.upperBound))")
    }

    /// NULL.
    public var isNull: Predicate { Predicate("\(sql) IS NULL") }

    /// Not NULL.
    public var isNotNull: Predicate { Predicate("\(sql) IS NOT NULL") }
}

extension ColumnOfRecord {
    /// A value as a parameter, which is bound in the form that the column has.
    func bound<Bound: SQLEncodable>(_ value: Bound) -> SQL {
        let sql: SQL = "\(value)"
        return Bound.sqlType == .uuid ? sql.values(ofColumn: index, in: R.schema) : sql
    }

    /// Values as parameters, which are bound in the form that the column has.
    fileprivate func bound<Bound: SQLEncodable>(list values: some Sequence<Bound>) -> SQL {
        let sql: SQL = "\(list: values)"
        return Bound.sqlType == .uuid ? sql.values(ofColumn: index, in: R.schema) : sql
    }
}
