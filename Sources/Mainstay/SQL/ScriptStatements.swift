// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Finds the statements of a script, as one of the databases reads it.
struct ScriptStatements {
    private let reading: SQLReading
    private var rest: Substring.UTF8View

    init(_ text: String, _ reading: SQLReading) {
        self.reading = reading
        rest = text.utf8[...]
    }

    /// The first words of the next statement, and whether it holds statements itself, so that what follows can't be told from them;
    /// nil after the last.
    mutating func next() -> (words: StatementWords, isOpaque: Bool)? {
        guard !rest.isEmpty else { return nil }
        let words = StatementWords(rest, reading)
        return (words, skipStatement(isDefinition: words.leading.first.map(Self.defining.contains) ?? false))
    }

    /// - Returns: Whether it defines something that has a body of statements.
    private mutating func skipStatement(isDefinition: Bool) -> Bool {
        var isOpaque = false
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: ";"):
                rest = rest.dropFirst()
                // Those before the first word belong to it, as a look at its words sees it.
                return isOpaque
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                rest = rest.dropFirst()
                skipQuoted(by: byte, hasEscapes: reading.contains(.hasBackslashes) && byte != UInt8(ascii: "`"))
            case UInt8(ascii: "-") where beginsComment: skipLine()
            case UInt8(ascii: "#") where reading.contains(.hasBackslashes): skipLine()
            case UInt8(ascii: "/") where rest.starts(with: "/*".utf8): skipComment()
            case UInt8(ascii: "$") where reading.contains(.hasDollarQuotes): skipDollarQuoted()
            default:
                let word = rest.prefix(while: Self.isOfWord)
                guard !word.isEmpty else {
                    rest = rest.dropFirst()
                    continue
                }
                rest = rest[word.endIndex...]
                if isDefinition, !isOpaque { isOpaque = Self.isBodied(word) }
                // E'' is a literal with escapes.
                if reading.contains(.hasDollarQuotes), word.count == 1,
                    word.first.map({ $0 & 0xDF }) == UInt8(ascii: "E"),
                    rest.first == UInt8(ascii: "'")
                {
                    rest = rest.dropFirst()
                    skipQuoted(by: UInt8(ascii: "'"), hasEscapes: true)
                }
            }
        }
        return isOpaque
    }

    private var beginsComment: Bool {
        guard rest.starts(with: "--".utf8) else { return false }
        guard reading.contains(.hasBackslashes), let next = rest.dropFirst(2).first else { return true }
        return next <= 0x20
    }

    private mutating func skipLine() {
        rest = rest.drop { $0 != 0x0A }
    }

    private mutating func skipComment() {
        let isVersioned = rest.starts(with: "/*!".utf8) || rest.starts(with: "/*M!".utf8)
        if isVersioned, reading.contains(.opensVersionComments) {
            rest = rest.dropFirst(2)
        } else {
            let end = StatementWords.endOfComment(rest, reading) ?? rest.endIndex
            rest = rest[end...]
        }
    }

    private mutating func skipQuoted(by quote: UInt8, hasEscapes: Bool) {
        while let byte = rest.popFirst() {
            if hasEscapes, byte == UInt8(ascii: "\\") {
                rest = rest.dropFirst()
            } else if byte == quote {
                // A doubled quote is one within.
                guard rest.first == quote else { return }
                rest = rest.dropFirst()
            }
        }
    }

    /// Skips a literal between two equal `$tag$`, or the `$` of something else.
    private mutating func skipDollarQuoted() {
        let tag = rest.dropFirst().prefix(while: Self.isOfWord)
        let isNumber = tag.first.map { (0x30...0x39).contains($0) } ?? false
        guard !isNumber, rest[tag.endIndex...].first == UInt8(ascii: "$") else {
            rest = rest.dropFirst()
            return
        }
        let end = Array("$".utf8) + tag + Array("$".utf8)
        rest = rest.dropFirst(end.count)
        while !rest.isEmpty, !rest.starts(with: end) { rest = rest.dropFirst() }
        rest = rest.dropFirst(end.count)
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func isBodied(_ word: Substring.UTF8View) -> Bool {
        bodied.contains(String(decoding: word, as: UTF8.self).uppercased())
    }

    private static let defining: Set<String> = ["CREATE", "ALTER"]
    private static let bodied: Set<String> = ["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"]
}
