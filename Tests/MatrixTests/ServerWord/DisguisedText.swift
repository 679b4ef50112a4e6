// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Makes statements and scripts that begin and end transactions and change the session, openly and in disguise, and nonsense that looks
/// like them.
struct DisguisedText {
    private let fragments: [String]
    private var random: SplitMix

    init(for database: String, seed: UInt64) {
        fragments = Self.common + (Self.own[database] ?? [])
        random = SplitMix(state: seed)
    }

    /// One statement.
    mutating func statement() -> String {
        var text = fragments.randomElement(using: &random) ?? ""
        if chance(2) { text = disguises(text) }
        if chance(4) { text = mutated(text) }
        return text
    }

    /// Several statements.
    mutating func script() -> String {
        let count = Int.random(in: 1...4, using: &random)
        var text = ""
        for _ in 0..<count { text += statement() + (Self.separators.randomElement(using: &random) ?? ";") }
        return chance(6) ? mutated(text) : text
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func disguises(_ text: String) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: "/*! SELECT */ \(text)"
        case 1: "/*!999999 SELECT */ \(text)"
        case 2: "/*!40000 \(text) */"
        case 3: "/*!999999 SELECT */ /*!40000 \(text) */"
        case 4: "/* /* */ SELECT */ \(text)"
        case 5: "/* /* */ \(text) -- */"
        case 6: "-- SELECT\n\(text)"
        case 7: "# SELECT\n\(text)"
        case 8: ";; \(text)"
        case 9: "\u{FEFF}\(text)"
        case 10: text.replacing(" ", with: "/**/")
        default: chance(2) ? text.lowercased() : "SELECT '\\'; \(text); '"
        }
    }

    private mutating func mutated(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return text }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(bytes[place], at: place)
        case 2: bytes.insert(Self.insertions.randomElement(using: &random) ?? 0x20, at: place)
        default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let insertions = Array(";'\"`*/-#$ (\\@!".utf8)
    private static let separators = [";", "; ", ";\n", " ;-- a\n"]

    private static let common = [
        "COMMIT", "END", "BEGIN", "ROLLBACK", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "SAVEPOINT s",
        "ROLLBACK TO SAVEPOINT s",
        "RELEASE SAVEPOINT s", "INSERT INTO noise VALUES (1)", "SELECT 1", "SELECT 'COMMIT'",
        "UPDATE noise SET a = a + 1",
        "CREATE TEMPORARY TABLE left_behind (a int)", "DELETE FROM noise", "SELECT CASE WHEN 1 = 1 THEN 2 END",
        "START TRANSACTION",
        "CREATE TABLE IF NOT EXISTS made (a int)", "DROP TABLE IF EXISTS made",
    ]

    private static let own: [String: [String]] = [
        "PostgreSQL": [
            "SET work_mem = '1MB'", "SET LOCAL work_mem = '1MB'", "ABORT", "PREPARE p AS SELECT 1", "LISTEN noise",
            "DEALLOCATE ALL",
            "SELECT pg_advisory_lock(4711)", "SELECT set_config('work_mem', '1MB', false)",
            "DO $$ BEGIN PERFORM 1; END $$",
            "DO $$ BEGIN SET work_mem = '1MB'; END $$", "CALL committing()", "CALL setting()",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
            "START TRANSACTION READ ONLY", "CREATE TABLE pg_temp.left_behind (a int)", "SELECT 1 INTO TEMP left_behind",
            "PREPARE TRANSACTION 'never'", "DISCARD ALL", "SET TRANSACTION READ ONLY", "RESET ALL",
        ],
        "MariaDB": [
            "SET @x = 1", "SELECT @x := 1", "SELECT @1 := 5", "SELECT 1 INTO @x", "SET sql_mode = ''",
            "SET max_statement_time = 9",
            "SELECT GET_LOCK('noise', 0)", "EXECUTE IMMEDIATE 'COMMIT AND CHAIN'", "EXECUTE IMMEDIATE 'COMMIT'",
            "CALL committing()",
            "CALL chaining()", "CALL setting()", "SELECT setting_too()", "TRUNCATE noise", "PREPARE p FROM 'SELECT 1'",
            "ANALYZE TABLE noise",
            "LOCK TABLES noise WRITE", "UNLOCK TABLES", "BEGIN NOT ATOMIC COMMIT; START TRANSACTION; END",
            "SET autocommit = 0",
            "SET STATEMENT max_statement_time = 9 FOR COMMIT AND CHAIN", "START TRANSACTION READ ONLY",
            "SET autocommit = 1", "DO 1",
        ],
        "SQLite": [
            "PRAGMA cache_size = 77", "PRAGMA foreign_keys = OFF", "ATTACH ':memory:' AS other", "BEGIN IMMEDIATE",
            "END TRANSACTION",
            "CREATE TABLE temp.left_behind (a)", "CREATE TEMP TABLE left_behind AS SELECT 1", "PRAGMA query_only = ON",
            "CREATE TEMP VIEW left_behind AS SELECT 1", "RELEASE s", "INSERT OR ROLLBACK INTO noise VALUES (NULL)",
            "DETACH other",
            "EXPLAIN COMMIT", "CREATE TRIGGER IF NOT EXISTS t AFTER DELETE ON noise BEGIN SELECT 1; END",
        ],
    ]
}

/// A small generator of random numbers that gives the same ones for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
