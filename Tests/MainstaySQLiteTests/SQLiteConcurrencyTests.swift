// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstaySQLite

/// Readers and writers of one file at the same time.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteConcurrencyTests {
    private let folder = try? TemporaryFolder()
    private static let schema = "CREATE TABLE a (b INTEGER); INSERT INTO a VALUES (0)"

    @Test("Readers read while a writer's transaction is open, and see nothing of it before it is committed")
    func readersBesideWriter() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.write { session in
                try session.execute("INSERT INTO a VALUES (1)")
                try await withThrowingTaskGroup { group in
                    for _ in 0..<20 {
                        group.addTask { try await database.value("SELECT count(*) FROM a", as: Int.self) }
                    }
                    for try await count in group { #expect(count == 1) }
                }
            }
            #expect(try await database.value("SELECT count(*) FROM a") == 2)
        }
    }

    @Test("A reader sees the same from its first statement to its last")
    func snapshot() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.read { session in
                let before = try session.query("SELECT count(*) FROM a", as: Int.self).one()
                try await database.separately { try await database.execute("INSERT INTO a VALUES (1)") }
                let after = try session.query("SELECT count(*) FROM a", as: Int.self).one()
                #expect((before, after) == (1, 1))
            }
            #expect(try await database.value("SELECT count(*) FROM a") == 2)
        }
    }

    @Test("Writers queue in the process and lose nothing")
    func writers() async throws {
        try await #require(folder).withDatabase("test.db", "busy_timeout=0ms", schema: Self.schema) {
            database async throws in
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await database.write { session in
                            let number = try session.query("SELECT b FROM a", as: Int.self).one()
                            await Task.yield()
                            try session.execute("UPDATE a SET b = \(number + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.value("SELECT b FROM a") == 50)
            #expect(database.statistics.retries == 0)
        }
    }

    @Test("Reading scopes can't write, however they try")
    func queryOnly() async throws {
        for url in ["sqlite://\(try #require(folder).file())", "sqlite::memory:"] {
            try await TemporaryFolder.withDatabase(url, schema: Self.schema) { database async throws in
                for statement: SQL in [
                    "INSERT INTO a VALUES (1)", "CREATE TABLE c (d)", "INSERT INTO a VALUES (1) RETURNING b",
                    "DROP TABLE a",
                    "WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x",
                ] {
                    let scope = try await databaseError {
                        try await database.read { _ = try $0.query(statement).all() }
                    }
                    #expect(scope?.code == .readOnly)
                    let line = try await databaseError { _ = try await database.query(statement) }
                    #expect(line?.code == .readOnly)
                }
                try await database.execute("INSERT INTO a VALUES (1)")
                #expect(try await database.value("SELECT count(*) FROM a") == 2)
            }
        }
    }

    // MARK: - Another process

    @Test("A lock that another holds is a timeout that says so, and the connection goes on")
    func busy() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase("test.db", "busy_timeout=20ms", schema: Self.schema) { database async throws in
            try await folder.withDatabase { other async throws in
                try await other.write { session in
                    try session.execute("INSERT INTO a VALUES (1)")
                    let error = try await databaseError { try await database.execute("INSERT INTO a VALUES (2)") }
                    #expect(error?.code == .lockTimeout)
                    #expect(error?.isTransient == true)
                    #expect(error?.isConnectionUsable == true)
                    #expect(error?.nativeCode?.number == 5)
                    #expect(error?.hint?.contains("busy_timeout") == true)
                    // Reading goes on meanwhile.
                    #expect(try await database.value("SELECT count(*) FROM a") == 1)
                }
            }
            try await database.execute("INSERT INTO a VALUES (3)")
            #expect(try await database.value("SELECT count(*) FROM a") == 3)
            #expect(database.statistics.connectionsOpened == 2)
        }
    }

    @Test("A write scope holds the lock from its first statement, though that only reads")
    func beginImmediate() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: Self.schema) { database async throws in
            try await folder.withDatabase("test.db", "busy_timeout=0ms") { other async throws in
                try await database.write { session in
                    let count = try session.query("SELECT count(*) FROM a", as: Int.self).one()
                    let error = try await databaseError { try await other.execute("INSERT INTO a VALUES (2)") }
                    #expect(error?.code == .lockTimeout)
                    try session.execute("INSERT INTO a VALUES (\(count))")
                }
            }
            #expect(try await database.value("SELECT count(*) FROM a") == 2)
        }
    }

    @Test("A lock that is released in time is waited for")
    func busyForAWhile() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase("test.db", "busy_timeout=60s", schema: Self.schema) { database async throws in
            try await folder.withDatabase { other async throws in
                let (started, start) = AsyncStream<Void>.makeStream()
                let writing = Task {
                    for await _ in started { break }
                    try await database.execute("INSERT INTO a VALUES (2)")
                }
                try await other.write { session in
                    try session.execute("INSERT INTO a VALUES (1)")
                    start.yield()
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await writing.value
            }
            #expect(try await database.value("SELECT count(*) FROM a") == 3)
        }
    }

    @Test("A snapshot that another wrote past means to start again, whatever the busy timeout is")
    func busySnapshot() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: Self.schema) { database async throws in
            // The driver begins no such transaction itself: one that may write takes the lock at once.
            let connection = try SQLiteConnection(SQLiteConfiguration(.path(folder.file())), role: .writer)
            try connection.execute("BEGIN DEFERRED; SELECT count(*) FROM a")
            try await database.execute("INSERT INTO a VALUES (1)")
            let error = #expect(throws: DatabaseError.self) { try connection.execute("INSERT INTO a VALUES (2)") }
            #expect(error?.code == .serializationFailure)
            #expect(error?.isTransient == true)
            #expect(error?.nativeCode?.number == 517)
            try connection.rollback()
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO a VALUES (2)")
            try connection.commit()
            connection.close()
            #expect(try await database.value("SELECT count(*) FROM a") == 3)
        }
    }

    @Test("A table that another connection changes is read with its new columns")
    func schemaChange() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: "CREATE TABLE c (x); INSERT INTO c VALUES (1)") { database async throws in
            try await folder.withDatabase { other async throws in
                func columns() async throws -> [String] {
                    try await database.query("SELECT * FROM c").first?.columns.map(\.name) ?? []
                }
                #expect(try await columns() == ["x"])
                try await other.execute("ALTER TABLE c ADD COLUMN y DEFAULT 2")
                #expect(try await columns() == ["x", "y"])
                try await other.execute("ALTER TABLE c RENAME COLUMN x TO z")
                #expect(try await columns() == ["z", "y"])
                try await other.execute("ALTER TABLE c DROP COLUMN y")
                #expect(try await columns() == ["z"])
                #expect(try await database.query("SELECT * FROM c").first?[0, as: Int.self] == 1)
                try await other.execute("DROP TABLE c")
                let error = try await databaseError { _ = try await columns() }
                #expect(error?.code == .undefinedObject)
            }
        }
    }
}
