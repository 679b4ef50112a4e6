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
    /// - Throws: `invalidValue` for a raw value that the type does not have.
    public init(from cell: Cell) throws(DatabaseError) {
        guard let value = Self(rawValue: try RawValue(from: cell)) else {
            throw DatabaseError(.invalidValue, "the value is none of \(Self.self)")
        }
        self = value
    }
}
