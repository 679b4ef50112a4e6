// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// What the server or the client library reported about a call that failed.
struct ErrorReport {
    let vendor: Vendor
    let number: Int
    let sqlState: String
    let text: String

    /// The report about the last call on a connection.
    init(_ handle: UnsafeMutablePointer<MYSQL>) {
        self.init(
            mysql_errno(handle),
            mysql_sqlstate(handle),
            mysql_error(handle),
            handle.pointee.server_version == nil || mariadb_connection(handle) != 0 ? .mariaDB : .mySQL
        )
    }

    /// The report about the last call on a statement. Some functions on statements leave it with the connection.
    init(_ statement: UnsafeMutablePointer<MYSQL_STMT>, of handle: UnsafeMutablePointer<MYSQL>) {
        guard mysql_stmt_errno(statement) != 0 else {
            self.init(handle)
            return
        }
        self.init(
            mysql_stmt_errno(statement),
            mysql_stmt_sqlstate(statement),
            mysql_stmt_error(statement),
            mariadb_connection(handle) != 0 ? .mariaDB : .mySQL
        )
    }

    init(vendor: Vendor, number: Int, sqlState: String, text: String) {
        self.vendor = vendor
        self.number = number
        self.sqlState = sqlState
        self.text = text
    }

    private init(_ number: UInt32, _ state: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?, _ vendor: Vendor) {
        self.init(
            vendor: vendor,
            number: Int(number),
            sqlState: state.map { String(cString: $0) } ?? "",
            text: text.map { String(cString: $0) } ?? ""
        )
    }
}

extension ErrorReport {
    /// What happened.
    var code: DatabaseError.Code {
        switch number {
        // "running with the --read-only option"; other options refuse other things.
        case 1290 where !text.contains("read-only"): .unsupported
        // "Got error 28 … from storage engine": the operating system's ENOSPC, or the engine's own 135.
        case 1030 where text.contains("error 28 ") || text.contains("error 135 "): .storageFull
        default: ErrorTable.code(number, of: vendor)
        }
    }

    /// Whether the client library itself says that the connection broke before the server could have got the whole
    /// command: nothing was executed. See `mthd_my_send_cmd` in Connector/C.
    var isSurelyUnsent: Bool { number == 2006 }

    /// The SQLSTATE, if the report has one that says something.
    var meaningfulState: String? {
        sqlState.isEmpty || sqlState == "00000" || sqlState == "HY000" ? nil : sqlState
    }

    var nativeCode: DatabaseError.NativeCode {
        DatabaseError.NativeCode(vendor: vendor.rawValue, number: number)
    }

    /// The error for a statement or another command on a connection that was open.
    var error: DatabaseError { error(isReadOnlyAsked: false) }

    /// The same for a statement in a transaction that was begun to read only, or not.
    func error(isReadOnlyAsked: Bool) -> DatabaseError {
        // Once TLS was established, that it fails means that the line broke.
        let code = code == .tlsFailed ? .connectionLost : code
        let words = ErrorText(code: code, number: number, text: text)
        return DatabaseError(
            code,
            words.message,
            hint: hint,
            sqlState: meaningfulState,
            nativeCode: nativeCode,
            constraint: words.constraint,
            sensitiveDetail: words.sensitiveDetail,
            isTransient: isServerReadOnly ? !isReadOnlyAsked : nil,
            isConnectionUsable: isServerReadOnly ? isReadOnlyAsked : isConnectionUsable
        )
    }

    private var hint: String? {
        switch number {
        case 1153, 2020: "send less at once, or raise the server's max_allowed_packet"
        case 1290, 1836: "is this the primary?"
        case 1295: "MariaDB can't prepare this statement; executeScript(_:) sends it as it is"
        case 1461: "raise the server's max_prepared_stmt_count, or keep fewer prepared statements per connection"
        default: nil
        }
    }

    /// Whether the server is read-only as a whole. It may be a former primary; then the next connection finds another
    /// server, and this one is of no use for who wants to write.
    private var isServerReadOnly: Bool { (number == 1290 || number == 1836) && code == .readOnly }

    private var isConnectionUsable: Bool? {
        switch number {
        // A packet that is too large: the server hangs up after its answer.
        case 1153, 2020: false
        // In use by a connection, these are about one statement.
        case 1226, 1034, 1035, 1194, 1195, 1712: true
        default: nil
        }
    }
}
