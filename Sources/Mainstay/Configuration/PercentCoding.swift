// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding as RFC 3986 §2.1 has it, on UTF-8, and strict.
enum PercentCoding {
    /// Decodes a piece of a URL.
    ///
    /// - Parameter field: What the piece is, for the error message, which never quotes it.
    static func decode(_ bytes: ArraySlice<UInt8>, field: String) throws(DatabaseError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
                throw .misconfigured(
                    "\(field) has a % that is not followed by two hexadecimal digits",
                    hint: "write a percent sign as %25"
                )
            }
            decoded.append(high << 4 | low)
        }
        guard !decoded.contains(0) else { throw .misconfigured("\(field) contains U+0000") }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw .misconfigured("\(field) is not UTF-8 once it is percent-decoded")
        }
        return text
    }

    /// Encodes everything but ASCII letters, digits, `-._~` and the ASCII characters that are to be kept.
    static func encode(_ text: String, keeping kept: StaticString = "") -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            case _ where kept.withUTF8Buffer { $0.contains(byte) }:
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
