// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension String: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .text(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .text }

    /// Reads text. Numbers, dates and so on are not turned into text: let the statement do it where that is wanted.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .text(let utf8), .json(let utf8):
            // `init(validating:as:)` is generic code in the standard library, and takes ten times as long. This one repairs what
            // is not valid, which is then not what it was.
            var text = String(decoding: utf8, as: UTF8.self)
            guard text.hasBytes(utf8) else {
                throw DatabaseError(.invalidValue, "the text is not valid UTF-8", hint: "read it as [UInt8]")
            }
            self = text
        default: throw .mismatch(cell, String.self)
        }
    }
}

extension String {
    fileprivate mutating func hasBytes(_ bytes: UnsafeRawBufferPointer) -> Bool {
        withUTF8 { own in
            guard own.count == bytes.count else { return false }
            guard let left = own.baseAddress, let right = bytes.baseAddress else { return own.isEmpty }
            return memcmp(left, right, own.count) == 0
        }
    }
}

extension Substring: SQLEncodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .text(String(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .text }
}
