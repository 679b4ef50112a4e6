// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// That the session's idea of a row stays that of the database, in the corners as well, on every database.
@Suite(.serialized) struct IdentityMapTests {
    private struct Undo: Error {}

    @Test(arguments: DatabaseRun.all)
    func `one that is deleted and kept after all keeps its changes`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let teams = try session.addAll(["a", "b", "c"].map { Team(name: $0) })
                try session.flush()
                teams[0].motto = "before"
                for team in teams { try session.delete(team) }
                teams[1].motto = "between"
                for team in teams { try session.add(team) }
                teams[2].motto = "after"
                try session.flush()
                let rows = try session.query("SELECT motto FROM teams ORDER BY name", as: String?.self).all()
                #expect(rows == ["before", "between", "after"])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `the row that was read is deleted, whatever was done to its key`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.addAll(["a", "b", "c"].map { Account(name: $0, cents: 1) })
                _ = try session.addAll(["x", "y"].map { Team(name: $0) })
            }
            try await database.write { session in
                let account = try session.getOne(Account.self, "a")
                account.name = "b"
                try session.delete(account)
                for team in try session.query(Team.self).all() {
                    team.id = nil
                    try session.delete(team)
                }
                try session.flush()
                // The key is free for another.
                try session.execute("INSERT INTO accounts (name, cents, version) VALUES ('a', 9, 1)")
                #expect(try session.getOne(Account.self, "a").cents == 9)
                #expect(try session.getOne(Account.self, "a").state == .persistent)
            }
            #expect(
                try await database.query("SELECT name FROM accounts ORDER BY name", as: String.self) == ["a", "b", "c"]
            )
            #expect(try await database.query("SELECT count(*) FROM teams", as: Int.self) == [0])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a commit within a savepoint`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = Tracked(Team(name: "red"))
                try? session.withSavepoint {
                    try session.add(team)
                    try session.commit()
                }
                session.rollback()
                #expect(try session.query(Team.self).one() === team)
                #expect(throws: Undo.self) {
                    try session.withSavepoint {
                        team.motto = "x"
                        try session.flush()
                        throw Undo()
                    }
                }
                #expect(team.motto == nil)
                team.motto = "x"
                try session.commit()
                #expect(try session.query(Team.self).values().one().motto == "x")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was read within a savepoint that was undone is read again`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                try session.execute("INSERT INTO teams (name) VALUES ('red')")
                #expect(throws: Undo.self) {
                    try session.withSavepoint {
                        try session.execute("UPDATE teams SET name = 'blue'")
                        #expect(try session.query(Team.self).one().name == "blue")
                        throw Undo()
                    }
                }
                #expect(try session.query(Team.self).one().name == "red")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a key that the database gives again after a rollback`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                try session.execute("INSERT INTO teams (name) VALUES ('x')")
                let phantom = try session.query(Team.self).one()
                session.rollback()
                let team = try session.add(Team(name: "y"))
                // On SQLite that of the row that was rolled back.
                try session.commit()
                #expect(try session.query(Team.self).one() === team)
                #expect(phantom.state != .persistent)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `changes to old values are noticed when the row has moved on`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let account = try session.add(Account(name: "a", cents: 100))
                try session.commit()
                account.cents -= 10
                try session.noAutoflush {
                    try session.execute("UPDATE accounts SET cents = 0, version = 2")
                    _ = try session.query(Account.self).all()
                }
                #expect(error { try session.flush() }?.code == .staleRecord)
                session.rollback()
                #expect(account.cents == 100)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `taken out twice, and while it was to be deleted`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                try session.delete(team)
                try session.expunge(team)
                try session.expunge(team)
                team.motto = "changed outside"
                try session.add(team)
                try session.commit()
                let row = try session.query(Team.self).values().one()
                #expect(row.motto == "changed outside")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows with keys of several columns are read again by the thousand`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let seats = try session.addAll((0..<2000).map { Seat(hall: "A", number: $0) })
                try session.flush()
                try session.query(Seat.self).filter { $0.number < 1000 }.update { $0.guest.set("x") }
                #expect(seats.filter { $0.guest == "x" }.count == 1000)
                try session.query(Seat.self).filter { $0.guest == "x" }.delete()
                #expect(seats.filter { $0.state == .deleted }.count == 1000)
                #expect(error { try session.query(Seat.self).update { $0.number.set(1) } }?.code == .misuse)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a locked row is not taken for one that is gone`(_ run: DatabaseRun) async throws {
        guard run.dialect.capabilities.contains(.concurrentWriters) else { return }
        try await run.withRecords { database in
            try await database.write { session in _ = try session.add(Account(name: "a", cents: 1)) }
            try await database.withSession { holder in
                _ = try holder.getOne(Account.self, "a", locking: .update)
                try await database.separately {
                    try await database.withSession { session in
                        let account = try session.getOne(Account.self, "a")
                        let lock = RowLock(.update, whenLocked: .skip)
                        #expect(try session.get(Account.self, "a", locking: lock) == nil)
                        #expect(error { try session.refresh(account, locking: lock) }?.code == .lockTimeout)
                        #expect(account.state == .persistent)
                        #expect(try session.getOne(Account.self, "a") === account)
                    }
                }
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `texts in columns of a fixed length are recognized`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute("CREATE TABLE codes (id \(type: .generatedKey), code CHAR(8) NOT NULL)")
            try await database.write { session in
                let codes = try session.addAll(["a", "b ", "c", "a"].map { Code(code: $0) })
                try session.flush()
                #expect(Set(codes.compactMap(\.id)).count == 4)
                let id = codes[2].id
                let stored = try session.query("SELECT code FROM codes WHERE id = \(id)", as: String.self).one()
                #expect(stored.hasPrefix("c"))
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `rows of nothing are inserted past the session, each of them`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute("CREATE TABLE stamps (id \(type: .generatedKey))")
            let count = try await database.write { session in
                #expect(try session.bulkInsert([Stamp(), Stamp(), Stamp()]) == 3)
                return try session.query(Stamp.self).count()
            }
            #expect(count == 3)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what the database makes is not taken from it by a value without it`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let document = try session.add(Document("title"))
                try session.flush()
                let id = document.id
                document.value = Document("another")
                try session.flush()
                #expect(document.id == id && document.words == 7)
                #expect(try session.query(Document.self).one() === document)
            }
        }
    }
}

@Record("codes")
private struct Code {
    @ID var id: Int64?
    var code: String
}

@Record("stamps")
private struct Stamp {
    @ID var id: Int64?
}

extension IdentityMapTests {
    @Test(arguments: DatabaseRun.all)
    func `one that was changed, expired and changed again is written once`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let account = try session.add(Account(name: "a", cents: 1))
                try session.commit()
                account.cents = 2
                try session.expire(account)
                account.cents = 3
                #expect(session.dirty.count == 1)
                try session.commit()
                account.cents = 4
                try session.delete(account)
                try session.expunge(account)
                account.cents = 5
                try session.add(account)
                account.cents = 6
                try session.commit()
                #expect(try session.query(Account.self).values().one() == Account(name: "a", cents: 6, version: 3))
                // A flush that fails before anything is sent.
                account.cents = 7
                account.cents = 6
                let member = try session.add(Member("m"))
                let team = Tracked(Team(name: "late"))
                member.link(\.teamID, to: team)
                #expect(error { try session.flush() }?.code == .misuse)
                account.cents = 8
                session.rollback()
                account.cents = 9
                try session.commit()
                #expect(try session.query(Account.self).values().one().cents == 9)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `one that was inserted, taken out and rolled back is inserted again`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let teams = try session.addAll(["a", "b"].map { Team(name: $0) })
                try session.flush()
                for team in teams { try session.expunge(team) }
                try session.add(teams[1])
                session.rollback()
                #expect(teams.map(\.state) == [.transient, .transient])
                for team in teams { try session.add(team) }
                try session.commit()
                #expect(try session.query(Team.self).count() == 2)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `one that was taken out does not displace another`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let first = try session.add(Team(name: "a"))
                try session.commit()
                try session.expunge(first)
                let second = try session.getOne(Team.self, first.key())
                try session.commit()
                #expect(error { try session.add(first) }?.code == .duplicateIdentity)
                second.motto = "only one"
                try session.commit()
            }
        }
    }
}
