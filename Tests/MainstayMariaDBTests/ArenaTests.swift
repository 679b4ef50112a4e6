// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayMariaDB

struct ArenaTests {
    @Test func `Memory that was handed out stays where it is, and no two pieces overlap`() {
        var arena = Arena()
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            arena.reset()
            var pieces: [(UnsafeMutableRawPointer, Int, UInt8)] = []
            for _ in 0..<Int.random(in: 1...60, using: &generator) {
                let count = [0, 1, 7, 8, 15, 16, 17, 500, 5000, 100_000].randomElement() ?? 0
                let mark = UInt8.random(in: 0...255, using: &generator)
                let memory = arena.allocate(max(1, count))
                #expect(UInt(bitPattern: memory) % 16 == 0)
                memory.initializeMemory(as: UInt8.self, repeating: mark, count: count)
                pieces.append((memory, count, mark))
            }
            for (memory, count, mark) in pieces {
                #expect(UnsafeRawBufferPointer(start: memory, count: count).allSatisfy { $0 == mark })
            }
        }
    }
}
