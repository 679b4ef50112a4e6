// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a text, of one statement or of several, wants of the session, beyond its transaction.
///
/// It is judged by the text, before that is sent. What a function, CALL or DO does inside can't be seen, and is left to who
/// wrote it.
struct SessionDemand: Equatable {
    /// What outlives the transaction, in words; nil if nothing does.
    private(set) var lasting: String?
    /// The first word of a statement that PostgreSQL does not have as of version 18; nil if there is none.
    private(set) var unknown: String?
    /// True if it may change in which schemas names are looked up.
    private(set) var changesPath = false
    // Whether it looks at tables, in whichever schemas they are.
    private var readsTables = false

    /// True if it changes the path and is the same under any.
    var isOfNoTable: Bool { changesPath && !readsTables }

    init(of text: String) {
        var statement: [Word] = []
        for token in StatementScanner(text) {
            if case .mark(UInt8(ascii: ";")) = token {
                judge(statement)
                statement = []
            } else {
                statement.append(Word(token))
            }
        }
        judge(statement)
    }

    /// Whether one statement may change the path: a quick look, for all those that don't.
    static func mayChangePath(_ text: String) -> Bool {
        var isFirst = true
        for token in StatementScanner(text) {
            guard let name = Word.name(token) else { continue }
            if isFirst, name.lowercased() == "set" || name.lowercased() == "reset" { return true }
            isFirst = false
            if name.utf8.count == 10, name.lowercased() == "set_config" { return true }
        }
        return false
    }

    /// A token, with its text in capitals.
    fileprivate enum Word: Equatable {
        case word(String)
        case quotedName(String)
        case literal(String)
        case placeholder
        case mark(UInt8)

        static func name(_ token: StatementScanner.Token) -> Substring? {
            switch token {
            case .word(let text), .quotedName(let text): Substring(text)
            default: nil
            }
        }

        init(_ token: StatementScanner.Token) {
            switch token {
            case .word(let text): self = .word(String(Substring(text)).uppercased())
            case .quotedName(let text): self = .quotedName(String(Substring(text)).uppercased())
            // Long ones are no names of settings.
            case .literal(let text): self = .literal(String(Substring(text.prefix(64))).uppercased())
            case .placeholder: self = .placeholder
            case .mark(let mark): self = .mark(mark)
            }
        }

        /// What a function may be called by.
        var name: String? {
            switch self {
            case .word(let text), .quotedName(let text): text
            default: nil
            }
        }
    }
}

// MARK: - One statement

extension SessionDemand {
    private mutating func judge(_ statement: [Word]) {
        let statement = statement.drop { $0 == .mark(UInt8(ascii: "(")) }
        guard !statement.isEmpty else { return }
        let words = statement.prefix(5).map { if case .word(let word) = $0 { word } else { "" } }
        switch words[0] {
        case "SET", "RESET":
            let scope = words.dropFirst().first ?? ""
            if !Self.transactionScopes.contains(scope) { lasts("\(words[0]) without LOCAL") }
            if !["CONSTRAINTS", "TRANSACTION"].contains(scope) { judgeSetting(statement.dropFirst()) }
        case "CREATE":
            let kind = words.dropFirst().first { !Self.adjectives.contains($0) } ?? ""
            if Self.temporary.contains(kind), !statement.contains("ON", "COMMIT", "DROP") { lasts("a temporary table") }
        case "DECLARE": if statement.contains("WITH", "HOLD") { lasts("a cursor WITH HOLD") }
        case "PREPARE": if words.dropFirst().first != "TRANSACTION" { lasts("PREPARE") }
        case _ where Self.transactional.contains(words[0]): break
        case _ where Self.sessionStatements.contains(words[0]): lasts(words[0])
        default: unknown = unknown ?? (words[0].isEmpty ? "what begins with no word" : words[0])
        }
        for index in statement.indices { judgeName(at: index, in: statement) }
    }

    /// Looks at a name for what reaches the session from inside a statement on rows.
    private mutating func judgeName(at index: Int, in statement: ArraySlice<Word>) {
        guard let name = statement[index].name else { return }
        switch name {
        case "FROM": readsTables = true
        case "SET_CONFIG": judgeCall(statement[(index + 1)...])
        case "SETSEED", "PG_TEMP": lasts(name.lowercased())
        case "PG_SETTINGS": if statement.contains("UPDATE") { lasts("UPDATE pg_settings") }
        case "TEMP", "TEMPORARY":
            // SELECT … INTO TEMP t; not INSERT INTO temp, nor a column of that name.
            guard index - 2 >= statement.startIndex, statement[index - 1] == .word("INTO") else { return }
            if statement[index - 2] != .word("INSERT"), statement[index - 2] != .word("MERGE") {
                lasts("a temporary table")
            }
        case _ where name.hasPrefix("DBLINK_CONNECT"): lasts(name.lowercased())
        case _ where name.hasPrefix("PG_") && name.contains("ADVISORY"):
            if !name.contains("_XACT") { lasts("\(name.lowercased()): an advisory lock of the session") }
        default: break
        }
    }

    /// Looks at the name of what is set.
    private mutating func judgeSetting(_ words: ArraySlice<Word>) {
        var name = words.first
        if name == .word("LOCAL") || name == .word("SESSION") { name = words.dropFirst().first }
        // A quoted name is compared like any other; what is none at all may be anything.
        if Self.pathSettings.contains(name?.name ?? "ALL") { changesPath = true }
    }

    /// Looks at the arguments of set_config: its name, a value, and whether it is for the transaction only.
    private mutating func judgeCall(_ words: ArraySlice<Word>) {
        var depth = 0
        var last: Word?
        for word in words {
            if word == .mark(UInt8(ascii: "(")) { depth += 1 }
            if word == .mark(UInt8(ascii: ")")) { depth -= 1 }
            guard depth > 0 else { break }
            last = word
        }
        if last != .word("TRUE") { lasts("set_config without a plain true as its last argument") }
        // Only a name that is nothing but a literal is known.
        if case .literal(let name) = words.dropFirst().first, words.dropFirst(2).first == .mark(UInt8(ascii: ",")),
            !Self.pathSettings.contains(name)
        {
            return
        }
        changesPath = true
    }

    private mutating func lasts(_ what: String) {
        lasting = lasting ?? what
    }

    private static let transactionScopes: Set<String> = ["LOCAL", "CONSTRAINTS", "TRANSACTION"]
    /// Words between CREATE and what says whether it is temporary.
    private static let adjectives: Set<String> = ["OR", "REPLACE", "LOCAL", "GLOBAL"]
    private static let temporary: Set<String> = ["TEMP", "TEMPORARY"]
    /// What decides in which schemas names are looked up: `$user` in a search path is the role. U begins a name in
    /// numbers, U&"…", which may be any.
    private static let pathSettings: Set<String> = ["SEARCH_PATH", "SCHEMA", "ROLE", "AUTHORIZATION", "ALL", "U"]
    private static let sessionStatements: Set<String> = [
        "DISCARD", "LISTEN", "UNLISTEN", "EXECUTE", "DEALLOCATE", "LOAD",
    ]
    /// Statements that leave nothing in the session, whatever they do to the database.
    private static let transactional: Set<String> = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE", "EXPLAIN", "SHOW", "COPY", "CALL",
        "DO",
        "ALTER", "DROP", "TRUNCATE", "GRANT", "REVOKE", "COMMENT", "SECURITY", "REASSIGN", "IMPORT", "REFRESH",
        "ANALYZE", "ANALYSE", "VACUUM", "CLUSTER", "REINDEX", "CHECKPOINT", "LOCK", "NOTIFY", "FETCH", "MOVE", "CLOSE",
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE",
    ]
}

extension ArraySlice {
    /// Whether these keywords stand there one after the other.
    fileprivate func contains(_ words: String...) -> Bool where Element == SessionDemand.Word {
        indices.contains { start in
            words.indices.allSatisfy { start + $0 < endIndex && self[start + $0] == .word(words[$0]) }
        }
    }
}
