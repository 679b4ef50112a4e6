// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A value on its way into a statement.
///
/// Applications meet it seldom: a string interpolation makes one of anything that is ``SQLEncodable``. Drivers switch over
/// it when they bind.
public enum Value: Sendable {
    /// NULL, with the type that a value would have had.
    case null(ValueType)
    /// True or false.
    case bool(Bool)
    /// A signed integer of 16 bits.
    case int16(Int16)
    /// A signed integer of 32 bits.
    case int32(Int32)
    /// A signed integer of 64 bits.
    case int64(Int64)
    /// An unsigned integer of 64 bits.
    case uint64(UInt64)
    /// A binary floating-point number of 32 bits.
    case float(Float)
    /// A binary floating-point number of 64 bits.
    case double(Double)
    /// Text.
    case text(String)
    /// Bytes.
    case bytes([UInt8])
    /// A UUID.
    case uuid(UUID)
    /// A calendar date.
    case date(LocalDate)
    /// A time of day without zone.
    case time(LocalTime)
    /// A date and time without zone.
    case dateTime(LocalDateTime)
    /// An instant.
    case timestamp(Timestamp)
    /// An exact decimal number.
    case decimal(Decimal)
    /// JSON text.
    case json(String)
    /// An array and the type of its elements; null elements included.
    case array([Value], of: ValueType)

    /// The type that a server needs to know.
    public var type: ValueType {
        switch self {
        case .null(let type): type
        case .bool: .bool
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .uint64: .uint64
        case .float: .float
        case .double: .double
        case .text: .text
        case .bytes: .bytes
        case .uuid: .uuid
        case .date: .date
        case .time: .time
        case .dateTime: .dateTime
        case .timestamp: .timestamp
        case .decimal: .decimal
        case .json: .json
        case .array(_, let element): .array(element)
        }
    }
}
