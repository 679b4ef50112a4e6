// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A condition on rows.
///
/// Made by comparing columns, and of conditions by `&&`, `||` and `!`; or as SQL: `filter { "lower(\($0.name)) = \(name)" }`.
/// Comparisons are the database's: what is compared with NULL is neither equal nor unequal, and whether "A" equals "a" is a
/// question of its collation.
public struct Predicate: Sendable {
    let sql: SQL

    /// A condition as SQL.
    public init(_ sql: SQL) {
        self.sql = "(\(sql))"
    }

    /// A condition that needs no parentheses.
    init(plain sql: SQL) {
        self.sql = sql
    }

    /// Both.
    public static func && (left: Predicate, right: Predicate) -> Predicate {
        Predicate("\(left.sql) AND \(right.sql)")
    }

    /// At least one.
    public static func || (left: Predicate, right: Predicate) -> Predicate {
        Predicate("\(left.sql) OR \(right.sql)")
    }

    /// Not this one.
    public static prefix func ! (condition: Predicate) -> Predicate {
        Predicate("NOT \(condition.sql)")
    }
}

extension Predicate: ExpressibleByStringInterpolation {
    /// A condition as SQL.
    public init(stringLiteral value: StaticString) {
        self.init(SQL(stringLiteral: value))
    }

    /// A condition as SQL, with columns and values.
    public init(stringInterpolation: SQL.StringInterpolation) {
        self.init(SQL(stringInterpolation: stringInterpolation))
    }
}
