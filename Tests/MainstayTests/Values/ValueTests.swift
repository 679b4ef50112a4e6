// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// What the tests of this folder share.
enum ValueTests {
    /// A random source that gives the same numbers for the same seed: SplitMix64.
    struct Generator: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) {
            state = seed
        }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// Hands the bytes of a string to a parser.
    static func bytes<Value>(
        _ text: String,
        _ parse: (UnsafeRawBufferPointer) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        try bytes(Array(text.utf8), parse)
    }

    /// Hands bytes to a parser, in a buffer of exactly their number.
    static func bytes<Value>(
        _ bytes: [UInt8],
        _ parse: (UnsafeRawBufferPointer) throws(DatabaseError) -> Value
    ) throws(DatabaseError) -> Value {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(DatabaseError) in try parse(buffer) }
        }
        return try result.get()
    }

    /// The code of the error that a body throws, or nil if it throws none.
    static func code(_ body: () throws(DatabaseError) -> Void) -> DatabaseError.Code? {
        error(body)?.code
    }

    /// The error that a body throws, or nil if it throws none.
    static func error(_ body: () throws(DatabaseError) -> Void) -> DatabaseError? {
        do throws(DatabaseError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    /// What a writer appends, as a string.
    static func written(_ write: (inout [UInt8]) throws(DatabaseError) -> Void) throws(DatabaseError) -> String {
        var buffer: [UInt8] = Array("before ".utf8)
        try write(&buffer)
        return String(decoding: buffer.dropFirst(7), as: UTF8.self)
    }

    /// Random bytes, mostly from those that parsers know, to get further than the first byte.
    static func noise(_ generator: inout Generator) -> [UInt8] {
        let alphabet = Array("00112359-+:. TZeBCinfty".utf8)
        let count = Int.random(in: 0...34, using: &generator)
        return (0..<count).map { _ in
            Int.random(in: 0..<20, using: &generator) == 0
                ? UInt8.random(in: 0...255, using: &generator)
                : alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        }
    }

    /// A good text with a byte or two changed, removed or added.
    static func mutation(of text: String, _ generator: inout Generator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...2, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0x20...0x7F, using: &generator)
            case 1: bytes.remove(at: index)
            default: bytes.insert(UInt8.random(in: 0x2B...0x3A, using: &generator), at: index)
            }
        }
        return bytes
    }
}
