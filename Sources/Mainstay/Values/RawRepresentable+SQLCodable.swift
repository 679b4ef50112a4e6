// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// An enum with a raw value needs no more than the conformance: `enum Status: String, SQLCodable { … }`.

extension RawRepresentable where RawValue: SQLEncodable, Self: SQLEncodable {
    /// The raw value as it is bound.
    public var sqlValue: Value {
        get throws(DatabaseError) { try rawValue.sqlValue }
    }
    /// The raw value's type.
    public static var sqlType: ValueType { RawValue.sqlType }
}

extension RawRepresentable where RawValue: SQLDecodable, Self: SQLDecodable {
    /// Reads the raw value.
    ///
    /// - Throws: `invalidValue` for a raw value that the type does not have. Text with other bytes is another value, also if Swift
    ///   takes the strings for equal: it would not be found again by what is bound.
    public init(from cell: Cell) throws(DatabaseError) {
        let raw = try RawValue(from: cell)
        guard let value = Self(rawValue: raw), value.rawValue.hasBytes(of: raw) else {
            throw DatabaseError(.invalidValue, "the value is none of \(Self.self)")
        }
        self = value
    }
}

extension SQLDecodable {
    /// Whether text has the same bytes; other values are compared by their type.
    fileprivate func hasBytes(of other: Self) -> Bool {
        guard let own = self as? String, let other = other as? String else { return true }
        return own.hasBytes(of: other)
    }
}
