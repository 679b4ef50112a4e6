// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// What commit, rollback and savepoints leave of handles, on every database.
@Suite(.serialized) struct HandleStateTests {
    fileprivate struct Undo: Error {}

    @Test(arguments: DatabaseRun.all)
    func `after a commit values stay, are stale, and come up to date`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                #expect(team.state == .stale)
                #expect(team.name == "red")
                // A query that returns the row.
                try session.execute("UPDATE teams SET motto = 'go'")
                #expect(team.motto == nil)
                #expect(try session.query(Team.self).one() === team)
                #expect(team.motto == "go")
                #expect(team.state == .persistent)
                // What was read in this transaction stays as it is.
                try session.execute("UPDATE teams SET motto = 'stop'")
                _ = try session.query(Team.self).all()
                #expect(team.motto == "go")
                try session.refresh(team)
                #expect(team.motto == "stop")
                session.expireAll()
                #expect(team.state == .stale)
                try session.execute("UPDATE teams SET motto = 'wait'")
                #expect(try session.getOne(Team.self, team.key()) === team)
                #expect(team.motto == "wait")
                try session.expire(team)
                #expect(team.state == .stale && team.motto == "wait")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a stale handle that was changed keeps its change`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                team.name = "blue"
                try session.noAutoflush {
                    try session.execute("UPDATE teams SET motto = 'go'")
                    _ = try session.query(Team.self).one()
                }
                #expect(team.value == Team(id: team.id, name: "blue", motto: "go"))
                try session.commit()
                #expect(try session.query(Team.self).values().one() == team.value)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a rollback returns handles to what they were`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let (kept, gone) = (try session.add(Team(name: "kept")), try session.add(Team(name: "gone")))
                try session.commit()
                kept.name = "changed"
                try session.delete(gone)
                let new = try session.add(Member("new"))
                new.link(\.teamID, to: kept)
                try session.flush()
                kept.motto = "not written"
                let unwritten = try session.add(Team(name: "unwritten"))
                #expect(new.teamID == kept.id && new.teamID != nil)
                #expect(gone.state == .deleted)
                session.rollback()
                #expect(kept.value == Team(id: kept.id, name: "kept"))
                #expect(kept.state == .stale && gone.state == .stale)
                // New again, without what the database made.
                #expect(new.state == .transient && new.id == nil)
                #expect(new.name == "new" && new.teamID == kept.id)
                #expect(unwritten.state == .transient && unwritten.name == "unwritten")
                #expect(session.new.isEmpty && session.dirty.isEmpty && session.deleted.isEmpty)
                // Everything can be used on.
                try session.add(new)
                gone.motto = "back"
                try session.commit()
                #expect(new.state == .stale)
                #expect(new.teamID == kept.id)
                #expect(try session.query(Team.self).order { $0.name }.values().all().map(\.motto) == ["back", nil])
                #expect(try session.get(Team.self, gone.key()) === gone)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `keys of records whose insertion was rolled back are gone from those that refer to them`(
        _ run: DatabaseRun
    ) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                let member = try session.add(Member("a"))
                member.link(\.teamID, to: team)
                try session.flush()
                #expect(member.teamID == team.id && team.id != nil)
                session.rollback()
                #expect(team.id == nil && member.teamID == nil)
                // Another takes the key meanwhile.
                try session.execute("INSERT INTO teams (name) VALUES ('other')")
                try session.add(team)
                try session.add(member)
                try session.commit()
                #expect(member.teamID == team.id && team.id != nil)
                #expect(try session.query(Team.self).count() == 2)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `nested savepoints return handles to what they were at each`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let team = try session.add(Team(name: "0"))
                let untouched = try session.add(Team(name: "untouched"))
                try session.withSavepoint {
                    team.name = "1"
                    let inner = try session.add(Member("inner"))
                    #expect(throws: Undo.self) {
                        try session.withSavepoint {
                            team.name = "2"
                            inner.age = 2
                            let innermost = try session.add(Member("innermost"))
                            try session.flush()
                            #expect(innermost.id != nil)
                            try? session.withSavepoint {
                                team.name = "3"
                                throw Undo()
                            }
                            #expect(team.name == "2")
                            // One that is kept, in one that is not.
                            try session.withSavepoint { team.motto = "kept, then undone" }
                            try session.delete(inner)
                            throw Undo()
                        }
                    }
                    #expect(team.name == "1" && team.motto == nil)
                    #expect(inner.age == nil && inner.id != nil)
                    #expect(inner.state == .stale)
                    #expect(untouched.state == .persistent)
                    #expect(try session.get(Member.self, inner.key()) === inner)
                    inner.age = 7
                }
                #expect(throws: Undo.self) {
                    try session.withSavepoint {
                        team.name = "undone"
                        throw Undo()
                    }
                }
                #expect(team.name == "1")
            }
            #expect(
                try await database.query("SELECT name FROM teams ORDER BY id", as: String.self) == ["1", "untouched"]
            )
            #expect(try await database.query("SELECT age FROM members", as: Int?.self) == [7])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a savepoint that was kept is undone with the transaction`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "0"))
                try session.commit()
                try session.withSavepoint {
                    team.name = "1"
                    try session.withSavepoint { team.name = "2" }
                }
                #expect(team.name == "2")
                session.rollback()
                #expect(team.name == "0")
                #expect(try session.query(Team.self).values().one().name == "0")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a failed flush has one way out, and a savepoint is one`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let red = try session.add(Team(name: "red"))
                try session.flush()
                let error = error {
                    try session.withSavepoint {
                        try session.add(Team(name: "blue"))
                        try session.add(Team(name: "red"))
                        _ = try session.query(Member.self).all()
                    }
                }
                #expect(error?.code == .uniqueViolation)
                #expect(error?.message.contains("before this statement") == true)
                #expect(session.new.isEmpty)
                red.motto = "goes on"
            }
            let rows = try await database.query("SELECT name, motto FROM teams", as: (String, String).self)
            #expect(rows.map(\.0) == ["red"] && rows.map(\.1) == ["goes on"])
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                #expect(error { try session.flush() } != nil)
                #expect(error { try session.query(Team.self).all() }?.code == .transactionFailed)
                #expect(error { try session.flush() }?.code == .transactionFailed)
                #expect(error { try session.commit() }?.code == .transactionRolledBack)
                // The commit has rolled back.
                #expect(team.state == .transient)
                team.name = "green"
                try session.add(team)
                try session.commit()
                #expect(try session.query(Team.self).count() == 2)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a lost connection leaves handles as a rollback does`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                team.name = "blue"
                let member = try session.add(Member("a"))
                try session.flush()
                try await run.backend.killConnection(of: session)
                #expect(error { try session.query(Team.self).all() } != nil)
                #expect(error { try session.add(Team(name: "x")) } == nil)
                session.rollback()
                #expect(team.name == "red" && team.state == .stale)
                #expect(member.state == .transient && member.id == nil)
                #expect(session.new.isEmpty)
                team.name = "green"
                try session.add(member)
                try session.commit()
            }
            #expect(try await database.query("SELECT name FROM teams", as: String.self) == ["green"])
            #expect(try await database.query("SELECT name FROM members", as: String.self) == ["a"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a managed scope that runs again starts from clean handles`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in _ = try session.add(Team(name: "red")) }
            let attempts = try await database.write { session in
                let team = try session.query(Team.self).one()
                #expect(team.name == "red" && session.new.isEmpty && session.dirty.isEmpty)
                team.name += "!"
                try session.add(Member("m"))
                try session.flush()
                if session.attempt == 1 { try await run.backend.killConnection(of: session) }
                _ = try session.query(Member.self).all()
                return session.attempt
            }
            #expect(attempts == 2)
            #expect(try await database.query("SELECT name FROM teams", as: String.self) == ["red!"])
            #expect(try await database.query("SELECT name FROM members", as: String.self) == ["m"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `DDL that commits commits the handles with it`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let isTransactional = run.dialect.capabilities.contains(.transactionalDDL)
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.execute("CREATE TABLE another (id \(type: .int32))")
                #expect(team.id != nil)
                #expect(team.state == (isTransactional ? .persistent : .stale))
                session.rollback()
                #expect(team.state == (isTransactional ? .transient : .stale))
                #expect(try session.query(Team.self).count() == (isTransactional ? 0 : 1))
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records that are taken out and put back`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                team.name = "not written"
                try session.expunge(team)
                #expect(team.state == .transient)
                try session.commit()
                #expect(try session.query(Team.self).values().one().name == "red")
                try session.add(team)
                #expect(team.state == .stale)
                team.motto = "back"
                try session.commit()
                #expect(try session.query(Team.self).one() === team)
                #expect(team.motto == "back")
                // One that was added and is deleted before it was inserted.
                let never = try session.add(Team(name: "never"))
                try session.delete(never)
                #expect(never.state == .transient && session.new.isEmpty)
                // One that is deleted and added before it was deleted.
                try session.delete(team)
                try session.add(team)
                try session.commit()
                #expect(try session.query(Team.self).count() == 1)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a value is merged into its row`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.addAll([Account(name: "a", cents: 1), Account(name: "b", cents: 2)])
            }
            let value = try await database.read { session in try session.getOne(Account.self, "a").value }
            try await database.write { session in
                var changed = value
                changed.cents = 50
                let handle = try session.merge(changed)
                #expect(handle.state == .persistent)
                #expect(try session.merge(Account(name: "c", cents: 3)).state == .pending)
            }
            let rows = try await database.query(
                "SELECT cents, version FROM accounts ORDER BY name",
                as: (Int, Int).self
            )
            #expect(rows.map(\.0) == [50, 2, 3] && rows.map(\.1) == [2, 1, 1])
            // The version that the value was read with is gone.
            await #expect(throws: DatabaseError.self) {
                try await database.write { session in _ = try session.merge(value) }
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `columns are refreshed one by one`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let member = try session.add(Member("a", age: 1))
                try session.flush()
                try session.execute("UPDATE members SET name = 'b', age = 2")
                member.name = "mine"
                member.age = 99
                try session.refresh(member) { $0.age }
                #expect(member.age == 2)
                #expect(member.name == "mine")
                #expect(try session.isModified(member))
                try session.refresh(member, locking: .update)
                #expect(member.name == "b")
                #expect(try !session.isModified(member))
                try session.execute("DELETE FROM members")
                #expect(error { try session.refresh(member) }?.code == .noRows)
                #expect(member.state == .deleted)
                #expect(member.name == "b")
            }
        }
    }
}

extension HandleStateTests {
    @Test(arguments: DatabaseRun.all)
    func `records that are first used within savepoints`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                let team = Tracked(Team(name: "red"))
                try? session.withSavepoint {
                    try session.withSavepoint {
                        try session.add(team)
                        try session.flush()
                    }
                    throw Undo()
                }
                #expect(team.state == .transient && team.id == nil)
                try session.add(team)
            }
            #expect(try await database.query("SELECT name FROM teams", as: String.self) == ["red"])
        }
    }
}
