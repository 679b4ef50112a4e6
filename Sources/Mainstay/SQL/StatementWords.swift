// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The words that a statement begins with, in capitals, without comments.
struct StatementWords {
    /// The first words, at most four. None if the statement begins with something else.
    private(set) var leading: [String] = []
    /// Whether there is nothing but white space, comments and semicolons.
    private(set) var isEmpty = true
    /// Whether there is a comment before the first word that some versions of MariaDB execute.
    private(set) var beginsWithVersionComment = false

    /// Reads the beginning of a text.
    init(_ text: String, _ reading: SQLReading) {
        self.init(text.utf8[...], reading)
    }

    /// Reads the beginning of a text.
    init(_ text: Substring.UTF8View, _ reading: SQLReading) {
        var rest = text
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        while leading.count < 4 {
            rest = rest.drop { $0 == 0x20 || (9...13).contains($0) || Self.skipped.contains($0) }
            if rest.starts(with: "--".utf8) || rest.starts(with: "#".utf8) {
                rest = rest.drop { $0 != 0x0A }
            } else if rest.starts(with: "/*!".utf8) || rest.starts(with: "/*M!".utf8) {
                if leading.isEmpty { beginsWithVersionComment = true }
                if reading.contains(.opensVersionComments) {
                    rest = rest.drop { $0 != UInt8(ascii: "!") }.dropFirst().drop { (0x30...0x39).contains($0) }
                } else {
                    guard let end = Self.endOfComment(rest, reading) else { break }
                    rest = rest[end...]
                }
            } else if rest.starts(with: "/*".utf8) {
                guard let end = Self.endOfComment(rest, reading) else { break }
                rest = rest[end...]
            } else if reading.contains(.opensVersionComments), rest.starts(with: "*/".utf8) {
                rest = rest.dropFirst(2)
            } else {
                let word = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) || $0 == UInt8(ascii: "_") }
                guard !word.isEmpty else { break }
                leading.append(String(decoding: word, as: UTF8.self).uppercased())
                rest = rest[word.endIndex...]
            }
        }
        isEmpty = leading.isEmpty && rest.isEmpty
    }

    /// Whether the statement begins or ends a transaction or a part of one.
    var controlsTransaction: Bool {
        guard let first = leading.first else { return false }
        return Self.control.contains(first) || Self.verbs.contains(first) && leading.dropFirst().first == "TRANSACTION"
    }

    /// Whether the statement begins a transaction or ends the one that is open, and not only a part of it.
    var controlsWholeTransaction: Bool {
        guard controlsTransaction, let first = leading.first, !Self.savepoints.contains(first) else { return false }
        let rest = leading.dropFirst().drop { $0 == "WORK" || $0 == "TRANSACTION" }
        return first != "ROLLBACK" || rest.first != "TO"
    }

    private static let control: Set<String> = [
        "BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE",
    ]
    private static let savepoints: Set<String> = ["SAVEPOINT", "RELEASE"]
    private static let verbs: Set<String> = ["START", "PREPARE"]

    /// What may stand before a statement.
    private static let skipped = Set("(;".utf8)

    /// Where the comment ends that a text begins with; nil if it does not.
    static func endOfComment(_ text: Substring.UTF8View, _ reading: SQLReading) -> Substring.UTF8View.Index? {
        var depth = 0
        var rest = text
        while !rest.isEmpty {
            if rest.starts(with: "/*".utf8), reading.contains(.nestsComments) || depth == 0 {
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
