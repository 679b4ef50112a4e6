// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// Cells and the memory that their buffers point into, as a client library would keep it for the current row.
final class CellBox {
    /// A cell that owns what it holds.
    enum Content: Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case unsigned(UInt64)
        case float(Float)
        case double(Double)
        case text(String)
        /// Text that need not be UTF-8.
        case rawText([UInt8])
        case bytes([UInt8])
        case decimal(String)
        case uuid([UInt8])
        case date(LocalDate)
        case time(LocalTime)
        case dateTime(LocalDateTime)
        case dateTimeOrTimestamp(LocalDateTime)
        case timestamp(Timestamp)
        case json(String)
        case array([Content])
    }

    private(set) var cells: [Cell] = []
    private var memory: [UnsafeMutableRawBufferPointer] = []
    private var arrays: [CellArray] = []

    init(_ contents: [Content]) {
        cells = contents.map { cell($0) }
    }

    deinit {
        memory.forEach { $0.deallocate() }
    }

    private func cell(_ content: Content) -> Cell {
        switch content {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .unsigned(let value): return .unsigned(value)
        case .float(let value): return .float(value)
        case .double(let value): return .double(value)
        case .text(let text): return .text(keep(Array(text.utf8)))
        case .rawText(let bytes): return .text(keep(bytes))
        case .bytes(let bytes): return .bytes(keep(bytes))
        case .decimal(let text): return .decimal(keep(Array(text.utf8)))
        case .uuid(let bytes): return .uuid(keep(bytes))
        case .date(let value): return .date(value)
        case .time(let value): return .time(value)
        case .dateTime(let value): return .dateTime(value)
        case .dateTimeOrTimestamp(let value): return .dateTimeOrTimestamp(value)
        case .timestamp(let value): return .timestamp(value)
        case .json(let text): return .json(keep(Array(text.utf8)))
        case .array(let elements):
            let array = CellArray(elements.map { cell($0) })
            arrays.append(array)
            return .array(.passUnretained(array))
        }
    }

    /// Copies bytes into a buffer of exactly their number.
    private func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        buffer.copyBytes(from: bytes)
        memory.append(buffer)
        return UnsafeRawBufferPointer(buffer)
    }
}
