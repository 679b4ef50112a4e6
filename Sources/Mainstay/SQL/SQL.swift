// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A statement, or a part of one, written once for every database.
///
/// A string literal makes one, and what is interpolated is bound as a parameter, never spliced into the text:
///
/// ```swift
/// let sql: SQL = "SELECT name FROM users WHERE id = \(id) AND kind IN (\(list: kinds))"
/// ```
///
/// | interpolation | becomes |
/// |---|---|
/// | `\(value)` | a parameter |
/// | `\(list: values)` | as many parameters, separated by commas; of an empty list a subquery without rows |
/// | `\(identifier: "schema", "table")` | quoted names, joined by points |
/// | `\(type: .timestamp)` | the database's name of a column type |
/// | `\(sql)` | another fragment with its parameters |
/// | `\(fragments, separator: ", ")` | several fragments |
/// | `\(raw: text)` | the text as it is; never let it hold what a user wrote |
///
/// The text is rendered for a database when it is first prepared there; afterwards the fragments themselves find the
/// prepared statement.
public struct SQL: Sendable {
    /// The text in pieces: the key of a prepared statement.
    @usableFromInline var shape = Shape()
    /// The bound values in the order of their placeholders.
    @usableFromInline package internal(set) var values: [Value] = []
    /// Why an interpolated value can't be bound; thrown when the statement is executed.
    @usableFromInline var failure: DatabaseError?

    /// A piece of a statement's text.
    enum Part: Sendable {
        case raw(String)
        case value(ValueType)
        case list(ValueType, count: Int)
        case identifier([String])
        case columnType(ColumnType)
        case names(NameList, of: String?)
        case rows([ValueType], count: Int)
        case columnValues(ColumnValues)
        case defaultRow
    }

    @usableFromInline
    init() {}

    /// Text from elsewhere, such as a file, without parameters. Never let it hold what a user wrote.
    public init(raw text: String) {
        shape.append(.raw(text))
    }

    /// Adds another fragment at the end.
    public mutating func append(_ other: SQL) {
        shape.append(other.shape)
        values.append(contentsOf: other.values)
        failure = failure ?? other.failure
    }

    /// Two fragments, one after the other.
    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }
}
