// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Splits a statement's text into what matters to the driver, as the server's own scanner would.
///
/// Comments, white space and most punctuation are left out.
struct StatementScanner: IteratorProtocol, Sequence {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    /// A piece of the text.
    enum Token {
        /// A keyword or a name without quotes.
        case word(Substring.UTF8View)
        /// What is between double quotes. A doubled one begins another name.
        case quotedName(Substring.UTF8View)
        /// What is between single quotes, or between two equal `$tag$`.
        case literal(Substring.UTF8View)
        /// The number of a placeholder, `$1`.
        case placeholder(Int)
        /// A comma, semicolon or parenthesis.
        case mark(UInt8)
    }

    mutating func next() -> Token? {
        while let first = rest.first {
            let start = rest
            rest = rest.dropFirst()
            switch first {
            case UInt8(ascii: "'"): return .literal(takeQuoted(by: first, hasEscapes: false))
            case UInt8(ascii: "\""): return .quotedName(takeQuoted(by: first, hasEscapes: false))
            case UInt8(ascii: "-") where rest.first == first: rest = rest.drop { $0 != 0x0A && $0 != 0x0D }
            case UInt8(ascii: "/") where rest.first == UInt8(ascii: "*"): skipComment()
            case UInt8(ascii: "$"):
                if let token = takeDollar() { return token }
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")"): return .mark(first)
            case _ where Self.isNameStart(first): return takeWord(from: start)
            default: break
            }
        }
        return nil
    }

    /// Takes what is up to the closing quote. A doubled one closes and opens again, which comes to the same.
    private mutating func takeQuoted(by quote: UInt8, hasEscapes: Bool) -> Substring.UTF8View {
        let start = rest
        while let byte = rest.popFirst() {
            if hasEscapes, byte == UInt8(ascii: "\\") {
                rest = rest.dropFirst()
            } else if byte == quote {
                // After a doubled quote the backslash goes on to escape.
                guard hasEscapes, rest.first == quote else { return start.prefix(start.count - rest.count - 1) }
                rest = rest.dropFirst()
            }
        }
        return start
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

    /// Takes a name, which may contain `$1`, or a string that begins with `E'`.
    private mutating func takeWord(from start: Substring.UTF8View) -> Token {
        let name = start.prefix { Self.isNameStart($0) || Self.isDigit($0) || $0 == UInt8(ascii: "$") }
        rest = start.dropFirst(name.count)
        if name.count == 1, let first = name.first, first | 0x20 == UInt8(ascii: "e"), rest.first == UInt8(ascii: "'") {
            rest = rest.dropFirst()
            return .literal(takeQuoted(by: UInt8(ascii: "'"), hasEscapes: true))
        }
        return .word(name)
    }

    /// Takes a placeholder, or a string between two equal `$tag$`; nil for a lone dollar sign.
    private mutating func takeDollar() -> Token? {
        let digits = rest.prefix(while: Self.isDigit)
        guard digits.isEmpty else {
            rest = rest.dropFirst(digits.count)
            return .placeholder(Int(Substring(digits)) ?? 0)
        }
        let tag = rest.prefix { Self.isNameStart($0) || Self.isDigit($0) }
        guard rest.dropFirst(tag.count).first == UInt8(ascii: "$") else { return nil }
        let end = Array("$".utf8) + tag + Array("$".utf8)
        rest = rest.dropFirst(tag.count + 1)
        let start = rest
        while !rest.isEmpty, !rest.starts(with: end) { rest = rest.dropFirst() }
        defer { rest = rest.dropFirst(end.count) }
        return .literal(start.prefix(start.count - rest.count))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
