// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension [UInt8] {
    /// Appends a value in the server's binary format.
    ///
    /// - Throws: `invalidParameter` if the value is not of the type, or beyond what the server can hold.
    mutating func append(binary value: Value, as type: ValueType) throws(DatabaseError) {
        switch (value, type) {
        case (.bool(let value), .bool): append(value ? 1 : 0)
        case (.int16(let value), .int16): append(bigEndian: value)
        case (.int32(let value), .int32): append(bigEndian: value)
        case (.int64(let value), .int64): append(bigEndian: value)
        case (.float(let value), .float): append(bigEndian: value.bitPattern)
        case (.double(let value), .double): append(bigEndian: value.bitPattern)
        case (.bytes(let value), .bytes): append(contentsOf: value)
        case (.uuid(let value), .uuid): Swift.withUnsafeBytes(of: value.uuid) { append(contentsOf: $0) }
        case (.date(let value), .date): append(bigEndian: try Epoch.fromDate(value))
        case (.time(let value), .time): append(bigEndian: value.microsecondsSinceMidnight)
        case (.dateTime(let value), .dateTime):
            append(bigEndian: try Epoch.fromMicroseconds(value.microsecondsSinceEpoch))
        case (.timestamp(let value), .timestamp):
            append(bigEndian: try Epoch.fromMicroseconds(value.microsecondsSinceEpoch))
        case (.text(let value), .text): try append(utf8: value)
        case (.json(let value), .json):
            // The version of jsonb's format.
            append(1)
            try append(utf8: value)
        case (.uint64(let value), .uint64):
            var digits = String(value)
            digits.withUTF8 { append(numeric: UnsafeRawBufferPointer($0)) }
        case (.decimal(let value), .decimal):
            var text: [UInt8] = []
            try value.writeDecimalText(to: &text)
            text.withUnsafeBytes { append(numeric: $0) }
        default:
            throw DatabaseError(.invalidParameter, "a value of the type \(value.type) where \(type) was prepared")
        }
    }

    @inline(__always)
    mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Writes the length of what follows it, for which there is room.
    ///
    /// - Returns: Whether it fits into the 32 bits that it has.
    mutating func setLength(at start: Int) -> Bool {
        guard let length = Int32(exactly: count - start - 4) else { return false }
        withUnsafeMutableBytes { $0.storeBytes(of: length.bigEndian, toByteOffset: start, as: Int32.self) }
        return true
    }

    /// Appends a `numeric` of its text, `-12.34`: groups of four digits on both sides of the point.
    private mutating func append(numeric text: UnsafeRawBufferPointer) {
        let isNegative = text.first == UInt8(ascii: "-")
        let parts = text.dropFirst(isNegative ? 1 : 0)
            .split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts[0].map { $0 - UInt8(ascii: "0") }
        let fraction = parts.count > 1 ? parts[1].map { $0 - UInt8(ascii: "0") } : []
        let padding = Array(repeating: 0, count: (4 - whole.count % 4) % 4)
        let digits = padding + whole + fraction + Array(repeating: 0, count: (4 - fraction.count % 4) % 4)
        let groupCount = digits.count / 4
        append(bigEndian: Int16(groupCount))
        append(bigEndian: Int16((padding.count + whole.count) / 4 - 1))
        append(bigEndian: isNegative ? UInt16(0x4000) : 0)
        append(bigEndian: Int16(fraction.count))
        for group in 0..<groupCount {
            append(bigEndian: digits[group * 4..<group * 4 + 4].reduce(Int16(0)) { $0 * 10 + Int16($1) })
        }
    }
}
