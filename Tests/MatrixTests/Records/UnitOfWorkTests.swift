// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// Handles, their states, and what a flush writes, on every database.
@Suite(.serialized) struct UnitOfWorkTests {
    @Test(arguments: DatabaseRun.all)
    func `a record that is added is inserted, and its handle learns the key`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let id = try await database.write { session in
                let team = try session.add(Team(name: "red"))
                #expect(team.state == .pending)
                #expect(team.id == nil)
                #expect(session.new.count == 1)
                try session.flush()
                #expect(team.state == .persistent)
                #expect(session.new.isEmpty)
                return try team.key()
            }
            #expect(try await database.query("SELECT name FROM teams WHERE id = \(id)", as: String.self) == ["red"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `one handle stands for a row`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let added = try session.add(Team(name: "red"))
                try session.flush()
                let found = try session.query(Team.self).filter { $0.name == "red" }.one()
                #expect(found === added)
                #expect(try session.getOne(Team.self, added.key()) === added)
                #expect(try session.get(Team.self, -1) == nil)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `only what has changed is written`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.addAll([Member("a", age: 1), Member("b", age: 2)])
            }
            try await database.write { session in
                let members = try session.query(Member.self).order { $0.name }.all()
                // Behind the session's back: a column that is not written again keeps it.
                try session.execute("UPDATE members SET age = 50")
                members[0].name = "c"
                #expect(session.dirty.count == 1)
                #expect(try session.isModified(members[0]))
                members[1].name = "x"
                members[1].name = "b"
                #expect(try !session.isModified(members[1]))
            }
            let rows = try await database.query("SELECT name, age FROM members ORDER BY id", as: (String, Int).self)
            #expect(rows.map(\.0) == ["c", "b"])
            #expect(rows.map(\.1) == [50, 50])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `generated keys reach those that refer to them`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                // Children before parents, and a chain within one table.
                let child = try session.add(Member("child"))
                let mentor = try session.add(Member("mentor"))
                let team = try session.add(Team(name: "red"))
                child.link(\.mentorID, to: mentor)
                child.link(\.teamID, to: team)
                mentor.link(\.teamID, to: team)
                try session.flush()
                #expect(child.mentorID == mentor.id)
                #expect(child.teamID == team.id)
                #expect(child.mentorID != nil && child.teamID != nil)
            }
            let joined: SQL = "SELECT m.name FROM members m JOIN members c ON c.mentor_id = m.id WHERE c.name = 'child'"
            #expect(try await database.query(joined, as: String.self) == ["mentor"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `many records are inserted, and each gets its own key`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let names = (0..<2500).map { "team \($0)" }.shuffled()
            try await database.write { session in
                let teams = try session.addAll(names.map { Team(name: $0) })
                try session.flush()
                let rows = try session.query("SELECT id, name FROM teams", as: (Int64, String).self).all()
                let keys = Dictionary(uniqueKeysWithValues: rows.map { ($0.1, $0.0) })
                #expect(teams.allSatisfy { keys[$0.name] == $0.id })
                #expect(Set(teams.compactMap(\.id)).count == 2500)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a delete and an insert of the same unique value go together`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in _ = try session.add(Team(name: "red")) }
            try await database.write { session in
                let old = try session.query(Team.self).one()
                let new = try session.add(Team(name: "red"))
                try session.delete(old)
                #expect(old.state == .deleted)
                try session.flush()
                #expect(new.id != nil && new.id != old.id)
            }
            #expect(try await database.query("SELECT count(*) FROM teams", as: Int.self) == [1])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `references are deleted before what they refer to, and moved away before it`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let red = try session.add(Team(name: "red"))
                let (a, b) = (try session.add(Member("a")), try session.add(Member("b")))
                a.link(\.teamID, to: red)
                b.link(\.teamID, to: red)
                b.link(\.mentorID, to: a)
            }
            try await database.write { session in
                let red = try session.query(Team.self).one()
                let members = try session.query(Member.self).order { $0.name }.all()
                let blue = try session.add(Team(name: "blue"))
                try session.delete(red)
                try session.delete(members[0])
                members[1].link(\.teamID, to: blue)
                members[1].mentorID = nil
            }
            let left = try await database.read { session in
                try session.query(Member.self).join(\.teamID).values().all().map { [$0.0.name, $0.1?.name ?? ""] }
            }
            #expect(left == [["b", "blue"]])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records in a circle are inserted if one reference can wait`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let egg = try session.add(Egg())
                let chicken = try session.add(Chicken(name: "hen"))
                egg.link(\.chickenID, to: chicken)
                chicken.link(\.eggID, to: egg)
                try session.flush()
                #expect(egg.chickenID == chicken.id)
                #expect(chicken.eggID == egg.id && egg.id != nil)
            }
            let rows = try await database.query("SELECT egg_id FROM chickens", as: Int64?.self)
            #expect(rows == (try await database.query("SELECT id FROM eggs", as: Int64?.self)))
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what the database makes is read back`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let settings = Document.Settings(isPublic: true, tags: ["a", "b"])
                let document = try session.add(Document("four", settings: settings))
                try session.addAll([Document("a"), Document("bc"), Document("a")])
                try session.flush()
                #expect(document.words == 4)
                document.title = "longer"
                document.status = .final
                try session.flush()
                #expect(document.words == 6)
            }
            try await database.write { session in
                let documents = try session.query(Document.self).order { $0.id }.all()
                #expect(documents.map(\.words) == [6, 1, 2, 1])
                #expect(documents[0].status == .final)
                #expect(documents[0].settings?.value.tags == ["a", "b"])
                #expect(documents[1].settings == nil)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a key of two columns, and one that changes`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.addAll([Seat(hall: "A", number: 1), Seat(hall: "A", number: 2, guest: "john")])
            }
            try await database.write { session in
                let key = Seat.Key(hall: "A", number: 2)
                let seat = try session.getOne(Seat.self, key)
                #expect(seat.guest == "john")
                seat.number = 3
                try session.flush()
                #expect(try session.get(Seat.self, key) == nil)
                #expect(try session.get(Seat.self, Seat.Key(hall: "A", number: 3)) === seat)
            }
            #expect(try await database.query("SELECT number FROM seats ORDER BY number", as: Int.self) == [1, 3])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `somebody else's change is noticed by the version`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.addAll([Account(name: "a", cents: 1), Account(name: "b", cents: 2)])
            }
            try await database.withSession { session in
                let account = try session.getOne(Account.self, "a")
                account.cents = 5
                try session.flush()
                #expect(account.version == 2)
                try session.commit()
                try session.execute("UPDATE accounts SET version = 9 WHERE name = 'a'")
                account.cents = 6
                let stale = error { try session.flush() }
                #expect(stale?.code == .staleRecord)
                #expect(stale?.sensitiveDetail?.contains("a") == true)
                #expect(error { try session.query(Account.self).all() }?.code == .transactionFailed)
                session.rollback()
                #expect(account.cents == 5)
                #expect(account.state == .stale)
            }
        }
    }
}

/// The error of the database that a function throws.
func error<Output>(_ body: () throws -> Output) -> DatabaseError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? DatabaseError
    }
}
