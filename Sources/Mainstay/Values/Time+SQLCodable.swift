// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension LocalDate: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .date(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .date }

    /// Reads a date; also its text, which is what SQLite stores.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .date(let value): self = value
        case .text(let text): try self.init(parsing: text)
        default: throw .mismatch(cell, LocalDate.self)
        }
    }
}

extension LocalTime: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .time(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .time }

    /// Reads a time of day; also its text, which is what SQLite stores.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .time(let value): self = value
        case .text(let text): try self.init(parsing: text)
        default: throw .mismatch(cell, LocalTime.self)
        }
    }
}

extension LocalDateTime: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .dateTime(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .dateTime }

    /// Reads a date and time without zone; also its text, which is what SQLite stores.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .dateTime(let value), .dateTimeOrTimestamp(let value): self = value
        case .text(let text): try self.init(parsing: text)
        default: throw .mismatch(cell, LocalDateTime.self)
        }
    }
}

extension Timestamp: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .timestamp(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .timestamp }

    /// Reads an instant. Text without a zone (SQLite's CURRENT_TIMESTAMP) and MariaDB's DATETIME are taken as UTC.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .timestamp(let value): self = value
        case .dateTimeOrTimestamp(let value): self.init(microsecondsSinceEpoch: value.microsecondsSinceEpoch)
        case .text(let text): try self.init(parsing: text, assumingUTC: true)
        default: throw .mismatch(cell, Timestamp.self)
        }
    }
}

extension Date: SQLCodable {
    /// The instant as it is bound, rounded to the microsecond.
    public var sqlValue: Value {
        get throws(DatabaseError) { .timestamp(try Timestamp(self)) }
    }
    /// The type that the server is told.
    public static var sqlType: ValueType { .timestamp }

    /// Reads an instant, if a `Date` can hold it to the microsecond; else read a ``Timestamp``.
    public init(from cell: Cell) throws(DatabaseError) {
        self = try Timestamp(from: cell).date()
    }
}
