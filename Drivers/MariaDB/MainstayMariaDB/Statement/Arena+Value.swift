// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Arena {
    /// Writes a value in the form in which Connector/C takes it.
    ///
    /// - Returns: Where it is, and for text and bytes how long; nil for NULL.
    /// - Throws: `invalidParameter` for what MariaDB can't take without loss.
    mutating func write(_ value: Value) throws(DatabaseError) -> (start: UnsafeMutableRawPointer, count: Int)? {
        switch value {
        case .null: return nil
        case .bool(let value): return (copy(UInt8(value ? 1 : 0)), 0)
        case .int16(let value): return (copy(value), 0)
        case .int32(let value): return (copy(value), 0)
        case .int64(let value): return (copy(value), 0)
        case .uint64(let value): return (copy(value), 0)
        case .float(let value):
            guard value.isFinite else { throw Self.notFinite }
            return (copy(value), 0)
        case .double(let value):
            guard value.isFinite else { throw Self.notFinite }
            return (copy(value), 0)
        case .text(let text), .json(let text): return copy(text)
        case .bytes(let bytes): return (bytes.withUnsafeBytes { copy($0) }, bytes.count)
        case .uuid(let uuid): return copy(uuid.uuidString.lowercased())
        case .decimal(let decimal): return try copy(decimal)
        case .date(let date): return (copy(try MYSQL_TIME(date, time: nil)), 0)
        case .time(let time): return (copy(MYSQL_TIME(time)), 0)
        case .dateTime(let dateTime): return (copy(try MYSQL_TIME(dateTime)), 0)
        case .timestamp(let timestamp):
            let dateTime = LocalDateTime(microsecondsSinceEpoch: timestamp.microsecondsSinceEpoch)
            return (copy(try MYSQL_TIME(dateTime)), 0)
        case .array: throw DatabaseError(.unsupported, "MariaDB has no arrays")
        }
    }

    private mutating func copy(_ text: String) -> (UnsafeMutableRawPointer, Int) {
        var text = text
        return text.withUTF8 { (copy(UnsafeRawBufferPointer($0)), $0.count) }
    }

    private mutating func copy(_ decimal: Decimal) throws(DatabaseError) -> (UnsafeMutableRawPointer, Int) {
        var digits: [UInt8] = []
        try decimal.writeDecimalText(to: &digits)
        // Beyond 65 digits, 38 of them behind the point, the server would round, and say nothing.
        let text = digits.drop { $0 == UInt8(ascii: "-") }
        let whole = text.prefix { $0 != UInt8(ascii: ".") }.count
        let fraction = max(0, text.count - whole - 1)
        guard whole + fraction <= 65, fraction <= 38 else {
            throw DatabaseError(
                .invalidParameter,
                "the decimal has more digits than MariaDB takes, which is 65, at most 38 of them behind the point"
            )
        }
        return (digits.withUnsafeBytes { copy($0) }, digits.count)
    }

    private static var notFinite: DatabaseError {
        DatabaseError(.invalidParameter, "MariaDB has no place for infinities and NaN", hint: "bind NULL")
    }
}

extension MYSQL_TIME {
    /// - Throws: `invalidParameter` outside of the years 0 to 9999.
    fileprivate init(_ date: LocalDate, time: LocalTime?) throws(DatabaseError) {
        let year = date.year
        guard 0...9999 ~= year else {
            throw DatabaseError(.invalidParameter, "the year \(year) is not one of MariaDB's, which are 0 to 9999")
        }
        if let time { self.init(time) } else { self.init() }
        self.year = UInt32(year)
        month = UInt32(date.month)
        day = UInt32(date.day)
        time_type = time == nil ? MYSQL_TIMESTAMP_DATE : MYSQL_TIMESTAMP_DATETIME
    }

    fileprivate init(_ dateTime: LocalDateTime) throws(DatabaseError) {
        try self.init(dateTime.date, time: dateTime.time)
    }

    fileprivate init(_ time: LocalTime) {
        self.init()
        hour = UInt32(time.hour)
        minute = UInt32(time.minute)
        second = UInt32(time.second)
        second_part = UInt(time.microsecond)
        time_type = MYSQL_TIMESTAMP_TIME
    }
}
