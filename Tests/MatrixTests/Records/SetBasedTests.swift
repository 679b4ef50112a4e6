// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

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
                try await database.separately {
                    try await database.write { other in try other.getOne(Account.self, "a").cents = 70 }
                }
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
                try await database.separately {
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
                        #expect(
                            error { try query.locking(RowLock(.share, whenLocked: .fail)).all() }?.code == .lockTimeout
                        )
                        other.rollback()
                        let lock = RowLock(.update, whenLocked: .fail)
                        #expect(error { try other.get(Account.self, "b", locking: lock) }?.code == .lockTimeout)
                        other.rollback()
                        #expect(try other.get(Account.self, "a", locking: lock)?.cents == 1)
                    }
                }
                account.cents = 5
                try session.commit()
                try await database.separately {
                    try await database.withSession { other in
                        let query = other.query(Account.self).order { $0.name }
                        let free = try query.locking(RowLock(.update, whenLocked: .fail)).all()
                        #expect(free.map(\.cents) == [1, 5, 3])
                    }
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
                try await database.separately {
                    try await database.withSession { other in
                        let query = other.query(Account.self)
                        let shared = try query.locking(RowLock(.share, whenLocked: .fail)).all()
                        #expect(shared.count == 3)
                        other.rollback()
                        #expect(
                            error { try query.locking(RowLock(.update, whenLocked: .fail)).all() }?.code == .lockTimeout
                        )
                    }
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
