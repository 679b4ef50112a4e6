// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// The value of one column in the current row, where it lies in the library's network buffer.
///
/// No result buffers are bound: `mysql_stmt_fetch` then only notes where each value begins and, where the length is not
/// that of the type, how long it is. So nothing is copied or converted, and no value is too long for a buffer.
struct BinaryValue {
    private let start: UnsafePointer<UInt8>
    /// As noted by the library; of values without a length of their own it is that of the type.
    private let length: Int

    /// Nil for NULL.
    @inline(__always)
    init?(_ column: borrowing MYSQL_BIND) {
        guard let start = column.u.row_ptr else { return nil }
        self.start = UnsafePointer(start)
        length = Int(clamping: column.length_value)
    }

    @inline(__always)
    func cell(_ kind: ColumnKind) throws(DatabaseError) -> Cell {
        switch kind {
        case .int64: .integer(number(Int64.self))
        case .text: .text(bytes)
        case .int32: .integer(Int64(number(Int32.self)))
        case .int8: .integer(Int64(number(Int8.self)))
        case .int16: .integer(Int64(number(Int16.self)))
        case .uint8: .integer(Int64(number(UInt8.self)))
        case .uint16: .integer(Int64(number(UInt16.self)))
        case .uint32: .integer(Int64(number(UInt32.self)))
        case .uint64: .unsigned(number(UInt64.self))
        case .float: .float(Float(bitPattern: number(UInt32.self)))
        case .double: .double(Double(bitPattern: number(UInt64.self)))
        case .decimal: .decimal(bytes)
        case .bytes: .bytes(bytes)
        case .json: .json(bytes)
        case .date: .date(try date())
        case .time: .time(try time())
        case .dateTime: .dateTimeOrTimestamp(try dateTime())
        case .timestamp:
            .timestamp(Timestamp(microsecondsSinceEpoch: try dateTime().microsecondsSinceEpoch))
        case .null: .null
        }
    }

    @inline(__always)
    private func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type, at offset: Int = 0) -> Number
    {
        Number(littleEndian: UnsafeRawPointer(start + offset).loadUnaligned(as: Number.self))
    }

    /// The value behind its length, which has one, three, four or nine bytes.
    @inline(__always)
    private var bytes: UnsafeRawBufferPointer {
        let head =
            switch start[0] {
            case 252: 3
            case 253: 4
            case 254: 9
            default: 1
            }
        return UnsafeRawBufferPointer(start: start + head, count: length)
    }

    // MARK: - Dates and times

    // One byte of length, and then as many parts as are not zero.

    private func date() throws(DatabaseError) -> LocalDate {
        // The date 0000-00-00 has no parts.
        guard start[0] >= 4 else { throw Self.zeroDate }
        let (year, month, day) = (number(UInt16.self, at: 1), start[3], start[4])
        guard month != 0, day != 0 else { throw Self.zeroDate }
        return try LocalDate(year: Int(year), month: Int(month), day: Int(day))
    }

    private func dateTime() throws(DatabaseError) -> LocalDateTime {
        let time = try LocalTime(
            hour: start[0] >= 7 ? Int(start[5]) : 0,
            minute: start[0] >= 7 ? Int(start[6]) : 0,
            second: start[0] >= 7 ? Int(start[7]) : 0,
            microsecond: start[0] >= 11 ? Int(number(UInt32.self, at: 8)) : 0
        )
        return try LocalDateTime(date: try date(), time: time)
    }

    private func time() throws(DatabaseError) -> LocalTime {
        guard start[0] >= 8 else { return .midnight }
        let (isNegative, days) = (start[1] != 0, number(UInt32.self, at: 2))
        guard !isNegative, days == 0, start[6] < 24 else {
            throw DatabaseError(
                .overflow,
                "a TIME that is negative or longer than a day is no time of day",
                hint: "read it as text, CAST(… AS CHAR), or as seconds, TIME_TO_SEC(…)"
            )
        }
        return try LocalTime(
            hour: Int(start[6]),
            minute: Int(start[7]),
            second: Int(start[8]),
            microsecond: start[0] >= 12 ? Int(number(UInt32.self, at: 9)) : 0
        )
    }

    private static var zeroDate: DatabaseError {
        DatabaseError(
            .invalidValue,
            "a date whose year, month or day is zero is no date",
            hint: "store NULL instead, or read NULLIF(…, '0000-00-00')"
        )
    }
}
