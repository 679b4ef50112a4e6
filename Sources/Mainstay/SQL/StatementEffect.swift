// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a statement's text says that it may do to the session, beyond reading and writing rows.
///
/// It is worked out once, when a statement is prepared, and errs on the safe side: what is not known to be harmless is
/// taken to touch the session, which costs a reset when the connection is returned. What the text hides the server tells
/// afterwards, ``Connection/takeTrace()``.
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
    /// On a database whose DDL is not part of the transaction, it may commit, whether it succeeds or not.
    static let mayCommit = Self(rawValue: 1 << 4)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Works out the effect of a statement's text: all that it would do on one database or another.
    init(of text: String) {
        let readings = SQLReading.all(of: text).map { StatementWords(text, $0) }
        self = readings.map { Self($0) }.reduce([]) { $0.union($1) }
        if !readings.allSatisfy(\.isEmpty) { remove(.isEmpty) }
        // Which of several such comments the server executes depends on its version.
        if readings.contains(where: \.beginsWithVersionComment) { formUnion([.touchesSession, .mayCommit]) }
        if Self.mentionsSession(text) { insert(.touchesSession) }
    }

    private init(_ words: StatementWords) {
        guard !words.isEmpty else {
            self = .isEmpty
            return
        }
        self = []
        let first = words.leading.first ?? ""
        if words.controlsTransaction { insert(.controlsTransaction) }
        let isTemporary = words.leading.contains { $0 == "TEMP" || $0 == "TEMPORARY" }
        if Self.schemaStatements.contains(first) {
            insert(.changesSchema)
            if isTemporary { insert(.touchesSession) }
        } else if !Self.rowStatements.contains(first) {
            insert(.touchesSession)
        }
        if !Self.isNeverCommitting(words) { insert(.mayCommit) }
    }

    /// Whether a statement is one that commits on no database.
    static func isNeverCommitting(_ words: StatementWords) -> Bool {
        words.leading.first.map(neverCommitting.contains) ?? false
    }

    private static let rowStatements: Set<String> = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "EXPLAIN", "ANALYZE", "MERGE",
        "TRUNCATE", "SHOW", "DESCRIBE",
    ]
    private static let schemaStatements: Set<String> = ["CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT"]
    private static let neverCommitting: Set<String> = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "EXPLAIN", "MERGE", "SHOW",
        "DESCRIBE", "DO",
    ]

    /// Words that reach the session from inside a statement on rows. What a function does that somebody defined on the
    /// server can't be seen.
    private static let sessionWords: Set<String> = [
        "SET_CONFIG", "SETSEED", "PG_SETTINGS", "PG_TEMP", "GET_LOCK", "TEMP", "TEMPORARY", "LOAD_EXTENSION",
        "DBLINK_CONNECT",
    ]

    private static func mentionsSession(_ text: String) -> Bool {
        let words = text.uppercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.contains { word in
            sessionWords.contains(String(word))
                || word.hasPrefix("PG_") && (word.contains("ADVISORY") || word.contains("_SESSION"))
        } || mentionsVariable(text.utf8)
    }

    /// Whether there is one of MariaDB's variables, `@name`, `@1`, `@'name'` or `@@name`, and not only operators such as `@>` and `@@`.
    private static func mentionsVariable(_ text: String.UTF8View) -> Bool {
        zip(text, text.dropFirst()).contains { first, second in
            first == UInt8(ascii: "@")
                && (second >= 0x80 || (0x41...0x5A).contains(second & 0xDF) || variableStarts.contains(second))
        }
    }

    private static let variableStarts = Set("0123456789_.$'\"`".utf8)
}
