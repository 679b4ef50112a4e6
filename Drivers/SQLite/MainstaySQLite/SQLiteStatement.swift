// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// A prepared statement and the cursor over its result.
final class SQLiteStatement: PreparedStatement {
    private unowned let connection: SQLiteConnection
    private let handle: SQLiteHandle
    // Unchecked, since each row looks at them: they are touched on the lane alone, and by nothing that SQLite calls.
    /// Nil once the statement was closed.
    @exclusivity(unchecked) private var statement: OpaquePointer?
    private let parameterCount: Int
    private let isReadOnly: Bool
    private let touchesSession: Bool
    /// Whether the text asks for the last generated key itself, which must then not be hidden from it.
    private let asksForGeneratedKey: Bool
    private(set) var columns: [Column] = []

    /// What the first step said, which `start` takes so that a statement is under way when it returns.
    @exclusivity(unchecked) private var firstStep: Int32?
    private var changesBefore: Int64 = 0
    private var keyBefore: Int64 = 0

    init(_ connection: SQLiteConnection, _ text: String, parameterCount: Int) throws(DatabaseError) {
        self.connection = connection
        handle = connection.handle
        self.parameterCount = parameterCount
        let database = try connection.beginning()
        guard !text.utf8.contains(0) else {
            throw DatabaseError(.syntaxError, "the statement contains U+0000, where SQLite would stop reading")
        }
        let watch = connection.handle.watch
        let (prepared, status, rest) = watch.watching { Self.prepare(database, text) }
        let seen = watch.seen
        statement = prepared
        touchesSession = seen.contains(.session)
        isReadOnly = prepared.map { sqlite3_stmt_readonly($0) != 0 } ?? true
        asksForGeneratedKey = text.lowercased().contains("last_insert_rowid")
        guard status == SQLITE_OK else { throw connection.failure(status, database, preparing: true) }
        guard let prepared else { throw DatabaseError(.syntaxError, "there is no statement in the text") }
        do throws(DatabaseError) {
            try Self.requireNoMore(database, rest)
            if seen.contains(.transaction), sqlite3_stmt_isexplain(prepared) == 0 {
                throw DatabaseError.statementControlsTransaction
            }
            try requireParameters(Int(sqlite3_bind_parameter_count(prepared)))
        } catch {
            close()
            throw error
        }
        readColumns(prepared)
    }

    deinit {
        close()
    }

    /// Prepares the first statement of a text and returns what follows it.
    private static func prepare(_ database: OpaquePointer, _ text: String) -> (
        OpaquePointer?, Int32, Substring.UTF8View
    ) {
        var text = text
        var statement: OpaquePointer?
        var used = 0
        let status = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let status = sqlite3_prepare_v3(
                    database,
                    characters.baseAddress,
                    Int32(clamping: characters.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT),
                    &statement,
                    &tail
                )
                if let tail, let start = characters.baseAddress { used = tail - start }
                return status
            }
        }
        return (statement, status, text.utf8.dropFirst(used))
    }

    private static func requireNoMore(_ database: OpaquePointer, _ rest: Substring.UTF8View) throws(DatabaseError) {
        guard rest.contains(where: { $0 > 0x20 }) else { return }
        // What follows may be no more than a comment.
        let (second, status, _) = prepare(database, String(Substring(rest)))
        sqlite3_finalize(second)
        guard second == nil, status == SQLITE_OK else {
            throw DatabaseError(
                .syntaxError,
                "the text has more than one statement",
                hint: "execute them one by one, or all together with executeScript(_:)"
            )
        }
    }

    private func requireParameters(_ placeholders: Int) throws(DatabaseError) {
        guard placeholders == parameterCount else {
            throw DatabaseError(
                .parameterCount,
                "the statement has \(placeholders) placeholders and \(parameterCount) values are bound",
                hint: "interpolate values instead of writing placeholders"
            )
        }
    }

    private func readColumns(_ statement: OpaquePointer) {
        columns = (0..<sqlite3_column_count(statement)).map { index in
            Column(
                name: sqlite3_column_name(statement, index).map { String(cString: $0) } ?? "",
                isBytes: sqlite3_column_decltype(statement, index).map { Self.isBytes(String(cString: $0)) } ?? false
            )
        }
    }

    /// Whether a declared type is one of bytes. SQLite keeps any value in any column, so it is what people mean by it.
    private static func isBytes(_ type: String) -> Bool {
        let type = type.uppercased()
        return type.contains("BLOB") || type.contains("BINARY")
    }

    private func prepared() throws(DatabaseError) -> OpaquePointer {
        if handle.database == nil { _ = try connection.database() }
        guard let statement else { throw DatabaseError(.misuse, "the prepared statement is closed") }
        return statement
    }

    // MARK: - Execution

    func start(_ parameters: [Value], reading: Reading) throws(DatabaseError) {
        let database = try connection.beginning()
        guard let statement else { throw DatabaseError(.misuse, "the prepared statement is closed") }
        guard parameters.count == parameterCount else { return try requireParameters(parameters.count) }
        for (index, value) in parameters.enumerated() {
            let status = try statement.bind(value, at: Int32(index + 1))
            guard status == SQLITE_OK else {
                sqlite3_clear_bindings(statement)
                throw connection.failure(status, database)
            }
        }
        if touchesSession { handle.watch.touch() }
        if !isReadOnly {
            changesBefore = sqlite3_total_changes64(database)
            keyBefore = sqlite3_last_insert_rowid(database)
            // A statement that inserts nothing leaves the key of an earlier one, which is not its own.
            if !asksForGeneratedKey { sqlite3_set_last_insert_rowid(database, 0) }
        }
        let status = sqlite3_step(statement)
        guard status == SQLITE_ROW || status == SQLITE_DONE else { throw end(status, database) }
        firstStep = status
        // A change of the schema made SQLite prepare the statement again, perhaps with other columns.
        if sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 1) > 0 { readColumns(statement) }
    }

    func step() throws(DatabaseError) -> Bool {
        let statement = try prepared()
        let status: Int32
        if let first = firstStep {
            firstStep = first == SQLITE_DONE ? first : nil
            status = first
        } else {
            status = sqlite3_step(statement)
        }
        switch status {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            // Another step would execute the statement again.
            firstStep = SQLITE_DONE
            return false
        default:
            throw end(status, try connection.database())
        }
    }

    func finish() throws(DatabaseError) -> Completion {
        let statement = try prepared()
        let database = try connection.database()
        let status = sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        firstStep = nil
        guard status == SQLITE_OK else { throw end(status, database) }
        guard !isReadOnly else { return Completion(affectedRows: 0) }
        let hasChanged = sqlite3_total_changes64(database) != changesBefore
        let key = restoreKey(database)
        // sqlite3_changes64 keeps the number of an earlier statement if this one changes no rows, as DDL.
        return Completion(
            affectedRows: hasChanged ? Int(sqlite3_changes64(database)) : 0,
            generatedKey: hasChanged && key != 0 ? key : nil
        )
    }

    /// The key that the statement generated; the one before it stays visible to `last_insert_rowid()` if there is none.
    private func restoreKey(_ database: OpaquePointer) -> Int64 {
        let key = sqlite3_last_insert_rowid(database)
        guard !asksForGeneratedKey else { return key == keyBefore ? 0 : key }
        if key == 0 { sqlite3_set_last_insert_rowid(database, keyBefore) }
        return key
    }

    private func end(_ status: Int32, _ database: OpaquePointer) -> DatabaseError {
        let error = connection.error(status, database)
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        firstStep = nil
        if !isReadOnly { _ = restoreKey(database) }
        connection.closeIfBroken(error, status)
        return error
    }

    func close() {
        sqlite3_finalize(statement)
        statement = nil
    }

    // MARK: - Cells

    @inline(__always)
    func cell(at index: Int) throws(DatabaseError) -> Cell {
        guard let statement else { throw DatabaseError(.misuse, "the prepared statement is closed") }
        // One look for the column, where each of the `sqlite3_column_…` functions takes one. Such a value may only be used while
        // nobody else uses the connection (https://sqlite.org/c3ref/column_blob.html), and nobody does.
        let value = sqlite3_column_value(statement, Int32(truncatingIfNeeded: index))
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER:
            return .integer(sqlite3_value_int64(value))
        case SQLITE_FLOAT:
            return .double(sqlite3_value_double(value))
        case SQLITE_TEXT:
            // The text is asked for before its length, which SQLite counts in the form asked for last.
            let text = sqlite3_value_text(value)
            return .text(UnsafeRawBufferPointer(start: text, count: Int(sqlite3_value_bytes(value))))
        case SQLITE_BLOB:
            let bytes = sqlite3_value_blob(value)
            return .bytes(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_value_bytes(value))))
        default:
            return .null
        }
    }

    func text(at index: Int32) -> String {
        statement.flatMap { sqlite3_column_text($0, index) }.map { String(cString: $0) } ?? ""
    }
}
