// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import Mainstay

/// What a session believes of its transaction and of what was left in its connection, held against what a second connection sees.
@Suite struct ServerWordTests {
    /// What a scope throws when it has done what it was to do.
    private struct Done: Error {}

    private static let seeds = ProcessInfo.processInfo.environment["MAINSTAY_FAULTS"] == "long" ? 40 : 4
    private static let textsPerSeed = 60

    /// A session executes a text that may do anything. Whatever it was committed by, the session must know; what it does afterwards
    /// must be in a transaction; and nothing of it may reach the next lease.
    @Test(.timeLimit(.minutes(10)), arguments: DatabaseRun.all, 0..<seeds)
    func `no text hides from a session what became of its transaction`(_ run: DatabaseRun, _ seed: Int) async throws {
        try await withMarks(run) { database in
            var texts = DisguisedText(for: run.database, seed: UInt64(seed))
            let pristine = try await database.traces(on: run.database)
            for number in 0..<Self.textsPerSeed {
                let isScript = number % 2 == 0
                let text = isScript ? texts.script() : texts.statement()
                let (before, after) = ("before \(number)", "after \(number)")
                let knows = try await database.withSession { session -> Bool in
                    try session.execute("INSERT INTO marks (name) VALUES (\(before))")
                    session.tries(text, isScript: isScript)
                    let knows = session.context.transaction.hasCommitted
                    // Refused on a failed transaction, and in a new one if the text has ended the first.
                    _ = try? session.execute("INSERT INTO marks (name) VALUES (\(after))")
                    session.rollback()
                    return knows
                }
                let marks = try await database.marks()
                #expect(knows || !marks.contains(before), "committed, and not known: \(text)")
                #expect(!marks.contains(after), "executed outside of a transaction: \(text)")
                try await database.expect(pristine, on: run.database, after: text)
            }
        }
    }

    /// What is run again must not have been committed the first time.
    @Test(.timeLimit(.minutes(10)), arguments: DatabaseRun.all, 0..<seeds)
    func `no text makes a scope do its work twice`(_ run: DatabaseRun, _ seed: Int) async throws {
        try await withMarks(run) { database in
            var texts = DisguisedText(for: run.database, seed: UInt64(1000 + seed))
            for number in 0..<Self.textsPerSeed {
                let isScript = number % 2 == 0
                let text = isScript ? texts.script() : texts.statement()
                let mark = "mark \(number)"
                let swallows = number % 3 == 0
                do {
                    try await database.write { session in
                        try session.execute("INSERT INTO marks (name) VALUES (\(mark))")
                        if swallows {
                            session.tries(text, isScript: isScript)
                        } else if isScript {
                            try session.executeScript(text)
                        } else {
                            try session.execute("\(raw: text)")
                        }
                        throw DatabaseError(.serializationFailure, "another was first")
                    }
                } catch let error as DatabaseError {
                    let count = try await database.marks().count { $0 == mark }
                    #expect(count <= 1, "done twice: \(text)")
                    // Whoever follows the guide does it again.
                    #expect(count == 0 || !error.isTransient, "committed, and called transient: \(text): \(error)")
                }
            }
        }
    }

    private func withMarks(_ run: DatabaseRun, _ body: (Database) async throws -> Void) async throws {
        let configuration = DatabaseConfiguration(
            pool: PoolConfiguration(size: 1),
            // Twice at least: the time of conflicts counts from the first one on.
            retry: RetryPolicy(
                maxAttempts: 2,
                backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(1)),
                conflictTimeout: .milliseconds(5)
            ),
            statementTimeout: .seconds(5)
        )
        try await run.withDatabase(configuration) { database in
            try await database.execute("CREATE TABLE marks (name \(type: .varchar(50)))")
            try await database.execute("CREATE TABLE noise (a int)")
            for routine in routines[run.database] ?? [] {
                try await database.withSession { try $0.executeScript(routine) }
            }
            try await body(database)
        }
    }

    private let routines: [String: [String]] = [
        "PostgreSQL": [
            "CREATE PROCEDURE committing() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; COMMIT",
            "CREATE PROCEDURE setting() LANGUAGE plpgsql AS $$ BEGIN SET work_mem = '1MB'; END $$; COMMIT",
        ],
        "MariaDB": [
            "CREATE PROCEDURE committing() COMMIT",
            "CREATE PROCEDURE chaining() BEGIN SELECT 1; COMMIT; START TRANSACTION; INSERT INTO noise VALUES (2); SELECT 2; END",
            "CREATE PROCEDURE setting() SET @x = 2",
            "CREATE FUNCTION setting_too() RETURNS int BEGIN SET @x = 3; RETURN 1; END",
        ],
    ]
}

extension Session {
    /// Executes a text, whatever comes of it.
    fileprivate func tries(_ text: String, isScript: Bool) {
        if isScript {
            _ = try? executeScript(text)
        } else {
            _ = try? execute("\(raw: text)")
        }
    }
}

extension Database {
    fileprivate func marks() async throws -> [String] {
        try await query("SELECT name FROM marks", as: String.self)
    }

    /// What a session can see of what those before it left.
    fileprivate func traces(on database: String) async throws -> [String] {
        try await withSession { session throws in
            var traces: [String] = []
            for question in questions[database] ?? [] {
                let rows = try session.query("\(raw: question)", as: String?.self).all()
                traces.append("\(question): \(rows)")
            }
            session.rollback()
            return traces
        }
    }

    fileprivate func expect(_ pristine: [String], on database: String, after text: String) async throws {
        let found = try await traces(on: database)
        #expect(found == pristine, "left behind by: \(text)")
    }
}

private let questions: [String: [String]] = [
    "PostgreSQL": [
        "SHOW work_mem", "SELECT to_regclass('pg_temp.left_behind')::text",
        "SELECT name::text FROM pg_prepared_statements WHERE name = 'p'",
        "SELECT pg_listening_channels()", "SELECT name::text FROM pg_cursors WHERE name = 'c'",
        "SHOW default_transaction_read_only",
        "SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
    ],
    "MariaDB": [
        "SELECT CAST(@x AS char)", "SELECT CAST(@1 AS char)", "SELECT @@sql_mode", "SELECT CAST(@@autocommit AS char)",
        "SELECT IF(IS_USED_LOCK('noise') = CONNECTION_ID(), 'locked', NULL)",
        "SELECT CAST(@@max_statement_time AS char)",
    ],
    "SQLite": [
        "SELECT CAST(cache_size AS text) FROM pragma_cache_size",
        "SELECT CAST(foreign_keys AS text) FROM pragma_foreign_keys",
        "SELECT name FROM pragma_database_list ORDER BY name", "SELECT name FROM temp.sqlite_schema",
    ],
]
