// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Array: SQLDecodable where Element: SQLDecodable {
    /// Reads bytes into `[UInt8]`, and an array of the database into any other list.
    public init(from cell: Cell) throws(DatabaseError) {
        self = try Element.list(from: cell)
    }
}

extension Array: SQLEncodable where Element: SQLEncodable {
    /// Bytes, or an array where the database has arrays.
    public var sqlValue: Value {
        get throws(DatabaseError) { try Element.sqlValue(of: self) }
    }
    /// Bytes, or an array where the database has arrays.
    public static var sqlType: ValueType { Element.sqlListType }
}
