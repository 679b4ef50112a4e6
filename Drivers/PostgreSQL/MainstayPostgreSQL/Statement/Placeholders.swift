// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Finds the placeholders of a statement, `$1` and so on.
///
/// The server tells how many parameters a statement has, but counts those whose type it was told even if the text has no
/// place for them. So only a look at the text shows that there are too many.
struct Placeholders {
    private var rest: Substring.UTF8View
    private var highest = 0

    private init(_ text: String) {
        rest = text[...].utf8
    }

    /// The highest number of a placeholder in the text, outside of literals, quoted names and comments.
    static func highest(in text: String) -> Int {
        var scanner = Placeholders(text)
        scanner.scan()
        return scanner.highest
    }

    private mutating func scan() {
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): skipQuoted(by: byte, hasEscapes: false)
            case UInt8(ascii: "-") where rest.first == byte: rest = rest.drop { $0 != 0x0A && $0 != 0x0D }
            case UInt8(ascii: "/") where rest.first == UInt8(ascii: "*"): skipComment()
            case UInt8(ascii: "$"): scanDollar()
            case _ where Self.isNameStart(byte): skipName(byte)
            default: break
            }
        }
    }

    /// Skips to the closing quote. A doubled one closes and opens again, which comes to the same.
    private mutating func skipQuoted(by quote: UInt8, hasEscapes: Bool) {
        while let byte = rest.popFirst(), byte != quote {
            if hasEscapes, byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
        }
        // After a doubled quote the backslash goes on to escape.
        if hasEscapes, rest.first == quote {
            rest = rest.dropFirst()
            skipQuoted(by: quote, hasEscapes: true)
        }
    }

    /// Skips a comment, in which there may be others.
    private mutating func skipComment() {
        rest = rest.dropFirst()
        var depth = 1
        while depth > 0, let byte = rest.popFirst() {
            if byte == UInt8(ascii: "*"), rest.first == UInt8(ascii: "/") {
                depth -= 1
                rest = rest.dropFirst()
            } else if byte == UInt8(ascii: "/"), rest.first == UInt8(ascii: "*") {
                depth += 1
                rest = rest.dropFirst()
            }
        }
    }

    /// Skips a name, which may contain `$1`, and a string that begins with `E'`.
    private mutating func skipName(_ first: UInt8) {
        let name = rest.prefix { Self.isNameStart($0) || Self.isDigit($0) || $0 == UInt8(ascii: "$") }
        rest = rest.dropFirst(name.count)
        if name.isEmpty, first == UInt8(ascii: "E") || first == UInt8(ascii: "e"), rest.first == UInt8(ascii: "'") {
            rest = rest.dropFirst()
            skipQuoted(by: UInt8(ascii: "'"), hasEscapes: true)
        }
    }

    /// Reads a placeholder, or skips a string between two equal `$tag$`.
    private mutating func scanDollar() {
        let digits = rest.prefix(while: Self.isDigit)
        guard digits.isEmpty else {
            highest = max(highest, Int(Substring(digits)) ?? 0)
            rest = rest.dropFirst(digits.count)
            return
        }
        let tag = rest.prefix { Self.isNameStart($0) || Self.isDigit($0) }
        guard rest.dropFirst(tag.count).first == UInt8(ascii: "$") else { return }
        let end = Array("$".utf8) + tag + Array("$".utf8)
        rest = rest.dropFirst(tag.count + 1)
        while !rest.isEmpty, !rest.starts(with: end) { rest = rest.dropFirst() }
        rest = rest.dropFirst(end.count)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
