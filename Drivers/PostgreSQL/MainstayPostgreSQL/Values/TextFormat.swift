// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Reads the server's text format.
///
/// A result comes in one format as a whole. When it has a column of which only the text is understood, the others have
/// to be read from their text too, and give the same cells as the binary format.
enum TextFormat {
    /// Reads a value.
    ///
    /// - Throws: `overflow` for infinite dates; `invalidValue` if the text is not what the kind demands.
    static func cell(
        _ text: UnsafeRawBufferPointer,
        _ column: ColumnReader,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        switch column.kind {
        case .text, .character: .text(text)
        case .numeric: .decimal(text)
        case .json, .jsonb: .json(text)
        case .bool: try bool(text)
        case .int16, .int32, .int64, .oid: try integer(text)
        case .float: .float(Float(try double(text)))
        case .double: .double(try double(text))
        case .bytes: .bytes(try bytes(text, storage))
        case .uuid: .uuid(try uuid(text, storage))
        case .date: .date(try LocalDate(parsing: astronomical(text, storage)))
        case .time: .time(try LocalTime(parsing: text))
        case .dateTime: .dateTime(try LocalDateTime(parsing: astronomical(text, storage)))
        case .timestamp: .timestamp(try Timestamp(parsing: astronomical(text, storage), assumingUTC: false))
        case .array: try array(text, column.element, storage)
        }
    }

    private static func bool(_ text: UnsafeRawBufferPointer) throws(DatabaseError) -> Cell {
        guard text.count == 1, let letter = text.first, "tf".utf8.contains(letter) else { throw .malformed("boolean") }
        return .bool(letter == UInt8(ascii: "t"))
    }

    private static func integer(_ text: UnsafeRawBufferPointer) throws(DatabaseError) -> Cell {
        guard let value = Int64(integralText: text) else { throw .malformed("integer") }
        return .integer(value)
    }

    private static func double(_ text: UnsafeRawBufferPointer) throws(DatabaseError) -> Double {
        guard let value = Double(decimalText: text) else { throw .malformed("floating-point number") }
        return value
    }

    private static func uuid(
        _ text: UnsafeRawBufferPointer,
        _ storage: RowStorage
    ) throws(DatabaseError) -> UnsafeRawBufferPointer {
        let digits = storage.allocate(32)
        guard text.count == 36 else { throw .malformed("uuid") }
        var count = 0
        for byte in text where byte != UInt8(ascii: "-") && count < 32 {
            digits[count] = byte
            count += 1
        }
        guard count == 32 else { throw .malformed("uuid") }
        return try hex(UnsafeRawBufferPointer(digits)[...], storage)
    }

    private static func bytes(
        _ text: UnsafeRawBufferPointer,
        _ storage: RowStorage
    ) throws(DatabaseError) -> UnsafeRawBufferPointer {
        if text.starts(with: "\\x".utf8) { return try hex(text.dropFirst(2), storage) }
        // The setting `bytea_output` is `escape`.
        let bytes = storage.allocate(text.count)
        var count = 0
        var rest = text[...]
        while let byte = rest.popFirst() {
            bytes[count] = byte
            if byte == UInt8(ascii: "\\"), rest.first == byte {
                rest.removeFirst()
            } else if byte == UInt8(ascii: "\\") {
                guard let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) else {
                    throw .malformed("bytea")
                }
                bytes[count] = value
                rest = rest.dropFirst(3)
            }
            count += 1
        }
        return UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }

    private static func hex(
        _ digits: Slice<UnsafeRawBufferPointer>,
        _ storage: RowStorage
    ) throws(DatabaseError) -> UnsafeRawBufferPointer {
        let bytes = storage.allocate(digits.count / 2)
        guard digits.count % 2 == 0 else { throw .malformed("bytea") }
        var rest = digits
        for index in bytes.indices {
            guard let high = nibble(rest.removeFirst()), let low = nibble(rest.removeFirst()) else {
                throw .malformed("bytea")
            }
            bytes[index] = high << 4 | low
        }
        return UnsafeRawBufferPointer(bytes)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// A date whose year before Christ, if it is one, is written as an astronomical year: `-0043-03-15` in place of
    /// `0044-03-15 BC`.
    private static func astronomical(_ text: UnsafeRawBufferPointer, _ storage: RowStorage) -> UnsafeRawBufferPointer {
        let era = " BC".utf8
        guard text.count > era.count, text.suffix(era.count).elementsEqual(era) else { return text }
        let date = text.dropLast(era.count)
        let digits = date.prefix { $0 != UInt8(ascii: "-") }
        guard let year = Int(String(decoding: digits, as: UTF8.self)), 1...9_999_999 ~= year else { return text }
        let number = String(year - 1)
        let padded = String(repeating: "0", count: max(0, 4 - number.count)) + number
        return storage.copy(
            (year > 1 ? "-" : "") + padded + String(decoding: date.dropFirst(digits.count), as: UTF8.self)
        )
    }
}
