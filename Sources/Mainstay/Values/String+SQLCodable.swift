// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension String: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .text(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .text }

    /// Reads text. Numbers, dates and so on are not turned into text: let the statement do it where that is wanted.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .text(let utf8), .json(let utf8):
            guard let text = String(validating: utf8, as: UTF8.self) else {
                throw DatabaseError(.invalidValue, "the text is not valid UTF-8", hint: "read it as [UInt8]")
            }
            self = text
        default: throw .mismatch(cell, String.self)
        }
    }
}

extension Substring: SQLEncodable {
    /// The value as it is bound.
    public var sqlValue: Value { .text(String(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .text }
}
