// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension Link {
    /// The error that an answer stands for. Called when all answers of the command were read, for only then is known
    /// what became of the connection.
    func error(_ answer: borrowing Answer) -> DatabaseError {
        let result = answer.pointer
        guard let state = mainstay_error_sqlstate(result).map({ String(cString: $0) }) else {
            // libpq's own words, and seldom about anything else.
            let message = firstLine(of: PQresultErrorMessage(result))
            return isUsable ? DatabaseError(.other, message) : lost(message)
        }
        let error = ServerMessage(result, state).error(
            isConnectionUsable: isUsable,
            wasCancelAsked: interrupter.wasCancelAsked,
            isReadOnlyAsked: transactionState == .none ? isLimitedToReading : wasBegunReadOnly
        )
        if !error.isConnectionUsable { abandon() }
        return error
    }
}

/// The fields of a server's error message.
private struct ServerMessage {
    let state: String
    let severity: String
    let primary: String
    let detail: String?
    let hint: String?
    let context: String?
    let position: String?
    let constraint: String?
    let column: String?
    let function: String?

    init(_ result: OpaquePointer, _ state: String) {
        func text(_ field: UnsafePointer<CChar>?) -> String? { field.map { String(cString: $0) } }
        self.state = state
        severity = text(mainstay_error_severity(result)) ?? ""
        primary = text(mainstay_error_message(result)) ?? firstLine(of: PQresultErrorMessage(result))
        detail = text(mainstay_error_detail(result))
        hint = text(mainstay_error_hint(result))
        context = text(mainstay_error_context(result))
        position = text(mainstay_error_position(result))
        constraint = text(mainstay_error_constraint(result))
        column = text(mainstay_error_column(result))
        function = text(mainstay_error_function(result))
    }

    func error(isConnectionUsable: Bool, wasCancelAsked: Bool, isReadOnlyAsked: Bool) -> DatabaseError {
        let code = code(wasCancelAsked: wasCancelAsked)
        // Who was to write got a standby, or a primary that is being relieved: the next connection may find another
        // server.
        let isReadOnlyServer = code == .readOnly && !isReadOnlyAsked
        let isFatal = severity == "FATAL" || severity == "PANIC" || code == .connectionLost || isReadOnlyServer
        let redacted = redactedPrimary
        let sensitive = [redacted == nil ? nil : primary, detail, context].compactMap { $0 }
        return DatabaseError(
            code,
            (redacted ?? primary) + (position.map { ", at character \($0)" } ?? ""),
            hint: isReadOnlyServer ? "is this the primary?" : advice(code),
            sqlState: state,
            // Where a value is missing there is a column and no constraint.
            constraint: constraint ?? (code == .notNullViolation ? column : nil),
            sensitiveDetail: sensitive.isEmpty ? nil : sensitive.joined(separator: "\n"),
            isTransient: isReadOnlyServer || SQLState.transient.contains(state) ? true : nil,
            isConnectionUsable: isConnectionUsable && !isFatal
        )
    }

    private func code(wasCancelAsked: Bool) -> DatabaseError.Code {
        switch state {
        case "57014":
            // The server has one state for both. If not we asked, then its own clock did, or an administrator.
            return wasCancelAsked || primary.hasSuffix("due to user request") ? .cancelled : .timeout
        case "26000" where function == "FetchPreparedStatement" || function == "exec_bind_message":
            return .staleStatement
        case "0A000" where function == "RevalidateCachedQuery":
            return .staleStatement
        case "08P01" where function == "exec_bind_message":
            // More or fewer values than the statement has placeholders: nothing of the line is wrong.
            return .parameterCount
        default:
            return SQLState.code(state)
        }
    }

    /// The message without what it quotes, if it may quote a value.
    ///
    /// Those of class 22 do: `invalid input syntax for type integer: "4111 1111"`. The quotes depend on the server's
    /// language, and quotes in the value are not escaped, so all from the first to the last goes.
    private var redactedPrimary: String? {
        guard state.hasPrefix("22"), let first = primary.firstIndex(where: Self.quotes.contains),
            let last = primary.lastIndex(where: Self.quotes.contains)
        else { return nil }
        return "\(primary[..<first])\"…\"\(primary[primary.index(after: last)...])"
    }

    private static let quotes: Set<Character> = ["\"", "'", "`", "«", "»", "‹", "›", "“", "”", "„", "‘", "’", "「", "」"]

    private func advice(_ code: DatabaseError.Code) -> String? {
        let own: String? =
            switch state {
            case "42883":
                "an Int travels as bigint: bind an Int32, or cast it, as in \\(n)::int; text may need ::text"
            case "42P18":
                "the server can't tell a parameter's type: cast it, as in \\(name)::text"
            case "42804" where primary.contains("polymorphic"):
                "the server can't tell a parameter's type: cast it, as in \\(list)::text[]"
            default: nil
            }
        let advice = [hint, own].compactMap { $0 }
        return advice.isEmpty ? nil : advice.joined(separator: " ")
    }
}
