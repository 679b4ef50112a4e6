// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Bool: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .bool(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .bool }

    /// Reads a boolean; on databases without the type, 0 or 1 and nothing else.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .bool(let value): self = value
        case .integer(0), .unsigned(0): self = false
        case .integer(1), .unsigned(1): self = true
        default: throw .notBool(cell)
        }
    }
}

extension DatabaseError {
    @usableFromInline
    static func notBool(_ cell: Cell) -> DatabaseError {
        switch cell {
        case .integer, .unsigned: DatabaseError(.overflow, "an integer other than 0 and 1 can't be read as Bool")
        default: .mismatch(cell, Bool.self)
        }
    }
}
