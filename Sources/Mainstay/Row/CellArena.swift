// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Memory for the cells of an array while they are read, however deep arrays are nested.
final class CellArena {
    // Allocated here, freed in deinit, and pointed to only by cells that are read before the arena goes.
    private var buffers: [UnsafeMutableRawBufferPointer] = []
    private var arrays: [CellArray] = []

    deinit {
        for buffer in buffers {
            buffer.deallocate()
        }
    }

    func copy(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        buffer.copyBytes(from: bytes)
        buffers.append(buffer)
        return UnsafeRawBufferPointer(buffer)
    }

    func array(of cells: OwnedCells) -> CellArray {
        let array = CellArray(cells.cells(in: self))
        arrays.append(array)
        return array
    }
}
