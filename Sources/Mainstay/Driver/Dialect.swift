// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a database's SQL looks like and what it can do.
public struct Dialect: Sendable {
    /// The database's name, as in `PostgreSQL`.
    public var name: String
    /// How parameters are written.
    public var placeholder: Placeholder
    /// The character that encloses identifiers; inside of one it is doubled.
    public var identifierQuote: Character
    /// The longest identifier in UTF-8 bytes; longer ones are refused, since servers truncate them silently.
    public var identifierLimit: Int
    /// The largest number of parameters of one statement.
    public var parameterLimit: Int
    /// A subquery without rows, for `IN (…)` with an empty list of values of a type.
    public var emptyList: @Sendable (ValueType) -> String
    /// The name of a column type; see ``ColumnType``.
    public var columnType: @Sendable (ColumnType) -> String
    /// What follows a SELECT that is to lock its rows; empty where a transaction that writes has the whole database to itself.
    public var rowLock: @Sendable (RowLock) -> String
    /// What follows the table of an INSERT that leaves every column to the database.
    public var defaultRow: String
    /// What the database can do.
    public var capabilities: Capabilities

    /// Creates a dialect.
    public init(
        name: String,
        placeholder: Placeholder,
        identifierQuote: Character,
        identifierLimit: Int,
        parameterLimit: Int,
        emptyList: @escaping @Sendable (ValueType) -> String,
        columnType: @escaping @Sendable (ColumnType) -> String,
        rowLock: @escaping @Sendable (RowLock) -> String = { $0.standardClause },
        defaultRow: String = "DEFAULT VALUES",
        capabilities: Capabilities
    ) {
        self.name = name
        self.placeholder = placeholder
        self.identifierQuote = identifierQuote
        self.identifierLimit = identifierLimit
        self.parameterLimit = parameterLimit
        self.emptyList = emptyList
        self.columnType = columnType
        self.rowLock = rowLock
        self.defaultRow = defaultRow
        self.capabilities = capabilities
    }

    /// How parameters are written.
    public enum Placeholder: Sendable, Hashable {
        /// `?` for each.
        case questionMark
        /// `$1`, `$2` and so on.
        case dollarNumber
    }
}
