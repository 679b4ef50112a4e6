// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// A row of which the database makes everything.
@Record("vouchers")
struct Voucher: Hashable {
    @ID var id: Int64?
    @Generated var gate: Int?
}

/// A row of values of many kinds.
@Record("parcels")
struct Parcel: Hashable {
    @ID var id: Int64
    var label: String
    var flag: Bool
    var small: Int16?
    var weight: Double
    var count: Int
    var content: [UInt8]
    var code: UUID
    var day: LocalDate
    var sent: Timestamp?
    var price: Decimal

    init(_ number: Int) throws {
        id = Int64(number)
        label = "tab\t, line\n, \\N and \\ and \"ü\" of \(number)"
        flag = number.isMultiple(of: 2)
        small = number.isMultiple(of: 3) ? nil : Int16(number)
        weight = Double(number) / 7
        count = number - 300
        content = [0, UInt8(truncatingIfNeeded: number), 255]
        code = UUID()
        day = try LocalDate(year: 2000 + number % 50, month: 1 + number % 12, day: 1 + number % 28)
        sent = number.isMultiple(of: 5) ? nil : Timestamp(microsecondsSinceEpoch: Int64(number) * 1_000_003)
        price = Decimal(number) + 0.25
    }
}

/// A number whose column is narrower than its property.
@Record("tallies")
struct Tally: Hashable {
    @ID var id: Int64
    var count: Int
}

/// Many records at once, past the session, on every database.
@Suite(.serialized) struct BulkTests {
    @Test(arguments: DatabaseRun.all)
    func `many records are inserted past the session`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let before = database.statistics.statements
            try await database.write { session in
                let added = try session.add(Member("added"))
                let count = try session.bulkInsert((0..<3000).lazy.map { (age: Int) in Member("m\(age)", age: age) })
                #expect(count == 3000)
                #expect(added.state == .persistent)
                #expect(session.new.isEmpty)
            }
            // A statement holds many rows.
            #expect(database.statistics.statements - before < 20)
            let rows = try await database.query("SELECT name, age FROM members", as: (String, Int?).self)
            let ages = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0.1) })
            #expect(ages.count == 3001)
            #expect((0..<3000).allSatisfy { (age: Int) in ages["m\(age)"] == age })
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a sequence of any length is inserted part by part, whatever its records leave to the database`(
        _ run: DatabaseRun
    ) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                // Of the second part a third is alone; there is one after the last whole part.
                let records = (0..<20_001).lazy.map { number in
                    var document = Document("\(number)")
                    if number > 15_000, number % 3 == 0 { document.id = Int64(-number) }
                    return document
                }
                #expect(try session.bulkInsert(records) == 20_001)
                let titles = try session.query("SELECT title FROM documents", as: String.self).all()
                #expect(Set(titles.compactMap { Int($0) }) == Set(0..<20_001))
                #expect(titles.count == 20_001)
                let sql: SQL = "SELECT id, title FROM documents WHERE id < 0"
                let given = try session.query(sql, as: (Int, String).self).all()
                #expect(given.count == (15_001...20_000).count { $0 % 3 == 0 })
                #expect(given.allSatisfy { "\(-$0.0)" == $0.1 })
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `values of all kinds survive to be inserted by the hundred`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute(
                """
                CREATE TABLE parcels (
                    id \(type: .int64) PRIMARY KEY, label \(type: .text), flag \(type: .bool), small \(type: .int16),
                    weight \(type: .double), count \(type: .int32), content \(type: .bytes), code \(type: .uuid),
                    day \(type: .date), sent \(type: .timestamp), price \(type: .decimal(precision: 20, scale: 4))
                )
                """
            )
            let parcels = try (0..<600).map(Parcel.init)
            try await database.write { session throws in
                #expect(try session.bulkInsert(parcels) == 600)
                #expect(try session.query(Parcel.self).order { $0.id }.values().all() == parcels)
            }
            let twice = await #expect(throws: DatabaseError.self) {
                try await database.write { session in _ = try session.bulkInsert(parcels) }
            }
            #expect(twice?.code == .uniqueViolation)
            #expect(try await database.query("SELECT count(*) FROM parcels", as: Int.self) == [600])
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .strictColumnTypes))
    func `a number that its column can't hold is refused, by the hundred as well`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute("CREATE TABLE tallies (id \(type: .int64) PRIMARY KEY, count \(type: .int32))")
            let small = (0..<600).map { Tally(id: Int64($0), count: $0) }
            let tallies = small + [Tally(id: 600, count: Int(Int32.max))]
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { session in
                    _ = try session.bulkInsert(small + [Tally(id: 600, count: Int(Int32.max) + 1)])
                }
            }
            #expect(error?.code == .valueOutOfRange)
            try await database.write { session throws in
                try session.bulkInsert(tallies)
                #expect(try session.query(Tally.self).order { $0.id }.values().all() == tallies)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records are inserted past the session with what they have, and the database makes the rest`(
        _ run: DatabaseRun
    ) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                var given = Document("given", status: .final)
                given.id = 1000
                let settings = Document.Settings(isPublic: true, tags: [])
                #expect(try session.bulkInsert([Document("a"), given, Document("bb", settings: settings)]) == 3)
                #expect(try session.bulkInsert([Document]()) == 0)

                let documents = try session.query(Document.self).order { $0.title }.values().all()
                #expect(documents.map(\.title) == ["a", "bb", "given"])
                #expect(documents.map(\.words) == [1, 2, 5])
                #expect(documents.map(\.status) == [.draft, .draft, .final])
                #expect(documents[1].settings?.value == settings)
                #expect(documents[2].id == 1000)
                #expect(Set(documents.map(\.id)).count == 3)
                // Composite keys as well.
                #expect(
                    try session.bulkInsert([Seat(hall: "A", number: 1, guest: "x"), Seat(hall: "B", number: 1)]) == 2
                )
                #expect(try session.getOne(Seat.self, .init(hall: "A", number: 1)).guest == "x")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records of which the database makes everything are inserted past the session`(_ run: DatabaseRun)
        async throws
    {
        try await run.withRecords { database in
            try await database.execute(
                "CREATE TABLE vouchers (id \(type: .generatedKey), gate \(type: .int32) DEFAULT 3)"
            )
            try await database.write { session throws in
                #expect(try session.bulkInsert([Voucher(), Voucher(), Voucher()]) == 3)
                #expect(try session.query(Voucher.self).values().all().map(\.gate) == [3, 3, 3])
                #expect(try session.bulkInsert([Voucher(gate: 1), Voucher(), Voucher(gate: 2)]) == 3)
                #expect(try session.query(Voucher.self).count() == 6)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a record that can't be inserted past the session says why`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let twice = error { try session.bulkInsert([Account(name: "d", cents: 1), Account(name: "a", cents: 1)]) }
            #expect(twice?.code == .uniqueViolation)
            session.rollback()
            #expect(try session.query(Account.self).count() == 3)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows are updated past the session by their keys`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let handle = try session.getOne(Account.self, "a")
            var accounts = try query.order { $0.name }.values().all()
            for index in accounts.indices { accounts[index].cents += 10 }
            accounts[1].version = 70
            // Of rows that are not there nothing is said.
            #expect(try session.bulkUpdate([accounts[0], accounts[1], Account(name: "zoe", cents: 1)]) == 2)
            #expect(handle.state == .stale)
            #expect(handle.cents == 1)
            let rows = try query.order { $0.name }.values().all()
            #expect(rows.map(\.cents) == [11, 12, 3])
            // Versions are counted and not compared.
            #expect(rows.map(\.version) == [2, 2, 1])

            #expect(try query.filter { $0.name == "a" }.one() === handle)
            #expect(handle.state == .persistent && handle.cents == 11 && handle.version == 2)
            #expect(try session.bulkUpdate([Account]()) == 0)
            // Rows count that were found, changed or not.
            let seats = [Seat(hall: "A", number: 1), Seat(hall: "A", number: 2)]
            try session.bulkInsert(seats)
            #expect(try session.bulkUpdate(seats) == 2)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `only some columns are updated past the session`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let handles = try session.addAll([Member("a", age: 1), Member("b", age: 2)])
                try session.flush()
                let values = handles.map { handle in
                    var member = handle.value
                    member.name += "?"
                    member.age = nil
                    return member
                }
                handles[0].name = "z"
                #expect(try session.bulkUpdate(values) { $0.age } == 2)
                #expect(handles.allSatisfy { $0.state == .stale })
                let query = session.query(Member.self).order { $0.id }
                // What the session had changed was written before.
                #expect(Set(try query.values().all().map(\.name)) == ["z", "b"])
                #expect(try query.values().all().map(\.age) == [nil, nil])
                #expect(try session.bulkUpdate(values) { _ in } == 0)
                #expect(
                    try session.bulkUpdate(values) {
                        $0.name
                        $0.age
                    } == 2
                )
                #expect(Set(try query.values().all().map(\.name)) == ["a?", "b?"])

                _ = try session.bulkInsert([Seat(hall: "A", number: 1), Seat(hall: "A", number: 2)])
                let seats = [Seat(hall: "A", number: 1, guest: "x"), Seat(hall: "B", number: 2, guest: "y")]
                #expect(try session.bulkUpdate(seats) == 1)
                #expect(try session.query(Seat.self).order { $0.number }.values().all().map(\.guest) == ["x", nil])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what the database makes is not updated past the session`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                try session.bulkInsert([Document("a")])
                var document = try session.query(Document.self).values().one()
                document.title = "longer"
                document.words = 77
                #expect(try session.bulkUpdate([document]) == 1)
                #expect(try session.query(Document.self).one().words == 6)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a record without a key is not updated past the session`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let handle = try session.add(Member("a", age: 1))
                try session.flush()
                var value = handle.value
                value.age = 2
                #expect(error { try session.bulkUpdate([value, Member("b")]) }?.code == .misuse)
                #expect(try session.query(Member.self).values().all().map(\.age) == [1])
                #expect(handle.state == .persistent)
            }
        }
    }
}
