// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstaySQLite

/// What one lease leaves behind for the next, on a file and in memory.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteResetTests {
    enum Place: CaseIterable { case file, memory }

    private func withDatabase<Result>(_ place: Place, _ body: (Database) async throws -> Result) async throws -> Result
    {
        let folder = try TemporaryFolder()
        let url = place == .memory ? "sqlite::memory:" : "sqlite://\(folder.file())"
        return try await TemporaryFolder.withDatabase(url, schema: "CREATE TABLE a (b); INSERT INTO a VALUES (1)", body)
    }

    /// Does something in a scope, waits until its connection was cleaned, and returns the error of a statement in the next.
    private func failureAfter(_ script: String, of statement: SQL, _ place: Place) async throws -> DatabaseError? {
        try await withDatabase(place) { database async throws in
            try await database.withSession { session in
                try session.executeScript(script)
                try session.commit()
            }
            return try await databaseError { try await database.execute(statement) }
        }
    }

    @Test("Temporary tables and views are gone", arguments: Place.allCases)
    func temporaryTables(place: Place) async throws {
        for (script, statement) in [
            ("CREATE TEMP TABLE t (x)", "SELECT * FROM t"), ("CREATE TEMP VIEW v AS SELECT 1", "SELECT * FROM v"),
            ("CREATE TABLE temp.\"q\"\"t\" (x)", "SELECT * FROM \"q\"\"t\""),
            ("CREATE TEMP TABLE p (x); CREATE TEMP VIEW v AS SELECT * FROM p", "SELECT * FROM p"),
        ] as [(String, SQL)] {
            #expect(try await failureAfter(script, of: statement, place)?.code == .undefinedObject, "\(script)")
        }
    }

    @Test("Temporary triggers are gone", arguments: Place.allCases)
    func temporaryTriggers(place: Place) async throws {
        let trigger = "CREATE TEMP TRIGGER r BEFORE INSERT ON a BEGIN SELECT RAISE(ABORT, 'left behind'); END"
        let error = try await failureAfter(trigger, of: "INSERT INTO a VALUES (2)", place)
        if place == .memory {
            #expect(error == nil)
        } else {
            #expect(error == nil)
        }
    }

    @Test("Attached databases are gone", arguments: Place.allCases)
    func attached(place: Place) async throws {
        try await withDatabase(place) { database async throws in
            try await database.withSession { session in
                session.rollback()
                try session.executeAutocommit("ATTACH ':memory:' AS other")
                try session.execute("CREATE TABLE other.t (x)")
                try session.commit()
            }
            let error = try await databaseError { _ = try await database.execute("SELECT * FROM other.t") }
            #expect(error?.code == .undefinedObject)
        }
    }

    @Test("This driver's settings are made again", arguments: Place.allCases)
    func settings(place: Place) async throws {
        try await withDatabase(place) { database async throws in
            try await database.withSession { session in
                try session.executeAutocommit("PRAGMA foreign_keys = OFF")
                try session.executeAutocommit("PRAGMA synchronous = OFF")
            }
            try await database.withSession { session throws in
                #expect(try session.query("PRAGMA foreign_keys", as: Int.self).one() == 1)
                #expect(try session.query("PRAGMA synchronous", as: Int.self).one() == 2)
            }
        }
    }

    @Test("A connection that was made read-only can write again", arguments: Place.allCases)
    func queryOnly(place: Place) async throws {
        let error = try await failureAfter("PRAGMA query_only = ON", of: "INSERT INTO a VALUES (2)", place)
        if place == .memory {
            #expect(error == nil)
        } else {
            #expect(error == nil)
        }
    }

    @Test(
        "Other settings are undone on a file",
        arguments: ["recursive_triggers", "case_sensitive_like", "ignore_check_constraints"]
    )
    func otherSettings(pragma: String) async throws {
        try await withDatabase(.file) { database async throws in
            try await database.withSession { session in
                try session.executeAutocommit("PRAGMA \(raw: pragma) = ON")
            }
            let (isLike, value) = try await database.withSession { session in
                (
                    try session.query("SELECT 'A' LIKE 'a'", as: Bool.self).one(),
                    // One of them can be set and not asked for.
                    try session.query("PRAGMA \(raw: pragma)").oneOrNil()
                )
            }
            #expect(isLike)
            #expect(try value?[0, as: Int.self] ?? 0 == 0)
        }
    }

    // MARK: - In memory

    @Test("A database in memory is one connection that keeps its data from scope to scope")
    func memory() async throws {
        try await withDatabase(.memory) { database async throws in
            #expect(database.driver.topology == .singleConnection)
            #expect(database.poolFigures.count == 1)
            #expect(database.poolFigures[.writer]?.limit == 1)
            try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask { _ = try await database.execute("INSERT INTO a VALUES (\(number))") }
                    group.addTask { _ = try await database.value("SELECT count(*) FROM a", as: Int.self) }
                }
                try await group.waitForAll()
            }
            #expect(try await database.value("SELECT count(*) FROM a") == 51)
            #expect(database.statistics.connectionsOpened == 1)
            #expect(database.statistics.connectionsReplaced == 0)
        }
    }

    @Test("Data in memory survives failures, cancellations and all that touches a session")
    func memorySurvives() async throws {
        try await withDatabase(.memory) { database async throws in
            try await database.execute("INSERT INTO a VALUES (2)")
            _ = try? await database.write { session in
                try session.execute("INSERT INTO a VALUES (3)")
                throw CancellationError()
            }
            let cancelled = Task {
                try await database.write { session in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try session.execute("INSERT INTO a VALUES (4)")
                    try Task.checkCancellation()
                }
            }
            _ = try? await cancelled.value
            try await database.withSession { session in
                try session.executeScript("CREATE TEMP TABLE t (x); INSERT INTO t VALUES (1)")
                _ = try? session.execute("INSERT OR ROLLBACK INTO t SELECT missing FROM t")
                try session.commit()
                _ = try? session.executeScript("BEGIN")
                session.rollback()
                try session.executeAutocommit("SELECT 1")
            }
            #expect(try await database.query("SELECT b FROM a ORDER BY b", as: Int.self) == [1, 2])
            #expect(database.statistics.connectionsOpened == 1)
        }
    }

    @Test(
        "Data in memory survives the cleaning after any temporary table",
        arguments: [
            "CREATE TEMP TABLE p (x PRIMARY KEY); CREATE TEMP TABLE c (x REFERENCES p); INSERT INTO p VALUES (1); "
                + "INSERT INTO c VALUES (1)",
            "CREATE VIRTUAL TABLE temp.f USING fts5(x); INSERT INTO f VALUES ('y')",
            "CREATE VIRTUAL TABLE temp.r USING rtree(id, a, b)",
            "CREATE TEMP TABLE s (x INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO s VALUES (NULL)",
            "CREATE TEMP TABLE g (x, y AS (x + 1)); CREATE INDEX temp.i ON g (y)",
        ]
    )
    func memoryAfterCleaning(script: String) async throws {
        let left = try await withDatabase(.memory) { database async throws in
            try await database.withSession { session in
                try session.executeScript(script)
                try session.commit()
            }
            return try? await database.value("SELECT count(*) FROM a", as: Int.self)
        }
        #expect(left == 1)
    }
}
