// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// How the values of a column travel in COPY's binary format, which converts nothing.
enum CopyColumn: Equatable {
    /// As the type's own format.
    case own(ValueType)
    /// As an integer of so many bytes.
    case integer(Int)
    /// As UTF-8 without anything before it.
    case utf8

    /// - Returns: Nil if values of the type are not what the column holds.
    init?(_ type: ValueType, in oid: Oid) {
        switch (type, oid) {
        case (.int16, 21), (.int32, 21), (.int64, 21): self = .integer(2)
        case (.int16, 23), (.int32, 23), (.int64, 23): self = .integer(4)
        case (.int16, 20), (.int32, 20), (.int64, 20): self = .integer(8)
        // text, varchar, char and json
        case (.text, 25), (.text, 1043), (.text, 1042), (.json, 114): self = .utf8
        // jsonb
        case (.json, 3802): self = .own(.json)
        case (.text, _), (.json, _), (.any, _), (.array, _): return nil
        default:
            guard type.oid == oid else { return nil }
            self = .own(type)
        }
    }
}

/// Writes rows in the binary format of COPY (https://www.postgresql.org/docs/current/sql-copy.html).
struct CopyFormat {
    private let columns: [CopyColumn]
    private let names: [String]
    /// The row that is written, and the place of its column.
    private var row = 0
    private var place = 0
    /// As many bytes as the rows before had.
    private var size = 0

    init(_ rows: RowLoad, _ columns: [CopyColumn]) {
        self.columns = columns
        names = rows.columns
    }

    /// What comes before the first row: a signature, no flags, and nothing more in the header.
    static let start: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + Array(repeating: 0, count: 8)

    /// What follows the last row.
    static let end: [UInt8] = [0xFF, 0xFF]

    /// Writes the next rows.
    ///
    /// - Returns: Nil for an integer that its column can't hold.
    /// - Throws: `invalidParameter` for a value that the server can't hold.
    mutating func bytes(of values: [Value]) throws(DatabaseError) -> [UInt8]? {
        var bytes: [UInt8] = []
        let width = columns.count
        // At first as much as small values take; later rows are much like the ones before.
        bytes.reserveCapacity(Swift.max(values.count * 16, size + size / 16))
        for start in stride(from: 0, to: values.count, by: width) {
            bytes.append(bigEndian: Int16(width))
            for place in 0..<width {
                let value = values[start + place]
                let length = bytes.count
                bytes.append(bigEndian: Int32(-1))
                if case .null = value { continue }
                self.place = place
                do throws(DatabaseError) {
                    guard try bytes.append(value, as: columns[place]) else { return nil }
                    guard bytes.setLength(at: length) else {
                        throw DatabaseError(.invalidParameter, "a value of more than 2 GiB")
                    }
                } catch {
                    throw located(error)
                }
            }
            row += 1
        }
        size = bytes.count
        return bytes
    }

    /// The error for the integer that its column can't hold: that of the server.
    var valueOutOfRange: DatabaseError {
        located(DatabaseError(.valueOutOfRange, "the number is out of the column's range", sqlState: "22003"))
    }

    private func located(_ error: DatabaseError) -> DatabaseError {
        error.prefixed(by: "row \(row), column \"\(names[place])\"")
    }
}

extension [UInt8] {
    /// - Returns: Whether the column can hold the value.
    fileprivate mutating func append(_ value: Value, as column: CopyColumn) throws(DatabaseError) -> Bool {
        switch (column, value) {
        case (.own(let type), _): try append(binary: value, as: type)
        case (.utf8, .text(let text)), (.utf8, .json(let text)): try append(utf8: text)
        case (.integer(let size), .int16(let number)): return append(Int64(number), size: size)
        case (.integer(let size), .int32(let number)): return append(Int64(number), size: size)
        case (.integer(let size), .int64(let number)): return append(number, size: size)
        default: throw DatabaseError(.invalidParameter, "a value of the type \(value.type) is among others")
        }
        return true
    }

    private mutating func append(_ number: Int64, size: Int) -> Bool {
        switch size {
        case 2:
            guard let number = Int16(exactly: number) else { return false }
            append(bigEndian: number)
        case 4:
            guard let number = Int32(exactly: number) else { return false }
            append(bigEndian: number)
        default:
            append(bigEndian: number)
        }
        return true
    }
}
