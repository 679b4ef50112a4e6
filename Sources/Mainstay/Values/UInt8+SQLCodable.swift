// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension UInt8: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .int16(Int16(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int16 }
    /// A list of bytes is bytes and no array.
    public static func sqlValue(of list: [UInt8]) -> Value { .bytes(list) }
    /// A list of bytes is bytes and no array.
    public static var sqlListType: ValueType { .bytes }

    /// Reads an integer, checked.
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }

    /// Reads bytes.
    public static func list(from cell: Cell) throws(DatabaseError) -> [UInt8] {
        switch cell {
        case .bytes(let bytes), .uuid(let bytes): [UInt8](bytes)
        default: throw .mismatch(cell, [UInt8].self)
        }
    }
}
