// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError {
    /// The error for a cell that can't be read as a type.
    static func mismatch(_ cell: Cell, _ type: Any.Type) -> DatabaseError {
        if case .null = cell {
            return DatabaseError(
                .unexpectedNull,
                "NULL can't be read as \(type)",
                hint: "read it as \(type)? or exclude NULL in the statement"
            )
        }
        return DatabaseError(.typeMismatch, "\(cell.kind) can't be read as \(type)")
    }
}

extension Cell {
    /// What the cell holds, in words and without its content.
    var kind: String {
        switch self {
        case .null: "NULL"
        case .bool: "a boolean"
        case .integer, .unsigned: "an integer"
        case .float, .double: "a floating-point number"
        case .text: "text"
        case .bytes: "bytes"
        case .decimal: "a decimal number"
        case .uuid: "a UUID"
        case .date: "a date"
        case .time: "a time"
        case .dateTime, .dateTimeOrTimestamp: "a date and time without zone"
        case .timestamp: "a timestamp"
        case .json: "JSON"
        case .array: "an array"
        }
    }
}
