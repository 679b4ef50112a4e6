// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// One column's value in the row that a cursor stands on, as a driver hands it to the core.
///
/// Buffers are borrowed from the client library: they are valid until the cursor moves on, so a cell is read at once and
/// never kept. A `SQLDecodable` of one's own is best made from one that exists: `String(from: cell)`.
public enum Cell {
    /// NULL.
    case null
    /// True or false, where the database tells them from integers.
    case bool(Bool)
    /// A signed integer.
    case integer(Int64)
    /// An unsigned integer of 64 bits, where the column is declared so.
    case unsigned(UInt64)
    /// A binary floating-point number of 32 bits.
    case float(Float)
    /// A binary floating-point number of 64 bits.
    case double(Double)
    /// UTF-8 text, not terminated.
    case text(UnsafeRawBufferPointer)
    /// Bytes.
    case bytes(UnsafeRawBufferPointer)
    /// The decimal text of an exact number.
    case decimal(UnsafeRawBufferPointer)
    /// The sixteen bytes of a UUID.
    case uuid(UnsafeRawBufferPointer)
    /// A calendar date.
    case date(LocalDate)
    /// A time of day without zone.
    case time(LocalTime)
    /// A date and time without zone.
    case dateTime(LocalDateTime)
    /// A date and time of a database that can't tell whether it was meant with a zone; if so, it is UTC.
    case dateTimeOrTimestamp(LocalDateTime)
    /// An instant.
    case timestamp(Timestamp)
    /// JSON text.
    case json(UnsafeRawBufferPointer)
    /// The elements of an array. The cursor keeps the object alive until it moves on.
    case array(Unmanaged<CellArray>)
}
