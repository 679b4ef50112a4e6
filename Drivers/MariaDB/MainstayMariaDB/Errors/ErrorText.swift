// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A server's error text, taken apart into what may be shown and what may quote values.
///
/// The session asks for English (`lc_messages`), so that the texts have a form that can be relied on.
struct ErrorText {
    /// What may be shown.
    let message: String
    /// The violated constraint: its name, or that of the column where a value is missing.
    let constraint: String?
    /// The whole text, if it may quote values.
    let sensitiveDetail: String?

    init(code: DatabaseError.Code, number: Int, text: String) {
        constraint = Self.constraint(code, text)
        switch code {
        case .uniqueViolation:
            // Duplicate entry 'a@b.c' for key 'email'
            message = constraint.map { "duplicate entry for key \"\($0)\"" } ?? "duplicate entry"
        case .invalidValue:
            // Incorrect integer value: 'abc' for column `shop`.`item`.`amount` at row 1
            message =
                Self.column(text).map { "a value has not the form that column \($0) asks for" }
                ?? "a value has not the form that its type asks for"
        case .foreignKeyViolation where number == 1761 || number == 1762:
            message = "a foreign key constraint would lead to a duplicate entry in a child table"
        case .valueOutOfRange where number == 1690:
            // BIGINT UNSIGNED value is out of range in '(1 - 2)'
            message = "the value of an expression is out of the range of its type"
        default:
            message = text.isEmpty ? "the server gives no reason" : text
            sensitiveDetail = nil
            return
        }
        sensitiveDetail = text
    }

    private static func constraint(_ code: DatabaseError.Code, _ text: String) -> String? {
        switch code {
        case .uniqueViolation: quoted("'", after: " for key '", in: text)
        // … CONSTRAINT `item_order` FOREIGN KEY …
        case .foreignKeyViolation: first("`", after: "CONSTRAINT `", in: text)
        // CONSTRAINT `positive` failed for `shop`.`item`. On MySQL: Check constraint 'positive' is violated.
        case .checkViolation:
            first("`", after: "CONSTRAINT `", in: text) ?? first("'", after: "Check constraint '", in: text)
        // Column 'amount' cannot be null. Field 'amount' doesn't have a default value
        case .notNullViolation: first("'", after: " '", in: text)
        default: nil
        }
    }

    /// What stands between the last occurrence of the prefix and the quotation mark that ends the text.
    ///
    /// The last, for a quoted value may contain anything, and stands before.
    private static func quoted(_ mark: Character, after prefix: String, in text: String) -> String? {
        guard text.last == mark, let range = text.ranges(of: prefix).last, range.upperBound < text.endIndex else {
            return nil
        }
        return String(text[range.upperBound...].dropLast())
    }

    private static func first(_ mark: Character, after prefix: String, in text: String) -> String? {
        guard let range = text.firstRange(of: prefix) else { return nil }
        let rest = text[range.upperBound...]
        return rest.firstIndex(of: mark).map { String(rest[..<$0]) }
    }

    /// The column in a text that ends with `for column … at row 1`.
    ///
    /// A quoted value can't be what is taken for it: behind a value there is at least the mark that ends it.
    private static func column(_ text: String) -> String? {
        guard let row = text.ranges(of: " at row ").last, text[row.upperBound...].allSatisfy(\.isWholeNumber),
            let column = text[..<row.lowerBound].ranges(of: " for column ").last
        else { return nil }
        return String(text[column.upperBound..<row.lowerBound])
    }
}
