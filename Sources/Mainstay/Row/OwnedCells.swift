// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Cells that were copied out of a client library's memory. One allocation has them, and behind them the bytes to which they point.
///
/// A cell that is taken out points into that memory, which has to be kept alive while it is read.
///
/// `@unchecked Sendable`: nothing changes any more once the initializer has returned.
@usableFromInline
struct OwnedCells: @unchecked Sendable {
    fileprivate struct Header {
        let count: Int
        /// What array cells point to, and what the elements of these point into.
        var arrays: [(CellArray, OwnedCells)] = []
    }

    private let buffer: ManagedBuffer<Header, Cell>

    /// Copies cells and what they point to.
    init(_ cells: UnsafeBufferPointer<Cell>) {
        let size = cells.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
        let stride = MemoryLayout<Cell>.stride
        buffer = ManagedBuffer.create(minimumCapacity: cells.count + (size + stride - 1) / stride) { _ in
            Header(count: cells.count)
        }
        // Memory for cells holds bytes as well; neither needs to be deinitialized.
        buffer.withUnsafeMutablePointers { header, elements in
            var free = UnsafeMutableRawPointer(elements + cells.count)
            for (index, cell) in cells.enumerated() {
                (elements + index).initialize(to: cell.copied(to: &free, &header.pointee))
            }
        }
    }

    /// A cell, which is good as long as these cells are.
    @usableFromInline
    subscript(index: Int) -> Cell {
        buffer.withUnsafeMutablePointers { header, elements in
            precondition(index >= 0 && index < header.pointee.count)
            return elements[index]
        }
    }
}

extension Cell {
    /// What the cell points to, but for arrays.
    fileprivate var bytes: UnsafeRawBufferPointer? {
        switch self {
        case .text(let bytes), .bytes(let bytes), .decimal(let bytes), .uuid(let bytes), .json(let bytes): bytes
        default: nil
        }
    }

    fileprivate func copied(to free: inout UnsafeMutableRawPointer, _ header: inout OwnedCells.Header) -> Cell {
        switch self {
        case .text(let bytes): .text(bytes.copied(to: &free))
        case .bytes(let bytes): .bytes(bytes.copied(to: &free))
        case .decimal(let bytes): .decimal(bytes.copied(to: &free))
        case .uuid(let bytes): .uuid(bytes.copied(to: &free))
        case .json(let bytes): .json(bytes.copied(to: &free))
        case .array(let array): header.keep(array.takeUnretainedValue().elements)
        default: self
        }
    }
}

extension OwnedCells.Header {
    /// A cell of the copies of an array's elements.
    fileprivate mutating func keep(_ elements: [Cell]) -> Cell {
        let owned = elements.withUnsafeBufferPointer { OwnedCells($0) }
        let array = CellArray(elements.indices.map { owned[$0] })
        arrays.append((array, owned))
        return .array(Unmanaged.passUnretained(array))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func copied(to free: inout UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
        if let baseAddress { free.copyMemory(from: baseAddress, byteCount: count) }
        defer { free += count }
        return UnsafeRawBufferPointer(start: free, count: count)
    }
}
