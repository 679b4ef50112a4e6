// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite
import Testing

/// What SQLite makes of statements, and what their completions say.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteStatementTests {
    private static let schema = "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT UNIQUE)"

    private func withSession<Result: Sendable>(_ body: @Sendable (isolated Session) throws -> Result) async throws
        -> Result
    {
        try await TemporaryFolder.withDatabase("sqlite::memory:", schema: Self.schema) { database async throws in
            try await database.withSession { session in try body(session) }
        }
    }

    // MARK: - One statement

    @Test(
        "A text with several statements is refused, and none of them is executed",
        arguments: [
            "INSERT INTO a VALUES (1, 'x'); INSERT INTO a VALUES (2, 'y')", "INSERT INTO a VALUES (1, 'x'); garbage",
            "INSERT INTO a VALUES (1, 'x');;\n-- a\n;SELECT 1", "INSERT INTO a VALUES (1, 'x'); /* a */ DROP TABLE a",
        ]
    )
    func several(text: String) async throws {
        try await withSession { session throws in
            let error = #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: text)) }
            #expect(error?.code == .syntaxError)
            #expect(try session.query("SELECT count(*) FROM a", as: Int.self).one() == 0)
        }
    }

    @Test(
        "What follows a statement may be a semicolon, blanks and comments",
        arguments: [
            "SELECT 1;", "SELECT 1 ; \n\t", "SELECT 1 -- a", "SELECT 1; -- a\n/* b */", "SELECT 1;;;", "SELECT 1 /* a",
        ]
    )
    func trailing(text: String) async throws {
        try await withSession { session throws in
            #expect(try session.query(SQL(raw: text), as: Int.self).one() == 1)
        }
    }

    @Test("A text without a statement is an error", arguments: ["", "  ", ";", "-- a", "/* a */"])
    func none(text: String) async throws {
        try await withSession { session throws in
            let error = #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: text)) }
            #expect(error?.code == .syntaxError)
        }
    }

    @Test(
        "A statement is not cut off at U+0000",
        arguments: ["DELETE FROM a\0 WHERE id = 1", "DELETE FROM a;\0 DROP TABLE a"]
    )
    func zero(text: String) async throws {
        try await withSession { session throws in
            try session.execute("INSERT INTO a VALUES (1, 'x'), (2, 'y')")
            var code: DatabaseError.Code?
            do throws(DatabaseError) {
                try session.execute(SQL(raw: text))
            } catch {
                code = error.code
            }
            let left = try session.query("SELECT count(*) FROM a", as: Int.self).one()
            #expect(code == .syntaxError)
            #expect(left == 2)
            #expect(throws: DatabaseError.self) { try session.executeScript(text) }
        }
    }

    @Test(
        "Placeholders that are not interpolated are counted",
        arguments: ["SELECT ?", "SELECT ?1", "SELECT :a", "SELECT ?, ?", "SELECT ?2", "SELECT $a", "SELECT @a"]
    )
    func placeholders(text: String) async throws {
        try await withSession { session throws in
            let error = #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: text)) }
            #expect(error?.code == .parameterCount)
        }
    }

    @Test(
        "What is wrong with a statement is told by a code",
        arguments: [
            ("SELEC 1", DatabaseError.Code.syntaxError), ("SELECT (", .syntaxError),
            ("SELECT * FROM missing", .undefinedObject),
            ("SELECT missing FROM a", .undefinedObject), ("SELECT missing(1)", .undefinedObject),
            ("INSERT INTO a (missing) VALUES (1)", .undefinedObject), ("CREATE TABLE a (b)", .duplicateObject),
            ("ALTER TABLE a ADD COLUMN b", .duplicateObject), ("SELECT \"missing\" FROM a", .undefinedObject),
            ("INSERT INTO a VALUES ('x', 'y')", .invalidValue),
        ]
    )
    func codes(text: String, code: DatabaseError.Code) async throws {
        try await withSession { session throws in
            let error = #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: text)) }
            #expect(error?.code == code, "\(error?.description ?? "")")
            #expect(error?.statement == text)
        }
    }

    @Test("Libraries can't be loaded")
    func extensions() async throws {
        try await withSession { session throws in
            let error = #expect(throws: DatabaseError.self) { try session.execute("SELECT load_extension('x')") }
            #expect(error?.message == "not authorized")
        }
    }

    @Test(
        "A violated constraint is told by its kind and name",
        arguments: [
            ("INSERT INTO c (id) VALUES (1)", DatabaseError.Code.uniqueViolation, "c.id"),
            ("INSERT INTO c (u) VALUES ('u')", .uniqueViolation, "c.u"),
            ("INSERT INTO c (n) VALUES (NULL)", .notNullViolation, "c.n"),
            ("INSERT INTO c (k) VALUES (-1)", .checkViolation, "positive"),
            ("INSERT INTO c (f) VALUES (9)", .foreignKeyViolation, nil),
        ] as [(String, DatabaseError.Code, String?)]
    )
    func constraints(text: String, code: DatabaseError.Code, name: String?) async throws {
        try await withSession { session throws in
            try session.executeScript(
                """
                CREATE TABLE c (
                    id INTEGER PRIMARY KEY, u TEXT UNIQUE, n TEXT NOT NULL DEFAULT '', f INTEGER REFERENCES c (id),
                    k INTEGER CONSTRAINT positive CHECK (k > 0)
                );
                INSERT INTO c (id, u) VALUES (1, 'u');
                """
            )
            let error = #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: text)) }
            #expect(error?.code == code)
            #expect(error?.constraint == name)
        }
    }

    // MARK: - Generated keys

    @Test("The key is that of this statement, and nil where it generated none")
    func generatedKeys() async throws {
        try await withSession { session throws in
            #expect(try session.execute("INSERT INTO a (b) VALUES ('x')").generatedKey == 1)
            #expect(try session.execute("INSERT INTO a (b) VALUES ('y'), ('z')").generatedKey == 3)
            #expect(try session.execute("UPDATE a SET b = b || '!'").generatedKey == nil)
            #expect(try session.execute("DELETE FROM a WHERE id = 3").generatedKey == nil)
            let upsert: SQL = "INSERT INTO a (b) VALUES ('x!') ON CONFLICT (b) DO UPDATE SET b = 'w'"
            #expect(try session.execute(upsert).generatedKey == nil)
            #expect(try session.execute(upsert).generatedKey == 3)
            #expect(try session.execute("INSERT OR IGNORE INTO a (b) VALUES ('w')") == Completion(affectedRows: 0))
            #expect(try session.execute("INSERT INTO a VALUES (-5, 'negative')").generatedKey == -5)
            #expect(try session.execute("CREATE TABLE d (e)").generatedKey == nil)
            #expect(try session.execute("SELECT 1").generatedKey == nil)
            #expect(try session.execute("INSERT INTO a (id, b) VALUES (100, 'r') RETURNING id").generatedKey == 100)
        }
    }

    @Test("A failed statement generates no key, and the one before it stays")
    func keyAfterFailure() async throws {
        try await withSession { session throws in
            try session.execute("INSERT INTO a (b) VALUES ('x')")
            #expect(throws: DatabaseError.self) { try session.execute("INSERT INTO a (b) VALUES ('x')") }
            #expect(try session.query("SELECT last_insert_rowid()", as: Int.self).one() == 1)
        }
    }

    @Test("last_insert_rowid() works in SQL")
    func lastInsertRowID() async throws {
        try await withSession { session throws in
            try session.execute("INSERT INTO a VALUES (7, 'x')")
            #expect(try session.query("SELECT last_insert_rowid()", as: Int.self).one() == 7)
            try session.execute("CREATE TABLE links (a INTEGER, b TEXT)")
            try session.execute("UPDATE a SET b = 'y'")
            let insert: SQL = "INSERT INTO links VALUES (last_insert_rowid(), 'l')"
            #expect(try session.execute(insert).generatedKey == 1)
            #expect(try session.query("SELECT a FROM links", as: Int.self).one() == 7)
            #expect(try session.execute("UPDATE links SET a = last_insert_rowid()").generatedKey == nil)
        }
    }

    @Test("A key in a trigger is not the statement's")
    func keyInTrigger() async throws {
        try await withSession { session throws in
            try session.executeScript(
                """
                CREATE TABLE log (id INTEGER PRIMARY KEY, b);
                INSERT INTO log VALUES (500, '');
                CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log (b) VALUES (NEW.b); END;
                CREATE TRIGGER u AFTER UPDATE ON a BEGIN INSERT INTO log (b) VALUES (NEW.b); END;
                """
            )
            #expect(
                try session.execute("INSERT INTO a (b) VALUES ('x')") == Completion(affectedRows: 1, generatedKey: 1)
            )
            #expect(try session.execute("UPDATE a SET b = 'y'") == Completion(affectedRows: 1))
        }
    }

    // MARK: - Affected rows

    @Test("Rows are counted where they are changed, and not after other statements")
    func affectedRows() async throws {
        try await withSession { session throws in
            #expect(try session.execute("INSERT INTO a (b) VALUES ('x'), ('y'), ('z')").affectedRows == 3)
            #expect(try session.execute("CREATE TABLE d (e)").affectedRows == 0)
            #expect(try session.execute("CREATE INDEX i ON a (b)").affectedRows == 0)
            #expect(try session.execute("ALTER TABLE d ADD COLUMN f").affectedRows == 0)
            #expect(try session.execute("ALTER TABLE d RENAME TO g").affectedRows == 0)
            #expect(try session.execute("SELECT * FROM a").affectedRows == 0)
            #expect(try session.execute("UPDATE a SET b = b").affectedRows == 3)
            #expect(try session.execute("UPDATE a SET b = 'n' WHERE id = 99").affectedRows == 0)
            #expect(try session.execute("DROP TABLE g").affectedRows == 0)
            #expect(try session.execute("PRAGMA user_version = 3").affectedRows == 0)
            #expect(try session.execute("DELETE FROM a WHERE id > 1 RETURNING id").affectedRows == 2)
            #expect(try session.execute("DROP TABLE a").affectedRows == 0)
        }
    }

    @Test("A batch counts all its rows and has the last key")
    func batch() async throws {
        try await withSession { session throws in
            let completion = try session.execute(each: ["x", "y", "z"]) { "INSERT INTO a (b) VALUES (\($0))" }
            #expect(completion == Completion(affectedRows: 3, generatedKey: 3))
        }
    }

    @Test("A result that is left early writes what it was to write, and the connection goes on")
    func leavingReturning() async throws {
        try await withSession { session throws in
            let rows = try session.query("INSERT INTO a (b) VALUES ('x'), ('y') RETURNING id", as: Int.self).rows()
            #expect(try rows.next() == 1)
            rows.discard()
            #expect(try session.query("SELECT count(*) FROM a", as: Int.self).one() == 2)
        }
    }
}
