// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension FixedWidthInteger {
    /// Reads an integer from any cell that holds exactly that integer.
    @inlinable
    init(integerFrom cell: Cell) throws(DatabaseError) {
        if case .integer(let value) = cell, let exact = Self(exactly: value) {
            self = exact
        } else {
            try self.init(rarerIntegerFrom: cell)
        }
    }

    @usableFromInline
    init(rarerIntegerFrom cell: Cell) throws(DatabaseError) {
        let exact: Self?
        switch cell {
        case .integer(let value): exact = Self(exactly: value)
        case .unsigned(let value): exact = Self(exactly: value)
        case .bool, .text, .bytes, .uuid, .date, .time, .dateTime, .dateTimeOrTimestamp, .timestamp, .json, .array,
            .null:
            throw .mismatch(cell, Self.self)
        case .float(let value): exact = Self(exactly: value)
        case .double(let value): exact = Self(exactly: value)
        case .decimal(let text):
            // PostgreSQL and MariaDB answer SUM of integers with an exact decimal number.
            exact =
                Self.isSigned
                ? Int64(integralText: text).flatMap { Self(exactly: $0) }
                : UInt64(integralText: text).flatMap { Self(exactly: $0) }
        }
        guard let exact else {
            throw DatabaseError(.overflow, "\(cell.kind) does not fit exactly into \(Self.self)")
        }
        self = exact
    }
}

extension Int: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int64(Int64(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int64 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension Int64: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int64(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int64 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension Int32: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int32(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int32 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension Int16: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int16(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int16 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension Int8: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int16(Int16(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int16 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension UInt64: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .uint64(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .uint64 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension UInt: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .uint64(UInt64(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .uint64 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension UInt32: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int64(Int64(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int64 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}

extension UInt16: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .int32(Int32(self)) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .int32 }
    /// Reads an integer, checked.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) { try self.init(integerFrom: cell) }
}
