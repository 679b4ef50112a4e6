// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Cells that were copied out of a client library's memory: one buffer for all bytes, and one entry for each cell.
struct OwnedCells: Sendable {
    private enum Entry: Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case unsigned(UInt64)
        case float(Float)
        case double(Double)
        case date(LocalDate)
        case time(LocalTime)
        case dateTime(LocalDateTime)
        case dateTimeOrTimestamp(LocalDateTime)
        case timestamp(Timestamp)
        case slice(Kind, Range<Int>)
        case array(OwnedCells)
    }

    private enum Kind: Sendable {
        case text, bytes, decimal, uuid, json

        func cell(_ buffer: UnsafeRawBufferPointer) -> Cell {
            switch self {
            case .text: .text(buffer)
            case .bytes: .bytes(buffer)
            case .decimal: .decimal(buffer)
            case .uuid: .uuid(buffer)
            case .json: .json(buffer)
            }
        }
    }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []

    init(capacity: Int) {
        entries.reserveCapacity(capacity)
    }

    mutating func append(_ cell: Cell) {
        switch cell {
        case .null: entries.append(.null)
        case .bool(let value): entries.append(.bool(value))
        case .integer(let value): entries.append(.integer(value))
        case .unsigned(let value): entries.append(.unsigned(value))
        case .float(let value): entries.append(.float(value))
        case .double(let value): entries.append(.double(value))
        case .date(let value): entries.append(.date(value))
        case .time(let value): entries.append(.time(value))
        case .dateTime(let value): entries.append(.dateTime(value))
        case .dateTimeOrTimestamp(let value): entries.append(.dateTimeOrTimestamp(value))
        case .timestamp(let value): entries.append(.timestamp(value))
        case .text(let buffer): append(buffer, .text)
        case .bytes(let buffer): append(buffer, .bytes)
        case .decimal(let buffer): append(buffer, .decimal)
        case .uuid(let buffer): append(buffer, .uuid)
        case .json(let buffer): append(buffer, .json)
        case .array(let array):
            let elements = array.takeUnretainedValue().elements
            var owned = OwnedCells(capacity: elements.count)
            for element in elements {
                owned.append(element)
            }
            entries.append(.array(owned))
        }
    }

    private mutating func append(_ buffer: UnsafeRawBufferPointer, _ kind: Kind) {
        let start = bytes.count
        bytes.append(contentsOf: buffer)
        entries.append(.slice(kind, start..<bytes.count))
    }

    /// Gives a cell to a function; the cell's buffer is valid until the function returns.
    func withCell<R, Failure>(at index: Int, _ body: (Cell) throws(Failure) -> R) throws(Failure) -> R {
        switch entries[index] {
        case .null: return try body(.null)
        case .bool(let value): return try body(.bool(value))
        case .integer(let value): return try body(.integer(value))
        case .unsigned(let value): return try body(.unsigned(value))
        case .float(let value): return try body(.float(value))
        case .double(let value): return try body(.double(value))
        case .date(let value): return try body(.date(value))
        case .time(let value): return try body(.time(value))
        case .dateTime(let value): return try body(.dateTime(value))
        case .dateTimeOrTimestamp(let value): return try body(.dateTimeOrTimestamp(value))
        case .timestamp(let value): return try body(.timestamp(value))
        case .slice(let kind, let range):
            return try bytes.withUnsafeBufferPointer { (all) throws(Failure) in
                let slice = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[range]))
                return try body(kind.cell(slice))
            }
        case .array(let owned):
            let arena = CellArena()
            defer { withExtendedLifetime(arena) {} }
            return try body(.array(Unmanaged.passUnretained(arena.array(of: owned))))
        }
    }

    /// The cells of an array, with their bytes copied to where they stay.
    func cells(in arena: CellArena) -> [Cell] {
        let base = arena.copy(bytes)
        return entries.map { entry in
            switch entry {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .unsigned(let value): .unsigned(value)
            case .float(let value): .float(value)
            case .double(let value): .double(value)
            case .date(let value): .date(value)
            case .time(let value): .time(value)
            case .dateTime(let value): .dateTime(value)
            case .dateTimeOrTimestamp(let value): .dateTimeOrTimestamp(value)
            case .timestamp(let value): .timestamp(value)
            case .slice(let kind, let range): kind.cell(UnsafeRawBufferPointer(rebasing: base[range]))
            case .array(let owned): .array(Unmanaged.passUnretained(arena.array(of: owned)))
            }
        }
    }
}
