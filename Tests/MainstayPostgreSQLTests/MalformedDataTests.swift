// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

/// A server may send anything. Whatever it is, reading it is a value or an error, and never a trap or a hang.
struct MalformedDataTests {
    static let kinds = (0...18).compactMap { ColumnKind(rawValue: $0) }

    @Test func `Random bytes of every length`() {
        #expect(Self.kinds.count == 19)
        var generator = SplitMix(state: 42)
        let storage = RowStorage()
        for round in 0..<20_000 {
            let kind = Self.kinds[round % Self.kinds.count]
            var bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Small numbers are what lengths and counts are made of.
            for index in bytes.indices where Bool.random(using: &generator) { bytes[index] = bytes[index] & 3 }
            read(bytes, kind, storage)
        }
    }

    @Test func `Random texts`() {
        var generator = SplitMix(state: 43)
        let storage = RowStorage()
        let alphabet = Array("{}[]=,\"\\'0123456789-:. +tfNULLx BCeEinfty".utf8)
        for round in 0..<20_000 {
            let kind = Self.kinds[round % Self.kinds.count]
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator)!
            }
            read(bytes, kind, storage)
        }
    }

    @Test func `Every truncation of good values`() {
        let storage = RowStorage()
        let array: [UInt8] = [
            0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7, 0xFF, 0xFF, 0xFF, 0xFF,
        ]
        let numeric: [UInt8] = [0, 2, 0, 0, 0, 0, 0, 4, 0, 12, 13, 0x80]
        for (bytes, kind) in [(array, ColumnKind.array), (numeric, .numeric)] {
            for count in 0..<bytes.count {
                #expect(read(Array(bytes.prefix(count)), kind, storage) == nil, "\(kind) of \(count) bytes")
            }
            #expect(read(bytes, kind, storage) != nil)
        }
    }

    @Test func `Lengths that would take memory or time without end`() {
        let storage = RowStorage()
        let huge: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
        let one: [UInt8] = [0, 0, 0, 1]
        // Six dimensions of two thousand million elements; a single such one; a negative one; seven dimensions.
        let header: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 23]
        let six = [0, 0, 0, 6] + header + Array(repeating: huge + one, count: 6).flatMap { $0 }
        let single = one + header + huge + one
        let negative = one + header + [0xFF, 0xFF, 0xFF, 0xFE] + one
        let seven = [0, 0, 0, 7] + header + Array(repeating: one + one, count: 7).flatMap { $0 }
        for bytes in [six, single, negative, seven] {
            #expect(read(bytes, .array, storage) == nil)
        }
        // The longest number that the format can announce, of no digits at all.
        #expect(read([0, 0, 0x7F, 0xFF, 0, 0, 0x3F, 0xFF], .numeric, storage) != nil)
        #expect(read([0, 0, 0x80, 0x00, 0, 0, 0x3F, 0xFF], .numeric, storage) != nil)
        #expect(read([0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10], .numeric, storage) == nil)
        #expect(read(Array(repeating: UInt8(ascii: "{"), count: 100_000), .array, storage, isText: true) == nil)
    }

    @discardableResult
    private func read(
        _ bytes: [UInt8],
        _ kind: ColumnKind,
        _ storage: RowStorage,
        isText: Bool? = nil
    ) -> Datum? {
        storage.reset()
        // A copy of just this size, so that a sanitizer sees a read beyond it.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: bytes)
        let buffer = UnsafeRawBufferPointer(copy)
        let reader = kind == .array ? ColumnReader(1007) : ColumnReader(of: kind)
        guard let reader else { return nil }
        let text = isText == false ? nil : try? Datum(TextFormat.cell(buffer, reader, storage))
        return isText == true ? text : try? Datum(BinaryFormat.cell(buffer, reader, storage))
    }
}

/// Random numbers that are the same in each run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct PlaceholderTests {
    @Test(arguments: [
        ("SELECT 1", 0), ("SELECT $1", 1), ("SELECT $2, $1", 2), ("$12$3", 12), ("'$1'", 0), ("'it''s $1' || $2", 2),
        ("\"$1\"", 0), ("\"a\"\"$1\" $3", 3), ("-- $1\n$2", 2), ("/* $1 /* $2 */ $3 */ $1", 1), ("a$1", 0), ("é$1", 0),
        ("E'\\'$1' $2", 2), ("e'a''\\'$1'$3", 3), ("type'\\' $1", 1), ("$$ $1 $$ $2", 2), ("$tag$ $1 $$ $tag$, $3", 3),
        ("$1::text", 1), ("a - -$1", 1), ("a/$1", 1), ("$1/*", 1), ("'", 0), ("$", 0), ("$99999999999999999999", 0),
        ("U&'\\0041$1' $2", 2), ("$_x$'$_x$ $4", 4),
    ])
    func `Placeholders are found where the server finds them`(sql: String, highest: Int) {
        #expect(Placeholders.highest(in: sql) == highest)
    }
}
