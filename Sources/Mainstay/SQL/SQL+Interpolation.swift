// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SQL: ExpressibleByStringInterpolation {
    /// Makes a statement of a string literal.
    public init(stringLiteral value: StaticString) {
        shape.append(value)
    }

    /// Makes a statement of a string literal with interpolations.
    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// Collects the pieces of a string literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        @usableFromInline var sql = SQL()

        /// Prepares for as many pieces as the literal has.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql.shape.reserveCapacity(2 * interpolationCount + 1)
            sql.values.reserveCapacity(interpolationCount)
        }

        /// Adds text that stands in the program.
        public mutating func appendLiteral(_ literal: StaticString) {
            guard literal.utf8CodeUnitCount > 0 else { return }
            sql.shape.append(literal)
        }

        /// Binds a value.
        @inlinable
        public mutating func appendInterpolation<Bound: SQLEncodable>(_ value: Bound) {
            append(bind(value))
        }

        /// Binds a value, or NULL.
        @inlinable
        public mutating func appendInterpolation<Bound: SQLEncodable>(_ value: Bound?) {
            append(bind(value))
        }

        /// Binds a value that is at hand in its bound form.
        public mutating func appendInterpolation(_ value: Value) {
            append(value)
        }

        /// Binds each value of a list, for `IN (…)` and `VALUES (…)`.
        public mutating func appendInterpolation<Element: SQLEncodable>(list: some Sequence<Element>) {
            let values = list.map { bind($0) }
            sql.shape.append(.list(Element.sqlType, count: values.count))
            sql.values.append(contentsOf: values)
        }

        /// Writes a name in the quotes of the database, qualified by those before it.
        public mutating func appendInterpolation(identifier: String...) {
            sql.shape.append(.identifier(identifier))
        }

        /// Writes the database's name of a column type.
        public mutating func appendInterpolation(type: ColumnType) {
            sql.shape.append(.columnType(type))
        }

        /// Inserts another fragment with its parameters.
        public mutating func appendInterpolation(_ fragment: SQL) {
            sql.append(fragment)
        }

        /// Inserts several fragments with a text between them.
        public mutating func appendInterpolation(_ fragments: [SQL], separator: StaticString) {
            for (index, fragment) in fragments.enumerated() {
                if index > 0 { appendLiteral(separator) }
                sql.append(fragment)
            }
        }

        /// Inserts text as it is. Never let it hold what a user wrote.
        public mutating func appendInterpolation(raw text: String) {
            sql.shape.append(.raw(text))
        }

        @inlinable
        mutating func bind<Bound: SQLEncodable>(_ value: Bound) -> Value {
            do {
                return try value.sqlValue
            } catch {
                // An interpolation can't throw; the statement will, before anything is sent.
                sql.failure = sql.failure ?? error
                return .null(Bound.sqlType)
            }
        }

        @usableFromInline
        mutating func append(_ value: Value) {
            sql.shape.append(value.type)
            sql.values.append(value)
        }
    }
}
