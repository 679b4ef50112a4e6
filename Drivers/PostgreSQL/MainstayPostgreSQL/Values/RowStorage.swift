// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Memory for what the cells of one row point to, where libpq does not have it in that form: the text of numbers, and
/// arrays.
final class RowStorage {
    private static let size = 1024

    // Blocks never move, for cells point into them.
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    private var used = 0
    /// Whether there is something to forget.
    @exclusivity(unchecked) private var isUsed = false
    private var arrays: [CellArray] = []

    deinit {
        blocks.forEach { $0.deallocate() }
    }

    /// Memory that stays until the next ``reset()``.
    func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
        isUsed = true
        if let block = blocks.last, block.count - used >= count {
            defer { used += count }
            return UnsafeMutableRawBufferPointer(rebasing: block[used..<used + count])
        }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, Self.size), alignment: 8)
        blocks.append(block)
        used = count
        return UnsafeMutableRawBufferPointer(rebasing: block[..<count])
    }

    /// Gives back the end of the memory that was allocated last.
    func shrinkLast(by count: Int) {
        used -= count
    }

    /// A copy of a text that stays until the next ``reset()``.
    func copy(_ text: String) -> UnsafeRawBufferPointer {
        var text = text
        return text.withUTF8 { utf8 in
            let copy = allocate(utf8.count)
            copy.copyMemory(from: UnsafeRawBufferPointer(utf8))
            return UnsafeRawBufferPointer(copy)
        }
    }

    /// Keeps an array until the next ``reset()``.
    func keep(_ elements: [Cell]) -> Cell {
        isUsed = true
        let array = CellArray(elements)
        arrays.append(array)
        return .array(Unmanaged.passUnretained(array))
    }

    /// Forgets all that belongs to a row, but for one block of ordinary size.
    func reset() {
        guard isUsed else { return }
        isUsed = false
        if !arrays.isEmpty { arrays.removeAll(keepingCapacity: true) }
        guard used > 0 || blocks.count > 1 else { return }
        used = 0
        guard blocks.count > 1 || blocks[0].count > Self.size else { return }
        blocks.forEach { $0.deallocate() }
        blocks = []
    }
}
