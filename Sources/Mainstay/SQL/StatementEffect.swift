// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a statement's text says that it may do to the session, beyond reading and writing rows.
///
/// It is worked out once, when a statement is prepared, and errs on the safe side: what is not known to be harmless is
/// taken to touch the session, which costs a reset when the connection is returned.
struct StatementEffect: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    /// It may leave something in the session that the next lease must not find: settings, temporary tables, locks.
    static let touchesSession = Self(rawValue: 1 << 0)
    /// It begins or ends a transaction, which is the session's own business.
    static let controlsTransaction = Self(rawValue: 1 << 1)

    /// It may change tables that other prepared statements were prepared for.
    static let changesSchema = Self(rawValue: 1 << 2)
    /// There is nothing to execute.
    static let isEmpty = Self(rawValue: 1 << 3)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Works out the effect of a statement's text.
    init(of text: String) {
        let words = Self.leadingWords(of: text)
        let first = words.first ?? ""
        self = []
        if first.isEmpty { insert(.isEmpty) }
        if Self.schemaStatements.contains(first) { insert(.changesSchema) }
        if Self.transactionControl.contains(first) || (first == "START" && words.dropFirst().first != "SLAVE") {
            insert(.controlsTransaction)
        }
        let isHarmless =
            Self.rowStatements.contains(first)
            || (Self.schemaStatements.contains(first) && !words.contains { $0.hasPrefix("TEMP") })
        if !isHarmless || Self.mentionsSessionFunction(text) {
            insert(.touchesSession)
        }
    }

    private static let transactionControl: Set<String> = [
        "BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE",
    ]
    private static let rowStatements: Set<String> = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "EXPLAIN", "ANALYZE", "MERGE",
        "TRUNCATE", "SHOW", "DESCRIBE",
    ]
    private static let schemaStatements: Set<String> = ["CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT"]

    /// Functions and clauses that reach the session from inside a statement on rows. Those of a function that somebody
    /// defined on the server can't be seen.
    private static let sessionWords: Set<String> = [
        "SET_CONFIG", "GET_LOCK", "TEMP", "TEMPORARY", "LOAD_EXTENSION", "DBLINK_CONNECT",
    ]

    private static func mentionsSessionFunction(_ text: String) -> Bool {
        // MariaDB's user variables.
        if zip(text.utf8, text.utf8.dropFirst()).contains(where: isVariable) { return true }
        let words = text.uppercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.contains { sessionWords.contains(String($0)) || $0.contains("ADVISORY") }
    }

    /// `@name` and `@@name`, and not operators such as `@>`.
    private static func isVariable(_ first: UInt8, _ second: UInt8) -> Bool {
        first == UInt8(ascii: "@")
            && (second == first || second == UInt8(ascii: "_") || (0x41...0x5A).contains(second & 0xDF))
    }

    /// The first words in capitals, comments and opening parentheses skipped.
    private static func leadingWords(of text: String) -> [String] {
        var words: [String] = []
        var rest = text.utf8[...]
        while words.count < 4 {
            rest = rest.drop {
                $0 == 0x20 || (9...13).contains($0) || $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ";")
            }
            if rest.starts(with: "--".utf8) || rest.starts(with: "#".utf8) {
                rest = rest.drop { $0 != 0x0A }
            } else if rest.starts(with: "/*".utf8) {
                guard let end = rest.firstRange(of: "*/".utf8) else { return words }
                rest = rest[end.upperBound...]
            } else {
                let word = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) || $0 == UInt8(ascii: "_") }
                guard !word.isEmpty else { return words }
                words.append(String(decoding: word, as: UTF8.self).uppercased())
                rest = rest[word.endIndex...]
            }
        }
        return words
    }
}

extension Collection where Element == UInt8 {
    fileprivate func firstRange(of subsequence: some Collection<UInt8>) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].starts(with: subsequence) {
                return start..<index(start, offsetBy: subsequence.count)
            }
            formIndex(after: &start)
        }
        return nil
    }
}
