// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Memory for the values of one execution: handed out piece by piece, given back as a whole, and never moved.
struct Arena: ~Copyable {
    private var blocks: [UnsafeMutableRawBufferPointer] = []
    private var used = 0

    private static let firstSize = 512
    /// What a large value needed is not kept for the next one.
    private static let keptSize = 64 * 1024

    deinit {
        for block in blocks { block.deallocate() }
    }

    /// Hands out memory that is valid until `reset`.
    ///
    /// - Parameter count: The number of bytes. The memory is aligned for every type that Connector/C reads.
    mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let rounded = (count + 15) & ~15
        if let block = blocks.last, let start = block.baseAddress, block.count - used >= rounded {
            defer { used += rounded }
            return start + used
        }
        let size = max(rounded, blocks.last.map { $0.count * 2 } ?? Self.firstSize)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        blocks.append(block)
        used = rounded
        // A buffer of at least one byte has a base address.
        return block.baseAddress.unsafelyUnwrapped
    }

    /// Copies bytes.
    mutating func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
        let memory = allocate(max(1, bytes.count))
        if let start = bytes.baseAddress { memory.copyMemory(from: start, byteCount: bytes.count) }
        return memory
    }

    /// Copies a value of a trivial type.
    mutating func copy<Value: BitwiseCopyable>(_ value: Value) -> UnsafeMutableRawPointer {
        let memory = allocate(MemoryLayout<Value>.size)
        memory.storeBytes(of: value, as: Value.self)
        return memory
    }

    /// Takes everything back.
    mutating func reset() {
        used = 0
        guard blocks.count > 1 || (blocks.last?.count ?? 0) > Self.keptSize else { return }
        // The last block is the largest; one that is not too large serves the next execution.
        let last = blocks.removeLast()
        for block in blocks { block.deallocate() }
        blocks.removeAll(keepingCapacity: true)
        if last.count <= Self.keptSize { blocks.append(last) } else { last.deallocate() }
    }
}
