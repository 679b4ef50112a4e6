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

/// Changes of many rows by one statement, and locks, on every database.
@Suite(.serialized) struct SetBasedTests {
    // MARK: - Update

    @Test(arguments: DatabaseRun.all)
    func `an update of many rows keeps handles in step`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let accounts = try query.order { $0.name }.all()
            #expect(try query.filter { $0.cents > 1 }.update { $0.cents.set(10) } == 2)
            #expect(accounts.map(\.cents) == [1, 10, 10])
            #expect(accounts.map(\.version) == [1, 2, 2])
            #expect(try query.update { $0.cents.set(to: "\($0.cents) + \(5)") } == 3)
            #expect(accounts.map(\.cents) == [6, 15, 15])
            #expect(accounts.map(\.version) == [2, 3, 3])
            #expect(accounts.allSatisfy { $0.state == .persistent } && session.dirty.isEmpty)
            #expect(try query.order { $0.name }.values().all() == accounts.map(\.value))
            #expect(try query.filter { $0.name == "zoe" }.update { $0.cents.set(0) } == 0)
            #expect(accounts.map(\.cents) == [6, 15, 15])

            // The version that a handle has is that of its row.
            accounts[1].cents = 7
            try session.flush()
            #expect(accounts[1].version == 4)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `an update sets several columns, or NULL, or what a condition of the program says`(_ run: DatabaseRun)
        async throws
    {
        try await run.withRecords { database in
            try await database.write { session in
                let members = try session.addAll([Member("a", age: 1), Member("b", age: 2), Member("c")])
                let team = try session.add(Team(name: "red"))
                try session.flush()
                let query = session.query(Member.self)
                try query.filter { $0.name != "c" }.update {
                    $0.age.set(nil)
                    $0.teamID.set(team.id)
                }
                #expect(members.map(\.age) == [nil, nil, nil])
                #expect(members.map(\.teamID) == [team.id, team.id, nil])
                for isOld in [true, false] {
                    try query.filter { $0.teamID.isNull }.update {
                        if isOld { $0.age.set(90) } else { $0.age.set(to: "\($0.age) - 80") }
                        if !isOld { $0.name.set("young") }
                    }
                    #expect(members[2].age == (isOld ? 90 : 10))
                    #expect(members[2].name == (isOld ? "c" : "young"))
                }
                // Rows count that were found, changed or not.
                #expect(try query.filter { $0.teamID.isNotNull }.update { $0.teamID.set(team.id) } == 2)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a version that an update sets is not counted`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let account = try session.getOne(Account.self, "a")
            try session.query(Account.self).filter { $0.name == "a" }.update { $0.version.set(40) }
            #expect(account.version == 40)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was changed is written before an update of many rows`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let accounts = try query.order { $0.name }.all()
            accounts[0].cents = 50
            try session.delete(accounts[2])
            let new = try session.add(Account(name: "d", cents: 60))
            let changed = try query.filter { $0.cents >= 50 }.update { $0.cents.set(to: "\($0.cents) + 1") }
            #expect(changed == 2)
            #expect(accounts[0].cents == 51 && new.cents == 61)
            #expect(accounts[0].version == 3 && new.version == 2)
            #expect(accounts[2].state == .deleted)
            #expect(try query.update { $0.cents.set(0) } == 3)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a row whose handle was stale is read by an update`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let account = try session.getOne(Account.self, "a")
            session.expireAll()
            try session.execute("UPDATE accounts SET cents = 70")
            try session.query(Account.self).filter { $0.name == "b" }.update { $0.cents.set(0) }
            #expect(account.cents == 70)
            #expect(account.state == .persistent)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `handles are what they were if an update is undone`(_ run: DatabaseRun) async throws {
        struct Undo: Error {}
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let accounts = try query.order { $0.name }.all()
            #expect(throws: Undo.self) {
                try session.withSavepoint {
                    try query.update { $0.cents.set(0) }
                    #expect(accounts.map(\.cents) == [0, 0, 0])
                    throw Undo()
                }
            }
            #expect(accounts.map(\.cents) == [1, 2, 3])
            #expect(accounts.map(\.version) == [1, 1, 1])
            #expect(accounts.allSatisfy { $0.state == .stale })
            try query.update { $0.cents.set(9) }
            #expect(accounts.map(\.cents) == [9, 9, 9])
            session.rollback()
            #expect(accounts.map(\.cents) == [1, 2, 3])
            #expect(try query.values().all().map(\.cents).reduce(0, +) == 6)
        }
    }

    // MARK: - Delete

    @Test(arguments: DatabaseRun.all)
    func `a delete of many rows keeps handles in step`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let accounts = try query.order { $0.name }.all()
            #expect(try query.filter { $0.cents > 1 }.delete() == 2)
            #expect(accounts.map(\.state) == [.persistent, .deleted, .deleted])
            #expect(accounts.map(\.cents) == [1, 2, 3])
            #expect(try session.get(Account.self, "b") == nil)
            #expect(try session.get(Account.self, "a") === accounts[0])
            #expect(try query.filter { $0.cents > 1 }.delete() == 0)

            // The place is free.
            let new = try session.add(Account(name: "b", cents: 8))
            #expect(try query.filter { $0.name == "b" }.one() === new)
            accounts[0].cents = 5
            try session.flush()
            #expect(try query.order { $0.name }.values().all().map(\.cents) == [5, 8])
            #expect(try query.delete() == 2)
            #expect(new.state == .deleted && accounts[0].state == .deleted)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was changed is written before a delete of many rows`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let accounts = try query.order { $0.name }.all()
            accounts[0].cents = 50
            accounts[1].cents = 51
            let new = try session.add(Account(name: "d", cents: 60))
            #expect(try query.filter { $0.cents >= 51 }.delete() == 2)
            #expect(accounts.map(\.state) == [.persistent, .deleted, .persistent])
            #expect(new.state == .deleted)
            #expect(session.new.isEmpty && session.dirty.isEmpty)
            #expect(try query.order { $0.name }.values().all().map(\.cents) == [50, 3])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows come back with their handles if a delete is undone`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let accounts = try query.order { $0.name }.all()
            try query.delete()
            session.rollback()
            #expect(accounts.allSatisfy { $0.state == .stale })
            #expect(try session.get(Account.self, "b") === accounts[1])
            #expect(accounts.map(\.cents) == [1, 2, 3])
            accounts[1].cents = 9
            try session.flush()
            #expect(try query.values().all().map(\.cents).reduce(0, +) == 13)
        }
    }

    // MARK: - Both

    @Test(arguments: DatabaseRun.all)
    func `an order, a limit or a lock has no place in a change of many rows`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let account = try session.getOne(Account.self, "a")
            account.cents = 5
            for query in [query.order { $0.name }, query.limit(1), query.offset(1), query.locking()] {
                #expect(error { try query.update { $0.cents.set(0) } }?.code == .misuse)
                #expect(error { try query.delete() }?.code == .misuse)
            }
            // Nothing was done, and the session goes on.
            #expect(session.dirty.count == 1)
            #expect(try query.filter { $0.cents > 1 }.count() == 3)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `an update of many rows does not change keys`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self).filter { $0.name == "a" }
            let failure = error {
                try query.update {
                    $0.cents.set(9)
                    $0.name.set("z")
                }
            }
            #expect(failure?.code == .misuse)
            #expect(try query.values().one().cents == 1)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `an update of no column changes nothing`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self)
            let account = try session.getOne(Account.self, "a")
            #expect(try query.update { _ in } == 0)
            let isRich = account.cents > 100
            #expect(try query.update { if isRich { $0.cents.set(0) } } == 0)
            #expect(account.version == 1)
            #expect(try query.values().all().allSatisfy { $0.version == 1 })
        }
    }

    // MARK: - Bulk

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

    // MARK: - Locks

    @Test(arguments: DatabaseRun.all)
    func `what a row that is locked says counts`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Account.self).filter { $0.name == "a" }
            let account = try query.one()
            for (index, lock) in [RowLock.update, .share, RowLock(.update, whenLocked: .fail)].enumerated() {
                let cents = Int64(100 + index)
                try session.execute("UPDATE accounts SET cents = \(cents), version = version + 1")
                #expect(try query.one() === account)
                #expect(account.cents != cents)
                #expect(try query.locking(lock).one() === account)
                #expect(account.cents == cents)
                #expect(account.version == index + 2)
            }
            try session.execute("UPDATE accounts SET cents = 7")
            #expect(try session.getOne(Account.self, "a").cents == 102)
            #expect(try session.getOne(Account.self, "a", locking: .update) === account)
            #expect(account.cents == 7)
            // Values are those of the rows in any case.
            #expect(try query.locking().values().one().cents == 7)
            #expect(try query.locking(RowLock(.update, whenLocked: .skip)).rows().next() === account)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `changes that were not written stay when a row is locked`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let member = try session.add(Member("a", age: 1))
                try session.flush()
                try session.noAutoflush { () throws in
                    member.name = "b"
                    try session.execute("UPDATE members SET name = 'x', age = 50")
                    #expect(try session.query(Member.self).locking().one() === member)
                }
                #expect(member.age == 50 && member.name == "b")
                #expect(try session.isModified(member))
            }
            #expect(try await database.query("SELECT name FROM members", as: String.self) == ["b"])
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .concurrentWriters))
    func `a locked row says what others have committed meanwhile`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.addAccounts()
            try await database.write(isolation: .readCommitted, retry: .never) { session in
                let account = try session.getOne(Account.self, "a")
                try await database.write { other in try other.getOne(Account.self, "a").cents = 70 }
                #expect(try session.query(Account.self).filter { $0.name == "a" }.one() === account)
                #expect(account.cents == 1)
                #expect(try session.query(Account.self).filter { $0.name == "a" }.locking().one() === account)
                #expect(account.cents == 70 && account.version == 2)
                // Now nobody else can change it, and the version is right.
                account.cents += 1
            }
            #expect(try await database.query("SELECT cents FROM accounts ORDER BY name", as: Int.self) == [71, 2, 3])
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .concurrentWriters))
    func `rows that somebody else has locked are an error, or are left out`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.addAccounts()
            try await database.withSession { session in
                let account = try session.query(Account.self).filter { $0.name == "b" }.locking().one()
                try await database.withSession { other in
                    let query = other.query(Account.self).order { $0.name }
                    let left = try query.locking(RowLock(.update, whenLocked: .skip)).all()
                    #expect(left.map(\.name) == ["a", "c"])
                    let shared = try query.locking(RowLock(.share, whenLocked: .skip)).all()
                    #expect(shared.map(\.name) == ["a", "c"])
                    // Without a lock nobody is kept from reading.
                    #expect(try query.all().count == 3)
                    #expect(
                        error { try query.locking(RowLock(.update, whenLocked: .fail)).all() }?.code == .lockTimeout
                    )
                    other.rollback()
                    #expect(error { try query.locking(RowLock(.share, whenLocked: .fail)).all() }?.code == .lockTimeout)
                    other.rollback()
                    let lock = RowLock(.update, whenLocked: .fail)
                    #expect(error { try other.get(Account.self, "b", locking: lock) }?.code == .lockTimeout)
                    other.rollback()
                    #expect(try other.get(Account.self, "a", locking: lock)?.cents == 1)
                }
                account.cents = 5
                try session.commit()
                try await database.withSession { other in
                    let query = other.query(Account.self).order { $0.name }
                    let free = try query.locking(RowLock(.update, whenLocked: .fail)).all()
                    #expect(free.map(\.cents) == [1, 5, 3])
                }
            }
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .concurrentWriters))
    func `shared locks go together`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.addAccounts()
            try await database.withSession { session in
                let accounts = try session.query(Account.self).locking(.share).all()
                try await database.withSession { other in
                    let query = other.query(Account.self)
                    let shared = try query.locking(RowLock(.share, whenLocked: .fail)).all()
                    #expect(shared.count == 3)
                    other.rollback()
                    #expect(
                        error { try query.locking(RowLock(.update, whenLocked: .fail)).all() }?.code == .lockTimeout
                    )
                }
                #expect(accounts.count == 3)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a lock has no place in a query of two tables`(_ run: DatabaseRun) async throws {
        try await run.withAccounts { session throws in
            let query = session.query(Member.self).locking()
            #expect(error { try query.join(\.teamID).all() }?.code == .misuse)
            #expect(error { try query.leftJoin(\.mentorID).rows() }?.code == .misuse)
            #expect(error { try query.join(\.teamID).values().all() }?.code == .misuse)
            // Nothing was executed, and the session goes on.
            #expect(try query.all().isEmpty)
        }
    }
}

extension Database {
    /// Makes three accounts.
    fileprivate func addAccounts() async throws {
        try await write { session in
            try session.bulkInsert([("a", 1), ("b", 2), ("c", 3)].map { Account(name: $0.0, cents: $0.1) })
        }
    }
}

extension DatabaseRun {
    /// Gives a function a session that ends its transactions itself, and three accounts.
    fileprivate func withAccounts(_ body: @Sendable (isolated Session) async throws -> Void) async throws {
        try await withRecords { database in
            try await database.addAccounts()
            try await database.withSession(body)
        }
    }
}
