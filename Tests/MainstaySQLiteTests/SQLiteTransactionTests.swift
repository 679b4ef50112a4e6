// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay
@testable import MainstaySQLite

/// Where SQLite ends a transaction by itself, and where it does not.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteTransactionTests {
    private let folder = try? TemporaryFolder()
    private static let schema = """
        CREATE TABLE a (b INTEGER PRIMARY KEY, c TEXT);
        CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
        INSERT INTO a VALUES (1, 'kept');
        """

    private func count(_ database: Database) async throws -> Int {
        try await database.value("SELECT count(*) FROM a")
    }

    // MARK: - A full disk

    @Test("A full disk is the statement's error, writes nothing by halves, and the session goes on")
    func full() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.withSession { session in
                let pages = try session.query("PRAGMA page_count", as: Int.self).one()
                try session.execute("PRAGMA max_page_count = \(raw: "\(pages + 1)")")
                try session.execute("INSERT INTO a VALUES (2, 'before')")
                let error = #expect(throws: DatabaseError.self) {
                    try session.execute("INSERT INTO a VALUES (3, \(String(repeating: "x", count: 1_000_000)))")
                }
                #expect(error?.code == .storageFull)
                #expect(error?.isConnectionUsable == true)
                #expect(error?.isTransient == false)
                if !session.isInTransactionOfServer {
                    // SQLite has rolled everything back, and the session knows.
                    let next = #expect(throws: DatabaseError.self) {
                        try session.execute("INSERT INTO a VALUES (4, '')")
                    }
                    #expect(next?.code == .transactionFailed)
                    #expect((next?.cause as? DatabaseError)?.code == .storageFull)
                }
                session.rollback()
                try session.execute("INSERT INTO a VALUES (5, 'after')")
                try session.commit()
            }
            #expect(try await database.query("SELECT b FROM a ORDER BY b", as: Int.self) == [1, 5])
            // The limit was the session's own.
            try await database.execute("INSERT INTO a VALUES (6, \(String(repeating: "x", count: 1_000_000)))")
            #expect(try await count(database) == 3)
            #expect(try await database.value("PRAGMA integrity_check") == "ok")
        }
    }

    @Test("A managed scope that fills the disk is rolled back as a whole and not run again")
    func fullInManagedScope() async throws {
        try await #require(folder).withDatabase(schema: Self.schema, attempts: 3) { database async throws in
            let error = try await databaseError {
                try await database.write { session in
                    try session.execute("INSERT INTO a VALUES (2, 'before')")
                    try session.execute("PRAGMA max_page_count = 1")
                    try session.execute("INSERT INTO a VALUES (3, \(String(repeating: "x", count: 1_000_000)))")
                }
            }
            #expect(error?.code == .storageFull)
            #expect(database.statistics.retries == 0)
            #expect(try await count(database) == 1)
        }
    }

    // MARK: - Transactions that end by themselves

    @Test("After ON CONFLICT ROLLBACK nothing runs outside of a transaction until rollback")
    func conflictRollback() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.withSession { session in
                try session.execute("INSERT INTO a VALUES (2, 'lost')")
                let first = #expect(throws: DatabaseError.self) {
                    try session.execute("INSERT OR ROLLBACK INTO a VALUES (1, 'twice')")
                }
                #expect(first?.code == .uniqueViolation)
                #expect(first?.constraint == "a.b")
                for attempt in 1...2 {
                    let later = #expect(throws: DatabaseError.self) {
                        try session.execute("INSERT INTO a VALUES (\(10 + attempt), 'outside')")
                    }
                    #expect(later?.code == .transactionFailed)
                    #expect((later?.cause as? DatabaseError)?.statement?.hasPrefix("INSERT OR ROLLBACK") == true)
                }
                let commit = #expect(throws: DatabaseError.self) { try session.commit() }
                #expect(commit?.code == .transactionRolledBack)
                try session.execute("INSERT INTO a VALUES (3, 'after')")
                try session.commit()
            }
            #expect(try await database.query("SELECT b FROM a ORDER BY b", as: Int.self) == [1, 3])
        }
    }

    @Test("A scope that swallows a lost transaction is told so at its end")
    func swallowed() async throws {
        try await #require(folder).withDatabase(schema: Self.schema, attempts: 3) { database async throws in
            let error = try await databaseError {
                try await database.write { session in
                    try session.execute("INSERT INTO a VALUES (2, 'lost')")
                    _ = try? session.execute("INSERT OR ROLLBACK INTO a VALUES (1, 'twice')")
                    _ = try? session.execute("INSERT INTO a VALUES (3, 'outside')")
                }
            }
            #expect(error?.code == .transactionRolledBack)
            #expect((error?.cause as? DatabaseError)?.code == .uniqueViolation)
            #expect(database.statistics.retries == 0)
            #expect(try await count(database) == 1)
        }
    }

    @Test("A savepoint does not bring back a transaction that is lost")
    func lostInSavepoint() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            let error = try await databaseError {
                try await database.write { session in
                    try session.execute("INSERT INTO a VALUES (2, 'lost')")
                    try? session.withSavepoint {
                        _ = try session.execute("INSERT OR ROLLBACK INTO a VALUES (1, 'twice')")
                    }
                    try session.execute("INSERT INTO a VALUES (3, 'outside')")
                }
            }
            #expect(error?.code == .transactionFailed)
            #expect(try await count(database) == 1)
        }
    }

    @Test("An ordinary failure undoes its statement only, and the transaction goes on")
    func ordinaryFailure() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.write { session in
                try session.execute("INSERT INTO a VALUES (2, 'kept')")
                #expect(throws: DatabaseError.self) { try session.execute("INSERT INTO a VALUES (3, ''), (1, '')") }
                try session.execute("INSERT INTO a VALUES (4, 'kept')")
            }
            #expect(try await database.query("SELECT b FROM a ORDER BY b", as: Int.self) == [1, 2, 4])
        }
    }

    @Test("A trigger that raises ROLLBACK is known to have lost the transaction")
    func raiseRollback() async throws {
        let schema =
            Self.schema + """
                CREATE TRIGGER t BEFORE INSERT ON a WHEN NEW.b = 13 BEGIN SELECT RAISE(ROLLBACK, 'unlucky'); END;
                """
        try await #require(folder).withDatabase(schema: schema) { database async throws in
            let error = try await databaseError {
                try await database.write { session in
                    try session.execute("INSERT INTO a VALUES (2, 'lost')")
                    _ = try? session.execute("INSERT INTO a VALUES (13, '')")
                }
            }
            #expect(error?.code == .transactionRolledBack)
            #expect((error?.cause as? DatabaseError)?.message == "unlucky")
            #expect(try await count(database) == 1)
        }
    }

    // MARK: - Deferred constraints

    @Test("A deferred constraint that fails at COMMIT leaves the transaction open, to be mended and committed")
    func deferredConstraint() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.withSession { session in
                try session.execute("INSERT INTO children VALUES (7)")
                let error = #expect(throws: DatabaseError.self) { try session.commit() }
                #expect(error?.code == .foreignKeyViolation)
                let isInTransaction = session.isInTransaction
                #expect(isInTransaction)
                try session.execute("INSERT INTO parents VALUES (7)")
                try session.commit()
            }
            #expect(try await database.value("SELECT count(*) FROM children") == 1)
        }
    }

    @Test("A managed scope whose deferred constraint fails is rolled back")
    func deferredConstraintInManagedScope() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            let error = try await databaseError { try await database.execute("INSERT INTO children VALUES (7)") }
            #expect(error?.code == .foreignKeyViolation)
            #expect(try await database.value("SELECT count(*) FROM children") == 0)
            try await database.execute("INSERT INTO parents VALUES (8)")
        }
    }

    // MARK: - Reading and writing on one connection

    @Test("A reading transaction in memory that a script ended does not leave the connection read-only")
    func readOnlyLeftBehind() async throws {
        try await TemporaryFolder.withDatabase("sqlite::memory:", schema: Self.schema) { database async throws in
            // In a scope that is managed the script would be refused.
            try await database.withSession { session in
                try session.setTransactionOptions(TransactionOptions(access: .readOnly))
                _ = try session.query("SELECT 1").all()
                try session.executeScript("COMMIT")
            }
            let error = try await databaseError { try await database.execute("INSERT INTO a VALUES (2, '')") }
            #expect(error == nil)
        }
    }

    @Test("A session on the writer's connection may read only for a while")
    func readOnlyForAWhile() async throws {
        try await #require(folder).withDatabase(schema: Self.schema) { database async throws in
            try await database.withSession { session in
                try session.setTransactionOptions(TransactionOptions(access: .readOnly))
                let error = #expect(throws: DatabaseError.self) { try session.execute("INSERT INTO a VALUES (2, '')") }
                #expect(error?.code == .readOnly)
                session.rollback()
                try session.setTransactionOptions(TransactionOptions())
                try session.execute("INSERT INTO a VALUES (3, '')")
                try session.commit()
            }
            #expect(try await count(database) == 2)
        }
    }

    @Test("Foreign keys are enforced unless the URL says otherwise")
    func foreignKeys() async throws {
        let folder = try #require(folder)
        let error = try await folder.withDatabase(schema: Self.schema) { database async throws in
            try await databaseError { try await database.execute("INSERT INTO children VALUES (9)") }
        }
        #expect(error?.code == .foreignKeyViolation)
        try await folder.withDatabase("test.db", "foreign_keys=false") { database async throws in
            try await database.execute("INSERT INTO children VALUES (9)")
        }
    }
}

extension Session {
    /// What SQLite says, past what the session believes.
    fileprivate var isInTransactionOfServer: Bool {
        context.resource.connection.transactionState == .active
    }
}
