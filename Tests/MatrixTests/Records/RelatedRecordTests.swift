// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// Records and those that they refer to: joins, conditions on others, and loading them, on every database.
@Suite(.serialized) struct RelatedRecordTests {
    // MARK: - Joins

    @Test(arguments: DatabaseRun.all)
    func `a join gives both records, and leaves out those that refer to none`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            let query = session.query(Member.self).join(\.teamID).order { member, _ in member.name }
            let pairs = try query.all()
            #expect(pairs.map(\.0.name) == ["ann", "bob", "cid"])
            #expect(pairs.map(\.1.name) == ["red", "red", "blue"])
            // One handle for a row, here as everywhere.
            #expect(pairs[0].1 === pairs[1].1)
            #expect(try pairs[2].1 === session.query(Team.self).filter { $0.name == "blue" }.one())
            #expect(try pairs[2].0 === session.query(Member.self).filter { $0.name == "cid" }.one())
            #expect(pairs.allSatisfy { $0.0.teamID == $0.1.id })

            #expect(try query.first()?.1 === pairs[0].1)
            #expect(try query.limit(1).offset(2).all().map(\.0.name) == ["cid"])
            #expect(try query.offset(1).all().map(\.0.name) == ["bob", "cid"])
            #expect(try query.limit(0).first() == nil)
            #expect(try query.filter { member, _ in member.name == "zoe" }.first() == nil)
            let rows = try query.rows()
            #expect(try rows.next()?.0 === pairs[0].0)
            rows.discard()
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a left join gives nil where there is no other record`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            let query = session.query(Member.self).leftJoin(\.teamID).order { member, _ in member.name }
            let pairs = try query.all()
            #expect(pairs.map(\.0.name) == ["ann", "bob", "cid", "dan"])
            #expect(pairs.map { $0.1?.name } == ["red", "red", "blue", nil])
            #expect(pairs[0].1 === pairs[1].1)
            #expect(try query.filter { _, team in team.id.isNull }.all().map(\.0.name) == ["dan"])
            #expect(try query.filter { _, team in team.motto.isNull }.all().map(\.0.name) == ["cid", "dan"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `both sides of a join are filtered and ordered`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            let query = session.query(Member.self).join(\.teamID)
            let red = query.filter { member, team in team.name == "red" && member.age > 20 }
            #expect(try red.all().map(\.0.name) == ["bob"])
            // Columns of the same name are told apart.
            #expect(try query.filter { member, team in member.name < team.name }.all().count == 2)
            let either = query.filter { member, team in team.name == "blue" || member.name == "ann" }
            #expect(try either.filter { member, _ in member.age > 20 }.all().map(\.0.name) == ["cid"])
            let raw = query.filter { member, team in
                "\(member.age) > \(20) OR \(team.name) = \("red")" && team.motto.isNotNull && member.age < 20
            }
            #expect(try raw.all().map(\.0.name) == ["ann"])

            let ordered = query.order { member, team in
                team.name
                member.name.descending
            }
            #expect(try ordered.all().map(\.0.name) == ["cid", "bob", "ann"])
            let nulls = query.order { _, team in team.motto.ascending.nullsFirst }
            #expect(try nulls.first()?.0.name == "cid")
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what a query says before it is joined still counts`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            let query = session.query(Member.self)
                .filter { $0.age < 40 || $0.name == "cid" }
                .order { $0.name.descending }
                .limit(2)
            #expect(try query.join(\.teamID).all().map(\.0.name) == ["cid", "bob"])
            #expect(try query.offset(1).join(\.teamID).all().map(\.0.name) == ["bob", "ann"])
            #expect(try query.offset(1).leftJoin(\.teamID).limit(1).all().map(\.0.name) == ["bob"])
            let filtered = query.join(\.teamID).filter { _, team in team.name == "red" }
            #expect(try filtered.all().map(\.0.name) == ["bob", "ann"])
            let reordered = query.join(\.teamID).order { member, _ in member.name }
            #expect(try reordered.all().map(\.0.name) == ["cid", "bob"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records are joined with others of their own type`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            let query = session.query(Member.self).join(\.mentorID).order { member, _ in member.name }
            let pairs = try query.all()
            #expect(pairs.map(\.0.name) == ["ann", "bob"])
            #expect(pairs.map(\.1.name) == ["bob", "cid"])
            #expect(pairs[0].1 === pairs[1].0)
            #expect(try query.filter { member, mentor in mentor.age > 35 }.all().map(\.0.name) == ["bob"])
            #expect(try query.filter { member, mentor in member.age > 25 }.all().map(\.0.name) == ["bob"])
            let others = query.filter { member, mentor in member.teamID != mentor.teamID }
            #expect(try others.all().map(\.0.name) == ["bob"])
            let all = session.query(Member.self).leftJoin(\.mentorID).order { member, _ in member.name }
            #expect(try all.all().map { $0.1?.name } == ["bob", "cid", nil, nil])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `joined values are not kept by the session`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let query = session.query(Member.self).leftJoin(\.teamID).order { member, _ in member.name }
            let values: [(Member, Team?)] = try query.values().all()
            #expect(values.map(\.0.name) == ["ann", "bob", "cid", "dan"])
            #expect(values.map(\.1?.motto) == ["go", "go", nil, nil])
            #expect(values.map(\.1?.name) == ["red", "red", "blue", nil])
            #expect(values.map(\.0.age) == [10, 30, 40, nil])
            try session.execute("UPDATE members SET age = 99")
            try session.execute("UPDATE teams SET motto = 'x'")
            #expect(try session.getOne(Member.self, try #require(values[0].0.id)).age == 99)
            #expect(try session.getOne(Team.self, try #require(values[0].1?.id)).motto == "x")
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a joined row brings stale handles up to date, and only those`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let query = session.query(Member.self).join(\.teamID).filter { member, _ in member.name == "ann" }
            let (ann, red) = try #require(try query.first())
            try session.execute("UPDATE members SET age = 99")
            try session.execute("UPDATE teams SET motto = 'x'")
            _ = try query.all()
            #expect(ann.age == 10 && red.motto == "go")
            session.expireAll()
            #expect(ann.state == .stale && red.state == .stale)
            _ = try query.all()
            #expect(ann.age == 99 && red.motto == "x")
            #expect(ann.state == .persistent && red.state == .persistent)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was changed is written before a join`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let member = try session.add(Member("ann"))
                let team = try session.add(Team(name: "red"))
                member.link(\.teamID, to: team)
                let pair = try #require(try session.query(Member.self).join(\.teamID).first())
                #expect(pair.0 === member && pair.1 === team)
            }
        }
    }

    // MARK: - Conditions on others

    @Test(arguments: DatabaseRun.all)
    func `a condition asks for the record that is referred to`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            #expect(try session.people { $0.teamID.matches { $0.name == "red" } } == ["ann", "bob"])
            #expect(try session.people { !$0.teamID.matches { $0.name == "red" } } == ["cid", "dan"])
            #expect(try session.people { $0.teamID.matches { $0.motto.isNull } } == ["cid"])
            #expect(try session.people { $0.teamID.matches { $0.name == "red" } && $0.age > 20 } == ["bob"])
            #expect(
                try session.people { $0.teamID.matches { $0.name == "blue" || $0.name == "red" } && $0.age < 20 }
                    == ["ann"]
            )
            #expect(
                try session.people { $0.teamID.matches { $0.name == "blue" } || $0.mentorID.matches { $0.age == 30 } }
                    == ["ann", "cid"]
            )
            #expect(
                try session.people { $0.teamID.matches { "\($0.name) = 'red' OR 1 = 1" } } == ["ann", "bob", "cid"]
            )
            // Columns of both: those of the outer one keep their table.
            #expect(
                try session.people { member in member.teamID.matches { $0.name > member.name } } == ["ann", "bob"]
            )
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `conditions on others are nested`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            // The mentor of the mentor is in "blue": "ann", whose mentor is "bob", whose mentor is "cid".
            #expect(
                try session.people { $0.mentorID.matches { $0.mentorID.matches { $0.name == "cid" } } } == ["ann"]
            )
            #expect(
                try session.people {
                    $0.mentorID.matches { $0.mentorID.matches { $0.teamID.matches { $0.name == "blue" } } }
                }
                    == ["ann"]
            )
            #expect(
                try session.people { $0.mentorID.matches { $0.teamID.matches { $0.name == "blue" } } } == ["bob"]
            )
            // Each level knows its own columns and those around it.
            #expect(
                try session.people { member in
                    member.mentorID.matches { mentor in mentor.teamID == member.teamID && mentor.age > member.age }
                } == ["ann"]
            )
            #expect(
                try session.people { member in
                    member.mentorID.matches { mentor in
                        mentor.mentorID.matches {
                            $0.age > mentor.age && mentor.age > member.age && $0.teamID != member.teamID
                        }
                    }
                } == ["ann"]
            )
            #expect(
                try session.people { member in member.mentorID.matches { $0.mentorID.matches { $0.id == member.id } } }
                    .isEmpty
            )
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `both sides of a join have conditions on others`(_ run: DatabaseRun) async throws {
        try await run.withPeople { session throws in
            let query = session.query(Member.self).join(\.mentorID).order { member, _ in member.name }
            let mentors = query.filter { _, mentor in mentor.teamID.matches { $0.name == "blue" } }
            #expect(try mentors.all().map(\.0.name) == ["bob"])
            let members = query.filter { member, _ in member.mentorID.matches { $0.name == "bob" } }
            #expect(try members.all().map(\.0.name) == ["ann"])
            let both = query.filter { member, mentor in
                member.teamID.matches { $0.name == "red" } && mentor.mentorID.matches { $0.name == "cid" }
            }
            #expect(try both.all().map(\.0.name) == ["ann"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows are counted, changed and deleted by conditions on others`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let reds = session.query(Member.self).filter { $0.teamID.matches { $0.name == "red" } }
            #expect(try reds.count() == 2)
            #expect(try reds.exists())
            #expect(try reds.update { $0.age.set(1) } == 2)
            #expect(try session.people { $0.age == 1 } == ["ann", "bob"])
            try session.query(Member.self).update { $0.mentorID.set(nil) }
            #expect(try reds.delete() == 2)
            #expect(try session.people { _ in "1 = 1" } == ["cid", "dan"])
        }
    }

    // MARK: - Loading

    @Test(arguments: DatabaseRun.all)
    func `the records that others refer to are loaded`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let people = try session.query(Member.self).order { $0.name }.all()
            let blue = try session.query(Team.self).filter { $0.name == "blue" }.one()
            let teams = try session.load(\.teamID, of: people)
            #expect(people.map { teams[$0]?.name } == ["red", "red", "blue", nil])
            #expect(teams[people[0]] === teams[people[1]])
            #expect(teams[people[2]] === blue)

            let mentors = try session.load(\.mentorID, of: people)
            #expect(mentors[people[0]] === people[1])
            #expect(mentors[people[1]] === people[2])
            #expect(mentors[people[2]] == nil)

            // Only those that were asked for.
            let some = try session.load(\.teamID, of: [people[2]])
            #expect(some[people[2]] === blue)
            #expect(some[people[0]] == nil)
            #expect(try session.load(\.teamID, of: [Tracked<Member>]())[people[0]] == nil)
            #expect(try session.load(\.teamID, of: [people[3]])[people[3]] == nil)
            #expect(try session.load(\.teamID, of: [people[0], people[0]])[people[0]]?.name == "red")
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `the records that refer to others are loaded`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let people = try session.query(Member.self).order { $0.name }.all()
            let empty = try session.add(Team(name: "empty"))
            let teams = try session.query(Team.self).order { $0.name }.all()
            #expect(teams.map(\.name) == ["blue", "empty", "red"])
            let members = try session.load(Member.self, by: \.teamID, of: teams)
            #expect(members[teams[0]].count == 1 && members[teams[0]].first === people[2])
            #expect(members[empty].isEmpty)
            #expect(members[teams[2]].count == 2)
            #expect(members[teams[2]].allSatisfy { $0 === people[0] || $0 === people[1] })

            let pupils = try session.load(Member.self, by: \.mentorID, of: people)
            #expect(pupils[people[1]].map(\.name) == ["ann"])
            #expect(pupils[people[2]].map(\.name) == ["bob"])
            #expect(pupils[people[0]].isEmpty && pupils[people[3]].isEmpty)

            let none = try session.load(Member.self, by: \.teamID, of: [Tracked<Team>]())
            #expect(none[teams[2]].isEmpty)
            #expect(try session.load(Member.self, by: \.teamID, of: [empty])[empty].isEmpty)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was changed is written before records are loaded`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let people = try session.query(Member.self).order { $0.name }.all()
            let blue = try session.query(Team.self).filter { $0.name == "blue" }.one()
            people[0].link(\.teamID, to: blue)
            people[2].teamID = nil
            let teams = try session.load(\.teamID, of: people)
            #expect(people.map { teams[$0]?.name } == ["blue", "red", nil, nil])
            let members = try session.load(Member.self, by: \.teamID, of: [blue])
            #expect(members[blue].map(\.name) == ["ann"])
            // What a handle refers to by now counts.
            people[1].teamID = blue.id
            #expect(teams[people[1]] === blue)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records that were added just now are loaded with the others`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let bob = try session.query(Member.self).filter { $0.name == "bob" }.one()
            let (zoe, green) = (try session.add(Member("zoe")), try session.add(Team(name: "green")))
            zoe.link(\.teamID, to: green)
            let teams = try session.load(\.teamID, of: [zoe, bob])
            #expect(teams[bob]?.name == "red")
            #expect(teams[zoe] === green)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records that refer to one that was added just now are loaded`(_ run: DatabaseRun) async throws {
        try await run.withPeople(isWriting: true) { session in
            let (zoe, green) = (try session.add(Member("zoe")), try session.add(Team(name: "green")))
            zoe.link(\.teamID, to: green)
            let members = try session.load(Member.self, by: \.teamID, of: [green])
            #expect(members[green].first === zoe)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `one statement loads one record, or a hundred, or three thousand`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let teams = try session.addAll((0..<3000).map { Team(name: "t\($0)") })
                try session.flush()
                try session.bulkInsert(teams.map { Member("m of \($0.name)", teamID: $0.id) })
            }
            for count in [1, 100, 3000] {
                let before = database.statistics.statements
                try await database.read { session in
                    let members = try session.query(Member.self).order { $0.id }.limit(count).all()
                    let teams = try session.load(\.teamID, of: members)
                    #expect(members.allSatisfy { teams[$0].map { "m of \($0.name)" } == $0.name })
                }
                try await database.read { session in
                    let teams = try session.query(Team.self).order { $0.id }.limit(count).all()
                    let members = try session.load(Member.self, by: \.teamID, of: teams)
                    #expect(teams.allSatisfy { members[$0].map(\.name) == ["m of \($0.name)"] })
                }
                #expect(database.statistics.statements - before == 4)
            }
            // A join needs one.
            let before = database.statistics.statements
            let count = try await database.read { session in try session.query(Member.self).join(\.teamID).all().count }
            #expect(count == 3000)
            #expect(database.statistics.statements - before == 1)
        }
    }
}

extension Session {
    /// The names of the members that meet a condition.
    fileprivate func people(_ condition: (Member.Columns) -> Predicate) throws -> [String] {
        try query(Member.self).filter(condition).order { $0.name }.values().all().map(\.name)
    }
}

extension DatabaseRun {
    /// Gives a function four members. "ann" and "bob" are in the team "red", "cid" in "blue" and "dan" in none; the
    /// mentor of "ann" is "bob", and his is "cid".
    fileprivate func withPeople(
        isWriting: Bool = false,
        _ body: @Sendable (isolated Session) async throws -> Void
    ) async throws {
        try await withRecords { database in
            try await database.write { session in
                let red = try session.add(Team(name: "red", motto: "go"))
                let blue = try session.add(Team(name: "blue"))
                let people = try session.addAll([
                    Member("dan"), Member("cid", age: 40), Member("bob", age: 30), Member("ann", age: 10),
                ])
                people[1].link(\.teamID, to: blue)
                people[2].link(\.teamID, to: red)
                people[3].link(\.teamID, to: red)
                people[2].link(\.mentorID, to: people[1])
                people[3].link(\.mentorID, to: people[2])
            }
            if isWriting {
                try await database.write(body)
            } else {
                try await database.read(body)
            }
        }
    }
}
