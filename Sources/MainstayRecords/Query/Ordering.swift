// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// By what rows are ordered.
public struct Ordering: Sendable {
    private let expression: SQL
    private var direction: SQL = ""
    private var nulls: SQL?

    /// By SQL, such as `"lower(\($0.name)) DESC"`.
    public init(_ sql: SQL) {
        expression = sql
    }

    fileprivate init(_ column: SQL, descending isDescending: Bool) {
        expression = column
        direction = isDescending ? " DESC" : ""
    }

    /// The same with NULL before everything else, on every database. Of SQL, only if it has no direction of its own.
    public var nullsFirst: Ordering { with(nulls: " DESC") }

    /// The same with NULL after everything else, on every database. Of SQL, only if it has no direction of its own.
    public var nullsLast: Ordering { with(nulls: "") }

    private func with(nulls: SQL) -> Ordering {
        var ordering = self
        ordering.nulls = nulls
        return ordering
    }

    var sql: SQL {
        guard let nulls else { return expression + direction }
        return "(\(expression)) IS NULL\(nulls), \(expression)\(direction)"
    }
}

extension Ordering: ExpressibleByStringInterpolation {
    /// By SQL.
    public init(stringLiteral value: StaticString) {
        self.init(SQL(stringLiteral: value))
    }

    /// By SQL, with columns and values.
    public init(stringInterpolation: SQL.StringInterpolation) {
        self.init(SQL(stringInterpolation: stringInterpolation))
    }
}

extension ColumnOfRecord {
    /// From small to large. Where NULL comes is the database's habit: last on PostgreSQL, first elsewhere.
    public var ascending: Ordering { Ordering(sql, descending: false) }

    /// From large to small. NULL comes at the other end.
    public var descending: Ordering { Ordering(sql, descending: true) }
}

/// Makes orderings of columns, one a line.
@resultBuilder
public enum OrderingBuilder {
    /// A column, ascending.
    public static func buildExpression(_ column: some ColumnOfRecord) -> [Ordering] { [column.ascending] }
    /// An ordering.
    public static func buildExpression(_ ordering: Ordering) -> [Ordering] { [ordering] }
    /// Several.
    public static func buildBlock(_ orderings: [Ordering]...) -> [Ordering] { orderings.flatMap { $0 } }
    /// None, or some.
    public static func buildOptional(_ orderings: [Ordering]?) -> [Ordering] { orderings ?? [] }
    /// One way.
    public static func buildEither(first orderings: [Ordering]) -> [Ordering] { orderings }
    /// The other way.
    public static func buildEither(second orderings: [Ordering]) -> [Ordering] { orderings }
}
