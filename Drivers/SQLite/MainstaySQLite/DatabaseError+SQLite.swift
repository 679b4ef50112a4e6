// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

extension DatabaseError {
    /// The error for a result code, with the message that the connection has for it.
    ///
    /// See https://sqlite.org/rescode.html.
    ///
    /// - Parameter isReplaceable: Whether another connection finds the same database, as it does in a file.
    static func sqlite(
        _ code: Int32,
        _ database: OpaquePointer,
        preparing: Bool = false,
        isReplaceable: Bool = true
    ) -> DatabaseError {
        let message = sqlite3_errmsg(database).map { String(cString: $0) } ?? "unknown error"
        let meaning = Code(sqlite: code, message: message, preparing: preparing)
        let constraint = constraintName(code, message)
        return DatabaseError(
            meaning,
            message,
            hint: hint(code, message),
            nativeCode: NativeCode(vendor: "SQLite", number: Int(code)),
            constraint: constraint,
            isConnectionUsable: isConnectionUsable(code, isReplaceable: isReplaceable)
        )
    }

    /// The error of a statement that was cancelled while it waited for a lock.
    static func cancelledWaiting(_ code: Int32) -> DatabaseError {
        DatabaseError(
            .cancelled,
            "the statement was cancelled while it waited for a lock",
            nativeCode: NativeCode(vendor: "SQLite", number: Int(code))
        )
    }

    /// The error of a connection that was aborted.
    static let aborted = DatabaseError(.connectionLost, "the connection to the SQLite database was broken off")

    /// The error of a connection whose file is not the one any more that it has open.
    static func fileReplaced(_ path: String) -> DatabaseError {
        DatabaseError(
            .connectionLost,
            "\(path) was replaced or deleted while it was open",
            hint: fileReplacedHint
        )
    }

    private static let fileReplacedHint =
        "close the database before its file is replaced, and replace or delete the files -wal and -shm with it"

    /// Whether a connection is still to be used after a result code. Nil if that follows from its meaning.
    private static func isConnectionUsable(_ code: Int32, isReplaceable: Bool) -> Bool? {
        switch code & 0xFF {
        // In memory these speak of a temporary file or of another database that is attached. The one in memory is as
        // good as it was, and would be gone with its connection.
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB: !isReplaceable
        // It is another file that can't be opened, as by ATTACH, while this one is open.
        case SQLITE_CANTOPEN: true
        default: nil
        }
    }

    /// The error for a file that can't be opened. There is no connection whose message could be asked for.
    static func cannotOpen(_ code: Int32, _ location: ConnectionURL.FileLocation) -> DatabaseError {
        let path = if case .path(let path) = location { path } else { ":memory:" }
        return DatabaseError(
            .cannotConnect,
            "\(path) can't be opened as a database: \(String(cString: sqlite3_errstr(code)))",
            hint:
                "the folder must exist, the path must be no folder, and the user must be allowed to read and write it",
            nativeCode: NativeCode(vendor: "SQLite", number: Int(code)),
            // The same file fails in the same way until someone changes something.
            isTransient: false
        )
    }

    /// `UNIQUE constraint failed: users.email` names the columns, `CHECK constraint failed: age_positive` the
    /// constraint.
    private static func constraintName(_ code: Int32, _ message: String) -> String? {
        guard code & 0xFF == SQLITE_CONSTRAINT, let colon = message.firstIndex(of: ":") else { return nil }
        return String(message[message.index(after: colon)...].drop { $0 == " " })
    }

    /// Whether BUSY means no lock of another, but a statement that writes, was begun natively and was not ended.
    static func isOwnStatementInTheWay(_ message: String) -> Bool {
        message.hasSuffix("SQL statements in progress")
    }

    private static func hint(_ code: Int32, _ message: String) -> String? {
        if code == MAINSTAY_SQLITE_READONLY_DBMOVED { return fileReplacedHint }
        return switch code & 0xFF {
        case SQLITE_BUSY where isOwnStatementInTheWay(message): nil
        case SQLITE_BUSY: "another process or connection writes; keep its transactions short, or raise busy_timeout"
        case SQLITE_READONLY: "write in write { }; and the file and its folder must be writable"
        case SQLITE_NOTADB: "the file is no SQLite database, or is encrypted"
        case SQLITE_FULL: "make room on the disk, or raise PRAGMA max_page_count"
        default: nil
        }
    }
}

extension DatabaseError.Code {
    /// What a result code means.
    init(sqlite code: Int32, message: String, preparing: Bool) {
        switch code {
        case MAINSTAY_SQLITE_CONSTRAINT_UNIQUE, MAINSTAY_SQLITE_CONSTRAINT_PRIMARYKEY, MAINSTAY_SQLITE_CONSTRAINT_ROWID:
            self = .uniqueViolation
        case MAINSTAY_SQLITE_CONSTRAINT_FOREIGNKEY: self = .foreignKeyViolation
        case MAINSTAY_SQLITE_CONSTRAINT_NOTNULL: self = .notNullViolation
        case MAINSTAY_SQLITE_CONSTRAINT_CHECK: self = .checkViolation
        case MAINSTAY_SQLITE_BUSY_SNAPSHOT: self = .serializationFailure
        case MAINSTAY_SQLITE_READONLY_DBMOVED: self = .connectionLost
        default:
            switch code & 0xFF {
            case SQLITE_CONSTRAINT: self = .constraintViolation
            case SQLITE_BUSY where DatabaseError.isOwnStatementInTheWay(message): self = .resultPending
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self = .lockTimeout
            case SQLITE_READONLY: self = .readOnly
            case SQLITE_FULL: self = .storageFull
            case SQLITE_INTERRUPT: self = .cancelled
            case SQLITE_CORRUPT, SQLITE_NOTADB: self = .dataCorrupted
            case SQLITE_CANTOPEN: self = .cannotConnect
            case SQLITE_NOMEM: self = .outOfResources
            case SQLITE_TOOBIG: self = .valueOutOfRange
            case SQLITE_MISMATCH: self = .invalidValue
            case SQLITE_RANGE: self = .parameterCount
            case SQLITE_AUTH, SQLITE_PERM: self = .permissionDenied
            case SQLITE_ERROR: self = Self(sqliteMessage: message, preparing: preparing)
            // So it is after another connection has changed the schema: SQLite has read it again, and says what is wrong all the same.
            case SQLITE_SCHEMA where !message.hasSuffix("schema has changed"):
                self = Self(sqliteMessage: message, preparing: preparing)
            default: self = .other
            }
        }
    }

    /// SQLite has one code for everything that is wrong with a statement; only its message, which is not translated,
    /// tells.
    private init(sqliteMessage message: String, preparing: Bool) {
        if message.hasPrefix("no such") || message.contains("has no column named") {
            self = .undefinedObject
        } else if message.hasSuffix("already exists") || message.hasPrefix("duplicate column name") {
            self = .duplicateObject
        } else if preparing || message.contains("syntax error") || message.contains("incomplete input") {
            self = .syntaxError
        } else {
            self = .other
        }
    }
}
