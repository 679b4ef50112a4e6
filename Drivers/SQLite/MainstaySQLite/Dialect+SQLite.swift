// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Dialect {
    /// SQLite's SQL. See https://sqlite.org/lang.html and, for types, https://sqlite.org/datatype3.html.
    public static let sqlite = Dialect(
        name: "SQLite",
        placeholder: .questionMark,
        identifierQuote: "\"",
        // SQLite has no limit of its own; this one keeps errors readable.
        identifierLimit: 1024,
        parameterLimit: 32_766,
        emptyList: { _ in "SELECT NULL WHERE FALSE" },
        columnType: { type in
            switch type {
            case .generatedKey: "INTEGER PRIMARY KEY AUTOINCREMENT"
            case .bool, .int16, .int32, .int64, .uint64: "INTEGER"
            case .float, .double: "REAL"
            // Decimals are text: every numeric affinity would turn them into binary floating-point numbers.
            case .text, .varchar, .uuid, .date, .time, .dateTime, .timestamp, .decimal, .json: "TEXT"
            case .bytes: "BLOB"
            }
        },
        // Transactions that write begin with the one lock that there is.
        rowLock: { _ in "" },
        capabilities: [
            .insertReturning, .updateReturning, .deleteReturning, .transactionalDDL, .deferredConstraints, .zeroInText,
            .infinity, .generatedKeys, .snapshotIsolation, .byteColumns,
        ]
    )
}
