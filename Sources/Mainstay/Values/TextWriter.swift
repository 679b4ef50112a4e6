// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Writes digits and single bytes into a small buffer on the stack, from where they are copied once.
///
/// Appending to an array byte by byte would check its uniqueness and its capacity at every byte.
struct TextWriter {
    // The longest text of this folder is a Timestamp's, `-290308-12-21 19:59:05.224192Z`, of 30 bytes.
    private static let capacity = 40

    private let bytes: UnsafeMutableRawBufferPointer
    private var count = 0

    private init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    /// Hands what `body` writes to `use`.
    @inline(__always)
    private static func run<Result>(
        _ body: (inout TextWriter) -> Void,
        _ use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { bytes in
            var writer = TextWriter(bytes)
            body(&writer)
            return use(UnsafeRawBufferPointer(rebasing: bytes[..<writer.count]))
        }
    }

    /// A string of what `body` writes.
    static func string(_ body: (inout TextWriter) -> Void) -> String {
        run(body) { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends what `body` writes to an array.
    static func append(to array: inout [UInt8], _ body: (inout TextWriter) -> Void) {
        run(body) { array.append(contentsOf: $0) }
    }

    /// Writes one byte.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    /// Writes a number of 0 to 99 as two digits.
    @inline(__always)
    mutating func put(twoDigits value: UInt32) {
        // A tenth, rounded down, for every number of two digits.
        let tens = (value &* 103) &>> 10
        put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: tens))
        put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value &- tens &* 10))
    }

    /// Writes a number of 0 to 9,999 as four digits.
    @inline(__always)
    mutating func put(fourDigits value: UInt32) {
        put(twoDigits: value / 100)
        put(twoDigits: value % 100)
    }

    /// Writes a number with as many digits as it has, but at least four.
    @inline(__always)
    mutating func put(atLeastFourDigits value: UInt32) {
        if value > 9_999 { put(digits: value / 10_000) }
        put(fourDigits: value % 10_000)
    }

    private mutating func put(digits value: UInt32) {
        if value > 9 { put(digits: value / 10) }
        put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10))
    }
}
