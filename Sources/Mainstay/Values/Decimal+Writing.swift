// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Decimal {
    /// Appends the number's text in UTF-8, without an exponent and without a group separator, whatever the user's
    /// locale: `-12.3`.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidParameter` if it is `Decimal.nan`; nothing is appended.
    public func writeDecimalText(to buffer: inout [UInt8]) throws(DatabaseError) {
        guard !isNaN else { throw DatabaseError(.invalidParameter, "Decimal.nan has no place in a database") }
        guard let integer = significandInteger else {
            buffer.append(contentsOf: description.utf8)
            return
        }
        guard integer != 0 else {
            buffer.append(UInt8(ascii: "0"))
            return
        }
        if isSignMinus { buffer.append(UInt8(ascii: "-")) }
        Self.withDigits(of: integer) { digits in
            if exponent >= 0 {
                buffer.append(contentsOf: digits)
                buffer.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: exponent))
                return
            }
            let wholeCount = digits.count + exponent
            if wholeCount > 0 {
                buffer.append(contentsOf: digits.prefix(wholeCount))
                buffer.append(UInt8(ascii: "."))
                buffer.append(contentsOf: digits.dropFirst(wholeCount))
            } else {
                buffer.append(UInt8(ascii: "0"))
                buffer.append(UInt8(ascii: "."))
                buffer.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -wholeCount))
                buffer.append(contentsOf: digits)
            }
        }
    }

    /// Hands the digits of an integer, of which there are at most 39, to `body`.
    private static func withDigits(of integer: UInt128, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { bytes in
            var start = bytes.count
            var rest = integer
            while rest > 0 {
                // Nineteen digits at a time, for UInt64 divides faster. All but the topmost are complete.
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
                var low = UInt64(truncatingIfNeeded: remainder)
                let end = quotient > 0 ? start - 19 : 0
                while quotient > 0 ? start > end : low > 0 {
                    start -= 1
                    bytes[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: low % 10)
                    low /= 10
                }
                rest = quotient
            }
            body(UnsafeBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// The significand as an integer.
    ///
    /// Foundation keeps it to itself on Linux, and its `description` takes a microsecond for two digits and nine for
    /// forty. So it is read from where it lies in memory, and believed only if the number made of it is the same one;
    /// otherwise nil.
    private var significandInteger: UInt128? {
        guard MemoryLayout<Decimal>.size == 20 else { return nil }
        let bytes = withUnsafeBytes(of: self) { $0.loadUnaligned(fromByteOffset: 4, as: UInt128.self) }
        let integer = UInt128(littleEndian: bytes)
        return Self.integer(integer) == significand ? integer : nil
    }
}
