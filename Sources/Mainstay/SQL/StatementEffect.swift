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
    /// On a database whose DDL is not part of the transaction, it may commit, whether it succeeds or not.
    static let mayCommit = Self(rawValue: 1 << 4)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Works out the effect of a statement's text.
    init(of text: String) {
        // PostgreSQL's comments nest and others' do not: it counts what the text says in either reading.
        let flat = Self(StatementWords(text, nestsComments: false))
        let nested = Self(StatementWords(text, nestsComments: true))
        self = flat.union(nested)
        if flat.isDisjoint(with: .isEmpty) || nested.isDisjoint(with: .isEmpty) { remove(.isEmpty) }
        if Self.mentionsSession(text) { insert(.touchesSession) }
    }

    private init(_ words: StatementWords) {
        guard !words.isEmpty else {
            self = .isEmpty
            return
        }
        self = []
        let first = words.leading.first ?? ""
        let second = words.leading.dropFirst().first
        if Self.transactionControl.contains(first) || Self.transactionVerbs.contains(first) && second == "TRANSACTION" {
            insert(.controlsTransaction)
        }
        let isTemporary = words.leading.contains { $0 == "TEMP" || $0 == "TEMPORARY" }
        if Self.schemaStatements.contains(first) {
            insert(.changesSchema)
            if isTemporary { insert(.touchesSession) }
        } else if !Self.rowStatements.contains(first) {
            insert(.touchesSession)
        }
        if !Self.neverCommitting.contains(first) { insert(.mayCommit) }
    }

    private static let transactionControl: Set<String> = [
        "BEGIN", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT", "RELEASE",
    ]
    private static let transactionVerbs: Set<String> = ["START", "PREPARE"]
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

    /// Whether there is one of MariaDB's variables, `@name` or `@@name`, and not only operators such as `@>` and `@@`.
    private static func mentionsVariable(_ text: String.UTF8View) -> Bool {
        zip(text, text.dropFirst()).contains { first, second in
            first == UInt8(ascii: "@") && (second == UInt8(ascii: "_") || (0x41...0x5A).contains(second & 0xDF))
        }
    }
}
