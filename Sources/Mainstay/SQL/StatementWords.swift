// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The words that a statement begins with, in capitals, without comments.
struct StatementWords {
    /// The first words, at most four. None if the statement begins with something else.
    private(set) var leading: [String] = []
    /// Whether there is nothing but white space, comments and semicolons.
    private(set) var isEmpty = true

    /// Reads the beginning of a text.
    ///
    /// - Parameter nestsComments: Whether a comment ends only when those that began within it have ended.
    init(_ text: String, nestsComments: Bool) {
        var rest = text.utf8[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        while leading.count < 4 {
            rest = rest.drop { $0 == 0x20 || (9...13).contains($0) || Self.skipped.contains($0) }
            if rest.starts(with: "--".utf8) || rest.starts(with: "#".utf8) {
                rest = rest.drop { $0 != 0x0A }
            } else if rest.starts(with: "/*!".utf8) || rest.starts(with: "/*M!".utf8) {
                // MariaDB executes what is in such a comment, if it is of the version that follows.
                rest = rest.drop { $0 != UInt8(ascii: "!") }.dropFirst().drop { (0x30...0x39).contains($0) }
            } else if rest.starts(with: "/*".utf8) {
                guard let end = Self.endOfComment(rest, nests: nestsComments) else { break }
                rest = rest[end...]
            } else {
                let word = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) || $0 == UInt8(ascii: "_") }
                guard !word.isEmpty else { break }
                leading.append(String(decoding: word, as: UTF8.self).uppercased())
                rest = rest[word.endIndex...]
            }
        }
        isEmpty = leading.isEmpty && rest.isEmpty
    }

    /// What may stand before a statement.
    private static let skipped = Set("(;".utf8)

    private static func endOfComment(
        _ text: Substring.UTF8View,
        nests: Bool
    ) -> Substring.UTF8View.Index? {
        var depth = 0
        var rest = text
        while !rest.isEmpty {
            if rest.starts(with: "/*".utf8), nests || depth == 0 {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
                if depth == 0 { return rest.startIndex }
            } else {
                rest = rest.dropFirst()
            }
        }
        return nil
    }
}
