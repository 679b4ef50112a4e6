// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// References to records whose keys are not known yet, on every database.
@Suite(.serialized) struct LinkTests {
    private struct Undo: Error {}

    @Test(arguments: DatabaseRun.all)
    func `what is assigned after a link counts`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let (a, b) = (try session.add(Team(name: "a")), try session.add(Team(name: "b")))
                try session.flush()
                let c = try session.add(Team(name: "c"))
                let members = try session.addAll(["1", "2", "3"].map { Member($0) })
                for member in members { member.link(\.teamID, to: c) }
                members[0].teamID = a.id
                members[1].link(\.teamID, to: b)
                try session.flush()
                #expect(members.map(\.teamID) == [a.id, b.id, c.id])
                members[2].teamID = b.id
                try session.flush()
                members[2].age = 1
                try session.flush()
                #expect(members[2].teamID == b.id)
                let rows = try session.query("SELECT team_id FROM members ORDER BY name", as: Int64?.self).all()
                #expect(rows == [a.id, b.id, b.id])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a row that is there is linked to a new one`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let member = try session.add(Member("a"))
                try session.commit()
                let team = Tracked(Team(name: "red"))
                member.link(\.teamID, to: team)
                // Nobody has added the team.
                #expect(error { try session.flush() }?.code == .misuse)
                try session.add(team)
                try session.commit()
                #expect(member.teamID == team.id && team.id != nil)
                #expect(try session.query(Member.self).values().one().teamID == team.id)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a link that was undone with its savepoint is gone`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let member = try session.add(Member("a"))
                try session.flush()
                #expect(throws: Undo.self) {
                    try session.withSavepoint {
                        member.link(\.teamID, to: try session.add(Team(name: "red")))
                        try session.flush()
                        #expect(member.teamID != nil)
                        throw Undo()
                    }
                }
                #expect(member.teamID == nil)
                member.age = 5
                try session.flush()
            }
            #expect(try await database.query("SELECT age FROM members", as: Int?.self) == [5])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was given survives a rollback`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(id: 42, name: "x"))
                let member = try session.add(Member("m", teamID: 42))
                try session.flush()
                session.rollback()
                #expect(team.id == 42 && member.id == nil && member.teamID == 42)
                try session.add(team)
                try session.add(member)
                try session.commit()
                #expect(try session.query(Member.self).values().one().teamID == 42)
            }
        }
    }
}

extension LinkTests {
    @Test(arguments: DatabaseRun.all)
    func `a record that refers to itself`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let member = try session.add(Member("m"))
                member.link(\.mentorID, to: member)
                try session.flush()
                #expect(member.mentorID == member.id && member.id != nil)
            }
            let rows = try await database.query("SELECT count(*) FROM members WHERE mentor_id = id", as: Int.self)
            #expect(rows == [1])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was assigned after a link was followed survives a rollback`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let other = try session.add(Team(name: "other"))
                try session.commit()
                let team = try session.add(Team(name: "c"))
                let member = try session.add(Member("m"))
                member.link(\.teamID, to: team)
                try session.flush()
                member.teamID = other.id
                try session.flush()
                session.rollback()
                #expect(member.teamID == other.id)
                try session.add(member)
                try session.commit()
                #expect(try session.query(Member.self).values().one().teamID == other.id)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was given after a record was added survives a rollback`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "x"))
                team.id = 42
                let member = try session.add(Member("m"))
                member.link(\.teamID, to: team)
                try session.flush()
                session.rollback()
                #expect(team.id == 42 && member.teamID == nil && member.id == nil)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `no key stays behind when a flush fails half-way`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                try session.add(Member("m"))
                try session.commit()
                let team = try session.add(Team(name: "new"))
                let member = try session.add(Member("m"))
                member.link(\.teamID, to: team)
                #expect(error { try session.flush() }?.code == .uniqueViolation)
                session.rollback()
                #expect(team.id == nil && member.teamID == nil)
                member.name = "n"
                try session.add(team)
                try session.add(member)
                try session.commit()
                #expect(member.teamID == team.id && team.id != nil)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `who is taken out forgets its links`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let member = try session.add(Member("m"))
                try session.commit()
                member.link(\.teamID, to: Tracked(Team(name: "nobody's")))
                try session.expunge(member)
                try session.add(member)
                member.age = 5
                try session.commit()
                #expect(try session.query(Member.self).values().one().age == 5)
            }
        }
    }
}
