// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

@Record("words")
struct Word: Hashable {
    @ID var text: String
    var n: Int
}

@Record("uses")
struct Use: Hashable {
    @ID var id: Int
    @References(Word.self) var word: String?
}

@Record("pages")
struct Page: Hashable {
    @ID var book: String
    @ID var number: Int
    var n: Int
}

@Record("moments")
struct Moment: Hashable {
    @ID var at: Date
    var n: Int
}

/// That rows and statements are told apart by their bytes and not by what Swift takes for equal, on every database.
@Suite(.serialized) struct ExactIdentityTests {
    private static let composed = "caf\u{E9}"
    private static let decomposed = "cafe\u{301}"

    private func withWords(_ run: DatabaseRun, _ body: @Sendable (isolated Session) async throws -> Void) async throws {
        let type: SQL = run.exactText
        try await run.withDatabase { database in
            try await database.execute("CREATE TABLE words (text \(type) PRIMARY KEY, n \(type: .int32) NOT NULL)")
            try await database.execute("CREATE TABLE uses (id \(type: .int32) PRIMARY KEY, word \(type))")
            try await database.execute(
                "CREATE TABLE pages (book \(type), number \(type: .int32), n \(type: .int32), PRIMARY KEY (book, number))"
            )
            try await database.write { session throws in
                for (n, text) in [Self.composed, Self.decomposed].enumerated() {
                    try session.execute("INSERT INTO words (text, n) VALUES (\(text), \(n + 1))")
                    try session.execute("INSERT INTO uses (id, word) VALUES (\(n + 1), \(text))")
                    try session.execute("INSERT INTO pages (book, number, n) VALUES (\(text), 1, \(n + 1))")
                }
            }
            try await database.withSession(body)
            // A second connection saw nothing else.
            #expect(try await database.query("SELECT count(*) FROM words", as: Int.self) == [2])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `two texts that are equal in Swift are two rows`(_ run: DatabaseRun) async throws {
        try await withWords(run) { session throws in
            let words = try session.query(Word.self).order { $0.n }.all()
            #expect(words.map(\.n) == [1, 2])
            #expect(words[0] !== words[1])
            let second = try session.getOne(Word.self, Self.decomposed)
            #expect(second === words[1])
            #expect(try session.getOne(Word.self, Self.composed) === words[0])
            second.n = 20
            try session.commit()
            #expect(try session.query("SELECT n FROM words ORDER BY n", as: Int.self).all() == [1, 20])
            let n = try session.query("SELECT n FROM words WHERE text = \(Self.decomposed)", as: Int.self).one()
            #expect(n == 20)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a key of several columns has bytes as well`(_ run: DatabaseRun) async throws {
        try await withWords(run) { session throws in
            let pages = try session.query(Page.self).order { $0.n }.all()
            #expect(pages[0] !== pages[1])
            try session.getOne(Page.self, Page.Key(book: Self.decomposed, number: 1)).n = 20
            try session.flush()
            #expect(try session.query("SELECT n FROM pages ORDER BY n", as: Int.self).all() == [1, 20])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a key that is written in another way is another key`(_ run: DatabaseRun) async throws {
        try await withWords(run) { session throws in
            try session.execute("DELETE FROM words WHERE text = \(Self.decomposed)")
            let word = try session.getOne(Word.self, Self.composed)
            word.text = Self.decomposed
            #expect(try session.isModified(word))
            try session.flush()
            #expect(try session.getOne(Word.self, Self.decomposed) === word)
            #expect(try session.get(Word.self, Self.composed) == nil)
            try session.add(Word(text: Self.composed, n: 3))
            try session.commit()
            #expect(try session.query("SELECT n FROM words ORDER BY n", as: Int.self).all() == [1, 3])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `related records are found by their bytes`(_ run: DatabaseRun) async throws {
        try await withWords(run) { session throws in
            let uses = try session.query(Use.self).order { $0.id }.all()
            let words = try session.load(\.word, of: uses)
            #expect(uses.map { words[$0]?.n } == [1, 2])
            let targets = try session.query(Word.self).order { $0.n }.all()
            let referring = try session.load(Use.self, by: \.word, of: targets)
            #expect(targets.map { referring[$0].map(\.id) } == [[1], [2]])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `after a change of many rows each handle has its own row`(_ run: DatabaseRun) async throws {
        try await withWords(run) { session throws in
            let words = try session.query(Word.self).order { $0.n }.all()
            try session.query(Word.self).filter { $0.n == 2 }.update { $0.n.set(20) }
            #expect(words.map(\.n) == [1, 20])
            try session.query(Word.self).filter { $0.n == 1 }.delete()
            #expect(words.map(\.state) == [.deleted, .persistent])
            try session.add(Word(text: Self.composed, n: 4))
            try session.commit()
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records with keys that are equal in Swift are inserted and merged side by side`(_ run: DatabaseRun)
        async throws
    {
        try await withWords(run) { session throws in
            try session.execute("DELETE FROM words")
            let words = try session.addAll([Self.composed, Self.decomposed].enumerated().map { Word(text: $1, n: $0) })
            try session.flush()
            #expect(try session.merge(Word(text: Self.decomposed, n: 7)) === words[1])
            try session.commit()
            #expect(try session.query("SELECT n FROM words ORDER BY n", as: Int.self).all() == [0, 7])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a moment has the bytes that the database was given`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.execute("CREATE TABLE moments (at \(type: .timestamp) PRIMARY KEY, n \(type: .int32))")
            try await database.write { session throws in
                // A quarter of a microsecond more than the database holds.
                let moment = try session.add(Moment(at: Date(timeIntervalSinceReferenceDate: 1000.000_000_25), n: 1))
                try session.flush()
                #expect(try session.query(Moment.self).one() === moment)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `two texts that are equal in Swift are two statements`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.withSession { session throws in
                for text in [Self.composed, Self.decomposed, Self.composed] {
                    let read = try session.query("SELECT \(raw: "'\(text)'")", as: String.self).one()
                    #expect(read.utf8.elementsEqual(text.utf8))
                    let row = try session.query("SELECT 1 AS \(identifier: text)").one()
                    #expect(row.columns[0].name.utf8.elementsEqual(text.utf8))
                }
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `columns are found by the bytes of their names`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            let sql: SQL = "SELECT 1 AS \(identifier: Self.composed), 2 AS \(identifier: Self.decomposed)"
            let row = try #require(try await database.query(sql).first)
            #expect(try row[Self.composed, as: Int.self] == 1)
            #expect(try row[Self.decomposed, as: Int.self] == 2)
        }
    }

    private enum Drink: String, SQLCodable {
        case coffee = "caf\u{E9}"
    }

    /// It would be bound as what was not stored, and so find no row.
    @Test(arguments: DatabaseRun.all)
    func `a raw value is read only from its own bytes`(_ run: DatabaseRun) async throws {
        try await withWords(run) { session throws in
            let sql: SQL = "SELECT text FROM words WHERE n = 1"
            #expect(try session.query(sql, as: Drink.self).one() == .coffee)
            let other: SQL = "SELECT text FROM words WHERE n = 2"
            #expect { try session.query(other, as: Drink.self).one() } throws: {
                ($0 as? DatabaseError)?.code == .invalidValue
            }
            session.rollback()
        }
    }
}

extension DatabaseRun {
    /// A type of text in which other bytes are another value.
    var exactText: SQL {
        switch database {
        case "MariaDB": "VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        default: "VARCHAR(50)"
        }
    }
}
