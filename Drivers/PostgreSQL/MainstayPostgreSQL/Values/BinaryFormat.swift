// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Reads the server's binary format.
enum BinaryFormat {
    /// Reads a value.
    ///
    /// - Throws: `overflow` for infinite dates; `invalidValue` if the bytes are not what the kind demands.
    @inline(__always)
    static func cell(
        _ bytes: UnsafeRawBufferPointer,
        _ column: ColumnReader,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        switch column.kind {
        case .int64:
            guard let value = bytes.integer(Int64.self) else { throw .malformed("bigint") }
            return .integer(value)
        case .int32:
            guard let value = bytes.integer(Int32.self) else { throw .malformed("integer") }
            return .integer(Int64(value))
        case .text:
            return .text(bytes)
        default:
            return try uncommon(bytes, column, storage)
        }
    }

    private static func uncommon(
        _ bytes: UnsafeRawBufferPointer,
        _ column: ColumnReader,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        switch column.kind {
        case .array: try array(bytes, column.element, storage)
        case .numeric: try numeric(bytes, storage)
        default: try scalar(bytes, column.kind)
        }
    }

    private static func scalar(_ bytes: UnsafeRawBufferPointer, _ kind: ColumnKind) throws(DatabaseError) -> Cell {
        switch kind {
        case .bool:
            guard let value = bytes.integer(UInt8.self), value <= 1 else { throw .malformed("boolean") }
            return .bool(value == 1)
        case .int16:
            guard let value = bytes.integer(Int16.self) else { throw .malformed("smallint") }
            return .integer(Int64(value))
        case .int32:
            guard let value = bytes.integer(Int32.self) else { throw .malformed("integer") }
            return .integer(Int64(value))
        case .int64:
            guard let value = bytes.integer(Int64.self) else { throw .malformed("bigint") }
            return .integer(value)
        case .oid:
            guard let value = bytes.integer(UInt32.self) else { throw .malformed("oid") }
            return .integer(Int64(value))
        case .float:
            guard let value = bytes.integer(UInt32.self) else { throw .malformed("real") }
            return .float(Float(bitPattern: value))
        case .double:
            guard let value = bytes.integer(UInt64.self) else { throw .malformed("double precision") }
            return .double(Double(bitPattern: value))
        case .text:
            return .text(bytes)
        case .character:
            // A byte of zero is how the type writes the empty text.
            return .text(bytes.first == 0 ? UnsafeRawBufferPointer(rebasing: bytes[..<0]) : bytes)
        case .bytes:
            return .bytes(bytes)
        case .uuid:
            guard bytes.count == 16 else { throw .malformed("uuid") }
            return .uuid(bytes)
        case .json:
            return .json(bytes)
        case .jsonb:
            guard bytes.first == 1 else { throw .malformed("jsonb, of a version that is not known") }
            return .json(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
        case .date:
            guard let days = bytes.integer(Int32.self) else { throw .malformed("date") }
            return .date(try Epoch.date(days))
        case .time:
            guard let microseconds = bytes.integer(Int64.self) else { throw .malformed("time") }
            return .time(try Epoch.time(microseconds))
        case .dateTime:
            guard let value = bytes.integer(Int64.self) else { throw .malformed("timestamp") }
            return .dateTime(LocalDateTime(microsecondsSinceEpoch: try Epoch.microseconds(value, "LocalDateTime")))
        case .timestamp:
            guard let value = bytes.integer(Int64.self) else { throw .malformed("timestamp") }
            return .timestamp(Timestamp(microsecondsSinceEpoch: try Epoch.microseconds(value, "Timestamp")))
        case .numeric, .array:
            throw .malformed("value")
        }
    }
}
