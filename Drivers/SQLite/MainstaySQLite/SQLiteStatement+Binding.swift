// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension OpaquePointer {
    /// Binds a value to a parameter of a prepared statement, which this pointer is.
    ///
    /// - Returns: SQLite's status.
    /// - Throws: `invalidParameter` for what SQLite can't hold.
    func bind(_ value: Value, at index: Int32) throws(DatabaseError) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(self, index)
        case .bool(let value): return sqlite3_bind_int64(self, index, value ? 1 : 0)
        case .int16(let value): return sqlite3_bind_int64(self, index, Int64(value))
        case .int32(let value): return sqlite3_bind_int64(self, index, Int64(value))
        case .int64(let value): return sqlite3_bind_int64(self, index, value)
        case .uint64(let value):
            guard let signed = Int64(exactly: value) else {
                throw DatabaseError(
                    .invalidParameter,
                    "SQLite's integers end at 2^63 - 1",
                    hint: "bind the number as a Decimal to a TEXT column"
                )
            }
            return sqlite3_bind_int64(self, index, signed)
        case .float(let value): return try bind(Double(value), at: index)
        case .double(let value): return try bind(value, at: index)
        case .text(let value): return bind(value, at: index)
        case .json(let value): return bind(value, at: index)
        case .uuid(let value): return bind(value.uuidString.lowercased(), at: index)
        case .bytes(let bytes):
            // Without an address SQLite would bind NULL.
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(self, index, 0) }
            return bytes.withUnsafeBytes { mainstay_sqlite3_bind_blob(self, index, $0.baseAddress, UInt64($0.count)) }
        case .date(let value):
            return try bindText(at: index) { (buffer) throws(DatabaseError) in
                try value.writeSortable(to: &buffer)
            }
        case .time(let value): return try bindText(at: index) { buffer in value.writeSortable(to: &buffer) }
        case .dateTime(let value):
            return try bindText(at: index) { (buffer) throws(DatabaseError) in
                try value.writeSortable(to: &buffer)
            }
        case .timestamp(let value):
            return try bindText(at: index) { (buffer) throws(DatabaseError) in
                try value.writeSortable(to: &buffer)
            }
        case .decimal(let value):
            return try bindText(at: index) { (buffer) throws(DatabaseError) in
                try value.writeDecimalText(to: &buffer)
            }
        case .array:
            throw DatabaseError(
                .unsupported,
                "SQLite has no arrays",
                hint: "bind JSON, or for IN write \\(list: values)"
            )
        }
    }

    private func bind(_ value: Double, at index: Int32) throws(DatabaseError) -> Int32 {
        guard !value.isNaN else {
            throw DatabaseError(.invalidParameter, "SQLite would store NaN as NULL", hint: "bind nil if NULL is meant")
        }
        return sqlite3_bind_double(self, index, value)
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return mainstay_sqlite3_bind_text(self, index, "", 0) }
                return mainstay_sqlite3_bind_text(self, index, start, UInt64(characters.count))
            }
        }
    }

    private func bindText(
        at index: Int32,
        _ write: (inout [UInt8]) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> Int32 {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(32)
        try write(&buffer)
        return buffer.withUnsafeBytes { bytes in
            mainstay_sqlite3_bind_text(
                self,
                index,
                bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                UInt64(bytes.count)
            )
        }
    }
}
