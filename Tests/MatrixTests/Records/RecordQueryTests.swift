// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// Filters, order, limits and the ways to read rows, on every database.
@Suite(.serialized) struct RecordQueryTests {
    // MARK: - Filters

    @Test(arguments: DatabaseRun.all)
    func `columns are compared with values`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            #expect(try session.names { $0.name == "bob" } == ["bob"])
            #expect(try session.names { $0.age == 18 } == ["bob"])
            #expect(try session.names { $0.age < 18 } == ["ann"])
            #expect(try session.names { $0.age <= 18 } == ["ann", "bob"])
            #expect(try session.names { $0.age > 18 } == ["cid", "eve"])
            #expect(try session.names { $0.age >= 18 } == ["bob", "cid", "eve"])
            // NULL is not unequal to anything.
            #expect(try session.names { $0.age != 18 } == ["ann", "cid", "eve"])
            #expect(try session.names { $0.name != "bob" } == ["ann", "cid", "dan", "eve"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `nil is compared as NULL, also where it is known at run time only`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            #expect(try session.names { $0.age == nil } == ["dan"])
            #expect(try session.names { $0.age != nil } == ["ann", "bob", "cid", "eve"])
            #expect(try session.names { $0.age.isNull } == ["dan"])
            #expect(try session.names { $0.age.isNotNull } == ["ann", "bob", "cid", "eve"])
            #expect(try session.names { $0.name.isNull }.isEmpty)
            for (age, equal, unequal) in [
                (nil as Int?, ["dan"], ["ann", "bob", "cid", "eve"]), (30, ["cid"], ["ann", "bob", "eve"]),
            ] {
                #expect(try session.names { $0.age == age } == equal)
                #expect(try session.names { $0.age != age } == unequal)
            }
            // Nothing is less or greater than NULL, and nothing is not.
            let unknown: Int? = nil
            #expect(try session.names { $0.age < unknown || $0.age >= unknown }.isEmpty)
            #expect(try session.names { !($0.age < unknown) }.isEmpty)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `conditions are combined as Swift combines them`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            #expect(try session.names { $0.age > 17 && $0.age < 65 } == ["bob", "cid"])
            #expect(try session.names { $0.name == "ann" || $0.age == 65 } == ["ann", "eve"])
            #expect(try session.names { $0.name == "ann" || $0.name == "bob" && $0.age > 18 } == ["ann"])
            #expect(try session.names { ($0.name == "ann" || $0.name == "eve") && $0.age > 18 } == ["eve"])
            #expect(try session.names { $0.age > 18 && ($0.name == "eve" || $0.name == "ann") } == ["eve"])
            // What is unknown of NULL is unknown of its contrary.
            #expect(try session.names { !($0.age > 18) } == ["ann", "bob"])
            #expect(try session.names { !($0.name == "ann" || $0.name == "bob") } == ["cid", "dan", "eve"])
            #expect(try session.names { !($0.name == "ann") && $0.age < 30 } == ["bob"])
            #expect(try session.names { !($0.age >= 18 && $0.age < 65) } == ["ann", "eve"])
            #expect(try session.names { !(!($0.name == "dan")) } == ["dan"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `every filter counts`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let query = session.query(Member.self).filter { $0.name == "ann" || $0.name == "eve" }
            let narrowed = query.filter { $0.age > 17 || $0.name == "dan" }
            #expect(try narrowed.all().map(\.name) == ["eve"])
            #expect(try narrowed.count() == 1)
            // The query that was narrowed is what it was.
            #expect(try query.count() == 2)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a value is one of a list or of a range`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            #expect(try session.names { $0.name.in(["eve", "ann", "zoe"]) } == ["ann", "eve"])
            #expect(try session.names { $0.age.in([17, 30]) } == ["ann", "cid"])
            // NULL is neither one of them nor none of them.
            let ages: Set<Int> = [17, 30]
            #expect(try session.names { $0.age.in(ages) } == ["ann", "cid"])
            #expect(try session.names { !$0.age.in(ages) } == ["bob", "eve"])
            #expect(try session.names { $0.age.in(18...30) } == ["bob", "cid"])
            #expect(try session.names { $0.age.in(18..<30) } == ["bob"])
            #expect(try session.names { $0.age.in([17, 30].lazy.map { $0 }) } == ["ann", "cid"])
            #expect(try session.names { $0.name.in([]) }.isEmpty)
            #expect(try session.names { !$0.name.in([]) } == ["ann", "bob", "cid", "dan", "eve"])
            #expect(try session.names { $0.name.in([]) || $0.name == "cid" } == ["cid"])
            #expect(try session.names { !$0.name.in(["ann", "bob", "dan"]) } == ["cid", "eve"])
            #expect(try session.names { $0.name.in("bob"..."dan") } == ["bob", "cid", "dan"])
            #expect(try session.names { $0.name.in("bob"..<"dan") } == ["bob", "cid"])
            #expect(try session.names { $0.name.in("bob"..<"bob") }.isEmpty)
            #expect(try session.names { !$0.name.in("bob"..<"dan") && $0.age > 17 } == ["eve"])
            #expect(try session.names { $0.name.in("bob"..."cid") || $0.age == 65 } == ["bob", "cid", "eve"])
            // Any sequence will do.
            let names = Set(["ann", "bob"]).map { $0 }.lazy.filter { $0 != "bob" }
            #expect(try session.names { $0.name.in(names) } == ["ann"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `numbers are in a range from its first value on`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                try session.bulkInsert((1...9).map { Seat(hall: "A", number: $0) })
                #expect(try session.numbers { $0.number.in(3...5) } == [3, 4, 5])
                #expect(try session.numbers { $0.number.in(3..<5) } == [3, 4])
                #expect(try session.numbers { $0.number.in(3..<3) }.isEmpty)
                #expect(try session.numbers { !$0.number.in(3...8) && $0.hall == "A" } == [1, 2, 9])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a pattern has wildcards, and an escape for them`(_ run: DatabaseRun) async throws {
        try await run.withTeams("100%", "100x", "a_b", "axb", "wow", "wow!", "1000") { session throws in
            #expect(try session.teams { $0.name.like("100_") } == ["100%", "100x", "1000"])
            #expect(try session.teams { $0.name.like("100!%") } == ["100%"])
            #expect(try session.teams { $0.name.like("a_b") } == ["a_b", "axb"])
            #expect(try session.teams { $0.name.like("a!_b") } == ["a_b"])
            #expect(try session.teams { $0.name.like("wow%") } == ["wow", "wow!"])
            #expect(try session.teams { $0.name.like("wow!!") } == ["wow!"])
            #expect(try session.teams { $0.name.like("1%0") } == ["1000"])
            #expect(try session.teams { $0.name.like("wo") }.isEmpty)
            #expect(try session.teams { !$0.name.like("%0%") } == ["a_b", "axb", "wow", "wow!"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a text is found whatever characters it has`(_ run: DatabaseRun) async throws {
        let names = ["50% off", "50x off", "!%", "x!y", "a_b", "axb", #"a\b"#, #"a\%"#, "it's", "żółw 🐢"]
        try await run.withTeams(names) { session throws in
            #expect(try session.teams { $0.name.contains("%") } == ["50% off", "!%", #"a\%"#])
            #expect(try session.teams { $0.name.contains("_") } == ["a_b"])
            #expect(try session.teams { $0.name.contains("!") } == ["!%", "x!y"])
            #expect(try session.teams { $0.name.contains("!%") } == ["!%"])
            #expect(try session.teams { $0.name.contains(#"\"#) } == [#"a\b"#, #"a\%"#])
            #expect(try session.teams { $0.name.contains("'") } == ["it's"])
            #expect(try session.teams { $0.name.contains("ółw") } == ["żółw 🐢"])
            #expect(try session.teams { $0.name.contains("") }.count == names.count)
            #expect(try session.teams { $0.name.hasPrefix("50%") } == ["50% off"])
            #expect(try session.teams { $0.name.hasPrefix("off") }.isEmpty)
            #expect(try session.teams { $0.name.hasPrefix("a_") } == ["a_b"])
            #expect(try session.teams { $0.name.hasPrefix("!") } == ["!%"])
            #expect(try session.teams { $0.name.hasSuffix("%") } == ["!%", #"a\%"#])
            #expect(try session.teams { $0.name.hasSuffix("_b") } == ["a_b"])
            #expect(try session.teams { $0.name.hasSuffix("!y") } == ["x!y"])
            #expect(try session.teams { $0.name.hasSuffix("🐢") } == ["żółw 🐢"])
            #expect(try session.teams { $0.name.hasSuffix("x!") }.isEmpty)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a column of text that may be NULL is searched as well`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                try session.addAll([Team(name: "a", motto: "ever on"), Team(name: "b"), Team(name: "c", motto: "over")])
                #expect(try session.teams { $0.motto.contains("ver") } == ["a", "c"])
                #expect(try session.teams { $0.motto.hasPrefix("ever") } == ["a"])
                #expect(try session.teams { $0.motto.hasSuffix("ver") } == ["c"])
                #expect(try session.teams { !$0.motto.contains("on") } == ["c"])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `columns are compared with columns`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            #expect(try session.names { $0.mentorID == $0.id } == ["ann"])
            #expect(try session.names { $0.mentorID != $0.id } == ["bob", "cid"])
            #expect(try session.names { $0.mentorID < $0.id } == ["bob"])
            #expect(try session.names { $0.mentorID > $0.id } == ["cid"])
            #expect(try session.names { !($0.mentorID == $0.id) } == ["bob", "cid"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a condition of SQL stays together`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let (ann, eve) = ("ANN", "eve")
            #expect(try session.names { "upper(\($0.name)) = \(ann)" } == ["ann"])
            #expect(
                try session.names { "upper(\($0.name)) = \(ann) OR \($0.name) = \(eve)" && $0.age > 18 } == ["eve"]
            )
            #expect(
                try session.names { $0.age > 18 && "upper(\($0.name)) = \(ann) OR \($0.name) = \(eve)" } == ["eve"]
            )
            #expect(
                try session.names { !"upper(\($0.name)) = \(ann) OR \($0.name) = \(eve)" } == ["bob", "cid", "dan"]
            )
            #expect(try session.names { "\($0.age) < 18" || "\($0.age) > 18 AND \($0.age) < \(65)" } == ["ann", "cid"])
            #expect(try session.names { _ in "1 = 1" }.count == 5)
            let query = session.query(Member.self).filter { _ in "name = 'ann' OR name = 'eve'" }
            #expect(try query.filter { $0.age > 18 }.all().map(\.name) == ["eve"])
            let condition: SQL = "age > \(18)"
            #expect(try session.names { $0.name != "eve" && Predicate(condition) } == ["cid"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what is written into a condition is a value and never SQL`(_ run: DatabaseRun) async throws {
        let name = "x' OR '1' = '1"
        try await run.withTeams("a", name) { session throws in
            #expect(try session.teams { $0.name == name } == [name])
            #expect(try session.teams { "\($0.name) = \(name)" } == [name])
            #expect(try session.teams { $0.name.in([name]) } == [name])
            #expect(try session.teams { $0.name.hasPrefix("x' OR") } == [name])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `types of one's own are compared as they are stored`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let settings = Document.Settings(isPublic: true, tags: ["a"])
                try session.addAll([
                    Document("a"), Document("bb", status: .final), Document("ccc", settings: settings),
                ])
                let status = Document.Status.final
                #expect(try session.titles { $0.status == .draft } == ["a", "ccc"])
                #expect(try session.titles { $0.status != .draft } == ["bb"])
                #expect(try session.titles { $0.status == status } == ["bb"])
                #expect(try session.titles { $0.status.in([.final, .draft]) && $0.title != "a" } == ["bb", "ccc"])
                #expect(try session.titles { $0.settings == nil } == ["a", "bb"])
                #expect(try session.titles { $0.settings.isNotNull } == ["ccc"])
                #expect(try session.titles { $0.words > 1 } == ["bb", "ccc"])
            }
        }
    }

    // MARK: - Order

    @Test(arguments: DatabaseRun.all)
    func `rows come in an order`(_ run: DatabaseRun) async throws {
        try await run.withAges { session throws in
            let query = session.query(Member.self).filter { $0.age.isNotNull }
            #expect(try query.order { $0.name }.all().map(\.name) == ["a", "b", "c", "e"])
            #expect(try query.order { $0.name.descending }.all().map(\.name) == ["e", "c", "b", "a"])
            let several = query.order {
                $0.age.descending
                $0.name
            }
            #expect(try several.all().map(\.name) == ["a", "c", "b", "e"])
            let others = query.order {
                $0.age
                $0.name.descending
            }
            #expect(try others.all().map(\.name) == ["e", "b", "c", "a"])
            #expect(try query.order { $0.age }.order { $0.name.descending }.all().map(\.name) == ["e", "b", "c", "a"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `NULL comes first or last, as it is said`(_ run: DatabaseRun) async throws {
        try await run.withAges { session throws in
            #expect(try session.sortedNames(by: { $0.age.ascending.nullsFirst }) == ["d", "f", "b", "e", "a", "c"])
            #expect(try session.sortedNames(by: { $0.age.ascending.nullsLast }) == ["b", "e", "a", "c", "d", "f"])
            #expect(try session.sortedNames(by: { $0.age.descending.nullsFirst }) == ["d", "f", "a", "c", "b", "e"])
            #expect(try session.sortedNames(by: { $0.age.descending.nullsLast }) == ["a", "c", "b", "e", "d", "f"])
            // What is said last counts.
            #expect(
                try session.sortedNames(by: { $0.age.descending.nullsFirst.nullsLast }) == [
                    "a", "c", "b", "e", "d", "f",
                ]
            )
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows are ordered by SQL, and by conditions of the program`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let aim = 30
            let query = session.query(Member.self).filter { $0.age.isNotNull }
            #expect(
                try query.order { "abs(\($0.age) - \(aim))" }.all().map(\.name) == ["cid", "bob", "ann", "eve"]
            )
            #expect(
                try query.order { "abs(\($0.age) - \(aim)) DESC" }.all().map(\.name) == ["eve", "ann", "bob", "cid"]
            )
            for isReversed in [true, false] {
                let ordered = query.order {
                    if isReversed { $0.name.descending } else { $0.name }
                }
                #expect(try ordered.first()?.name == (isReversed ? "eve" : "ann"))
                let partly = query.order {
                    if isReversed { $0.age.descending }
                    $0.name
                }
                #expect(try partly.first()?.name == (isReversed ? "eve" : "ann"))
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a limit and an offset leave rows out`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let query = session.query(Member.self).order { $0.name }
            #expect(try query.limit(2).all().map(\.name) == ["ann", "bob"])
            #expect(try query.limit(2).offset(3).all().map(\.name) == ["dan", "eve"])
            #expect(try query.offset(3).all().map(\.name) == ["dan", "eve"])
            #expect(try query.offset(0).all().count == 5)
            #expect(try query.limit(0).all().isEmpty)
            #expect(try query.limit(-1).all().isEmpty)
            #expect(try query.limit(9).offset(5).all().isEmpty)
            #expect(try query.offset(-3).all().count == 5)
            // What is said last counts.
            #expect(try query.limit(1).limit(3).offset(4).offset(1).all().map(\.name) == ["bob", "cid", "dan"])
        }
    }

    // MARK: - One row or many

    @Test(arguments: DatabaseRun.all)
    func `one row is asked for`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let query = session.query(Member.self).order { $0.name }
            let (none, one) = (query.filter { $0.name == "zoe" }, query.filter { $0.name == "eve" })

            #expect(try query.first()?.name == "ann")
            #expect(try query.offset(1).first()?.name == "bob")
            #expect(try none.first() == nil)
            #expect(try query.limit(0).first() == nil)

            #expect(try one.one().name == "eve")
            #expect(error { try none.one() }?.code == .noRows)
            #expect(error { try query.one() }?.code == .tooManyRows)
            #expect(try query.limit(1).one().name == "ann")
            #expect(try query.offset(4).one().name == "eve")

            #expect(try one.oneOrNil()?.name == "eve")
            #expect(try none.oneOrNil() == nil)
            #expect(error { try query.oneOrNil() }?.code == .tooManyRows)
            #expect(try query.limit(1).oneOrNil()?.name == "ann")

            // Rows that are not as they should be leave the transaction as it is.
            #expect(try query.all().count == 5)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows are counted, as far as the query goes`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let query = session.query(Member.self)
            let adults = query.filter { $0.age >= 18 }
            #expect(try query.count() == 5)
            #expect(try adults.count() == 3)
            #expect(try adults.order { $0.name }.count() == 3)
            #expect(try adults.limit(2).count() == 2)
            #expect(try adults.limit(9).count() == 3)
            #expect(try adults.limit(0).count() == 0)
            #expect(try adults.offset(1).count() == 2)
            #expect(try adults.limit(2).offset(2).count() == 1)
            #expect(try query.filter { $0.name == "zoe" }.count() == 0)

            #expect(try query.exists())
            #expect(try adults.order { $0.name }.exists())
            #expect(try query.filter { $0.name == "zoe" }.exists() == false)
            #expect(try adults.offset(2).exists())
            #expect(try adults.offset(3).exists() == false)
            #expect(try adults.limit(0).exists() == false)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `nothing is executed before rows are asked for`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let before = database.statistics.statements
            try await database.withSession { session in
                let query = session.query(Team.self).filter { $0.name == "red" }.order { $0.id }.limit(1)
                _ = query.handles()
                _ = query.values()
            }
            #expect(database.statistics.statements == before)
            try await database.write { session in
                let query = session.query(Team.self).filter { $0.name == "red" }
                #expect(try query.first() == nil)
                // A query can be executed again; what was added is written before.
                let team = try session.add(Team(name: "red"))
                #expect(try query.one() === team)
                team.name = "blue"
                #expect(try query.exists() == false)
                team.name = "red"
                #expect(try query.count() == 1)
                team.motto = "x"
                #expect(try query.values().one().motto == "x")
                try session.noAutoflush { () throws in
                    team.name = "green"
                    #expect(try query.count() == 1)
                    #expect(try query.one() === team)
                    #expect(team.name == "green")
                }
            }
        }
    }

    // MARK: - Row by row

    @Test(arguments: DatabaseRun.all)
    func `rows are read one after the other`(_ run: DatabaseRun) async throws {
        try await run.withMembers { session throws in
            let query = session.query(Member.self).order { $0.name }
            let all = try query.all()

            var names: [String] = []
            for try await member in query.handles() {
                #expect(member === all[names.count])
                names.append(member.name)
            }
            #expect(names == ["ann", "bob", "cid", "dan", "eve"])

            let rows = try query.rows()
            #expect(try rows.next() === all[0])
            #expect(error { try session.query(Team.self).count() }?.code == .resultPending)
            #expect(try rows.nextBatch(3).map(\.name) == ["bob", "cid", "dan"])
            rows.discard()
            #expect(try rows.next() == nil)
            #expect(try session.query(Team.self).count() == 0)

            names = []
            try query.forEach { names.append($0.name) }
            #expect(names == ["ann", "bob", "cid", "dan", "eve"])

            // Whoever leaves a loop leaves the result.
            for try await member in query.handles() where member.name == "bob" { break }
            #expect(try query.count() == 5)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a function that throws ends the rows, and the session goes on`(_ run: DatabaseRun) async throws {
        struct Enough: Error {}
        try await run.withMembers { session throws in
            var names: [String] = []
            #expect(throws: Enough.self) {
                try session.query(Member.self).order { $0.name }.forEach { member in
                    names.append(member.name)
                    if names.count == 2 { throw Enough() }
                }
            }
            #expect(names == ["ann", "bob"])
            let left = try session.names { $0.name == "eve" }
            #expect(left == ["eve"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what is changed while rows are read is written afterwards`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                try session.bulkInsert((0..<10).map { (age: Int) in Member("m\(age)", age: age) })
                try session.query(Member.self).filter { $0.age > 4 }.forEach { $0.age = ($0.age ?? 0) + 100 }
            }
            let ages = try await database.query("SELECT age FROM members ORDER BY id", as: Int.self)
            #expect(ages == [0, 1, 2, 3, 4, 105, 106, 107, 108, 109])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows that nobody holds are not kept`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in try session.bulkInsert((0..<3000).map { Member("m\($0)") }) }
            try await database.write { session in
                weak var dropped: Tracked<Member>?
                weak var changed: Tracked<Member>?
                var held: Tracked<Member>?
                var count = 0
                try session.query(Member.self).order { $0.id }.forEach { member in
                    switch count {
                    case 0: dropped = member
                    case 1: held = member
                    case 2:
                        changed = member
                        member.age = 7
                    default: break
                    }
                    count += 1
                }
                #expect(count == 3000)
                #expect(dropped == nil)
                // What is to be written is kept, and so is what somebody holds.
                #expect(changed != nil)
                let id = try #require(held?.id)
                #expect(try session.get(Member.self, id) === held)
            }
            #expect(try await database.query("SELECT name FROM members WHERE age = 7", as: String.self) == ["m2"])
        }
    }

    // MARK: - Values

    @Test(arguments: DatabaseRun.all)
    func `values are not kept by the session`(_ run: DatabaseRun) async throws {
        try await run.withMembers(isWriting: true) { session throws in
            let query = session.query(Member.self).order { $0.name }.limit(2)
            let values: [Member] = try query.values().all()
            #expect(values.map(\.name) == ["ann", "bob"])
            let bob = try session.getOne(Member.self, try #require(values[1].id))
            try session.execute("UPDATE members SET age = 99")

            // Of "ann" the session knew nothing; "bob" it had read.
            #expect(try session.getOne(Member.self, try #require(values[0].id)).age == 99)
            #expect(bob.age == 18)
            // Values are those of the rows, and leave handles alone.
            #expect(try query.values().all().map(\.age) == [99, 99])
            #expect(try query.values().first()?.age == 99)
            #expect(bob.age == 18)
            #expect(session.dirty.isEmpty && session.new.isEmpty)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `values leave the scope`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.add(Document("abc", status: .final, settings: .init(isPublic: false, tags: ["x"])))
            }
            let documents = try await database.read { session in
                try session.query(Document.self).values().all()
            }
            var expected = Document("abc", status: .final, settings: .init(isPublic: false, tags: ["x"]))
            expected.id = documents.first?.id
            expected.words = 3
            #expect(documents == [expected])
        }
    }
}

extension Session {
    /// The names of the members that meet a condition.
    fileprivate func names(_ condition: (Member.Columns) -> Predicate) throws -> [String] {
        try query(Member.self).filter(condition).order { $0.id }.values().all().map(\.name)
    }

    /// The names of all members in an order, and where that says nothing, by name.
    fileprivate func sortedNames(@OrderingBuilder by order: (Member.Columns) -> [Ordering]) throws -> [String] {
        try query(Member.self).order(order).order { $0.name }.values().all().map(\.name)
    }

    /// The numbers of the seats that meet a condition.
    fileprivate func numbers(_ condition: (Seat.Columns) -> Predicate) throws -> [Int] {
        try query(Seat.self).filter(condition).order { $0.number }.values().all().map(\.number)
    }

    /// The titles of the documents that meet a condition.
    fileprivate func titles(_ condition: (Document.Columns) -> Predicate) throws -> [String] {
        try query(Document.self).filter(condition).order { $0.id }.values().all().map(\.title)
    }

    /// The names of the teams that meet a condition.
    fileprivate func teams(_ condition: (Team.Columns) -> Predicate) throws -> [String] {
        try query(Team.self).filter(condition).order { $0.id }.values().all().map(\.name)
    }
}

extension DatabaseRun {
    /// Gives a function five members. The mentor of "ann" is herself, that of "bob" is before him, that of "cid" after.
    fileprivate func withMembers(
        isWriting: Bool = false,
        _ body: @Sendable (isolated Session) async throws -> Void
    ) async throws {
        try await withRecords { database in
            try await database.write { session in
                let members = try [("ann", 17), ("bob", 18), ("cid", 30), ("dan", nil), ("eve", 65)].map {
                    let member = try session.add(Member($0.0, age: $0.1))
                    // One after the other, so that their keys are in this order.
                    try session.flush()
                    return member
                }
                members[0].mentorID = members[0].id
                members[1].mentorID = members[0].id
                members[2].mentorID = members[3].id
            }
            if isWriting {
                try await database.write(body)
            } else {
                try await database.read(body)
            }
        }
    }

    /// Gives a function six members, some of which have the same age and some none.
    fileprivate func withAges(_ body: @Sendable (isolated Session) async throws -> Void) async throws {
        try await withRecords { database in
            try await database.write { session in
                let ages = [("d", nil), ("c", 2), ("b", 1), ("a", 2), ("f", nil), ("e", 1)]
                try session.bulkInsert(ages.map { Member($0.0, age: $0.1) })
            }
            try await database.read(body)
        }
    }

    /// Gives a function teams with some names.
    fileprivate func withTeams(
        _ names: String...,
        body: @Sendable (isolated Session) async throws -> Void
    ) async throws {
        try await withTeams(names, body)
    }

    /// Gives a function teams with some names.
    fileprivate func withTeams(
        _ names: [String],
        _ body: @Sendable (isolated Session) async throws -> Void
    ) async throws {
        try await withRecords { database in
            try await database.write { session in
                for name in names {
                    try session.add(Team(name: name))
                    try session.flush()
                }
            }
            try await database.read(body)
        }
    }
}
