// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Data: SQLCodable {
    /// The bytes as they are bound.
    public var sqlValue: Value { .bytes([UInt8](self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .bytes }

    /// Reads bytes.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .bytes(let bytes), .uuid(let bytes): self.init(bytes)
        default: throw .mismatch(cell, Data.self)
        }
    }
}
