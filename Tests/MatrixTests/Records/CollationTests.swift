// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

@Record("persons")
struct Person: Hashable {
    @ID var name: String
    var n: Int
    @References(Person.self) var parent: String?
}

@Record("pets")
struct Pet: Hashable {
    @ID var id: Int
    @References(Person.self) var owner: String?
}

@Record("padded_codes")
struct PaddedCode: Hashable {
    @ID var code: String
    var n: Int
}

/// That the database decides which keys are the same, by its collation, on every database.
@Suite(.serialized) struct CollationTests {
    private func withPersons(
        _ run: DatabaseRun,
        _ body: @Sendable (isolated Session) async throws -> Void
    ) async throws {
        let type: SQL = run.foldedText
        try await run.withDatabase { database in
            if run.database == "PostgreSQL" {
                try await database.execute(
                    "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
                )
            }
            try await database.execute(
                "CREATE TABLE persons (name \(type) PRIMARY KEY, n \(type: .int32), parent \(type) REFERENCES persons (name))"
            )
            // As people write it: where a column says nothing, the key's collation still decides.
            let reference: SQL = run.database == "SQLite" ? "TEXT" : type
            try await database.execute("CREATE TABLE pets (id \(type: .int32) PRIMARY KEY, owner \(reference))")
            try await database.write { session throws in
                try session.execute("INSERT INTO persons (name, n) VALUES ('Ada', 1), ('Bob', 2), ('Cid', 3)")
                let owners = ["ada", "Bob", nil, "ADA", "Ada", "zoe", "BOB"]
                for (id, owner) in owners.enumerated() {
                    try session.execute("INSERT INTO pets (id, owner) VALUES (\(id), \(owner))")
                }
            }
            try await database.withSession(body)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `references find what a join finds`(_ run: DatabaseRun) async throws {
        try await withPersons(run) { session throws in
            let pets = try session.query(Pet.self).order { $0.id }.all()
            let joined = try session.query(Pet.self).leftJoin(\.owner).order { pet, _ in pet.id }.all()
            #expect(joined.map { $0.1?.name } == ["Ada", "Bob", nil, "Ada", "Ada", nil, "Bob"])
            let owners = try session.load(\.owner, of: pets)
            #expect(pets.map { owners[$0]?.name } == joined.map { $0.1?.name })
            #expect(pets.indices.allSatisfy { owners[pets[$0]] === joined[$0].1 })
            session.rollback()
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows that refer to others are found as a join finds them`(_ run: DatabaseRun) async throws {
        try await withPersons(run) { session throws in
            let persons = try session.query(Person.self).order { $0.name }.all()
            let pets = try session.load(Pet.self, by: \.owner, of: persons)
            #expect(persons.map { pets[$0].map(\.id) } == [[0, 3, 4], [1, 6], []])
            session.rollback()
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `references of hundreds of spellings are found`(_ run: DatabaseRun) async throws {
        try await withPersons(run) { session throws in
            for n in 0..<300 {
                try session.execute("INSERT INTO persons (name, n) VALUES (\("Name \(n)"), 0)")
                try session.execute("INSERT INTO pets (id, owner) VALUES (\(100 + n), \("NAME \(n)"))")
            }
            let pets = try session.query(Pet.self).filter { $0.id >= 100 }.order { $0.id }.all()
            let owners = try session.load(\.owner, of: pets)
            #expect(pets.map { owners[$0]?.name } == (0..<300).map { "Name \($0)" })
            session.rollback()
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a row has the key that is stored, however it was asked for`(_ run: DatabaseRun) async throws {
        try await withPersons(run) { session throws in
            let ada = try session.getOne(Person.self, "ada")
            #expect(ada.name == "Ada")
            #expect(try session.getOne(Person.self, "ADA") === ada)
            #expect(try session.getOne(Person.self, "Ada") === ada)
            ada.n = 10
            try session.commit()
            #expect(try session.getOne(Person.self, "aDA") === ada)
            #expect(ada.state == .persistent)
            #expect(try session.query("SELECT n FROM persons WHERE name = 'Ada'", as: Int.self).one() == 10)
            try session.delete(ada)
            try session.noAutoflush { () throws in
                #expect(try session.get(Person.self, "Ada") == nil)
                #expect(try session.get(Person.self, "ada") == nil)
            }
            session.rollback()
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a value is merged into the row that the database finds`(_ run: DatabaseRun) async throws {
        try await withPersons(run) { session throws in
            let ada = try session.merge(Person(name: "ada", n: 5))
            try session.commit()
            #expect(try session.query("SELECT n FROM persons ORDER BY n", as: Int.self).all() == [2, 3, 5])
            #expect(try session.query(Person.self).filter { $0.n == 5 }.one() === ada)
            session.rollback()
        }
    }

    /// Of a parent that is found by its collation, the plan of a flush has to know too.
    @Test(arguments: DatabaseRun.all)
    func `a new row comes after the one that it refers to in another spelling`(_ run: DatabaseRun) async throws {
        try await withPersons(run) { session throws in
            try session.add(Person(name: "child", n: 0, parent: "EVE"))
            try session.flush { try session.add(Person(name: "Eve", n: 0)) }
            let pairs = try session.query(Person.self).join(\.parent).all()
            #expect(pairs.map { [$0.0.name, $0.1.name] } == [["child", "Eve"]])
            try session.delete(pairs[0].1)
            try session.flush { try session.delete(pairs[0].0) }
            #expect(try session.query("SELECT count(*) FROM persons", as: Int.self).one() == 3)
            session.rollback()
        }
    }

    /// CHAR fills up with spaces on PostgreSQL.
    @Test(arguments: DatabaseRun.all)
    func `a key that the database pads stays the handle's`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.execute("CREATE TABLE padded_codes (code CHAR(5) PRIMARY KEY, n \(type: .int32))")
            try await database.withSession { session throws in
                let code = try session.add(PaddedCode(code: "ab", n: 1))
                try session.flush()
                try session.query(PaddedCode.self).update { $0.n.set(2) }
                #expect(code.state == .persistent)
                #expect(code.n == 2)
                try session.commit()
                #expect(try session.getOne(PaddedCode.self, "ab") === code)
                #expect(try session.query(PaddedCode.self).one() === code)
                try session.commit()
                try session.refresh(code)
                code.n = 3
                try session.commit()
                #expect(try session.query("SELECT n FROM padded_codes", as: Int.self).one() == 3)
                session.rollback()
            }
        }
    }
}

extension Session {
    /// Makes changes and writes them.
    fileprivate func flush(_ changes: () throws -> Void) throws {
        try changes()
        try flush()
    }
}

extension DatabaseRun {
    /// A type of text in which letters of another case are the same.
    var foldedText: SQL {
        switch database {
        case "SQLite": "TEXT COLLATE NOCASE"
        case "MariaDB": "VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
        default: "VARCHAR(50) COLLATE folded"
        }
    }
}
