// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// The rules of `SQLAlchemy.md` that no other test pins, on every database.
@Suite(.serialized) struct SessionRuleTests {
    private struct Undo: Error {}

    // MARK: - Flush

    @Test(arguments: DatabaseRun.all)
    func `changes alone begin no transaction, and a flush of nothing neither`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let before = database.statistics.statements
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                team.motto = "go"
                #expect(session.isInTransaction == false)
                try session.commit()
                team.motto = "stop"
                team.motto = "go"
                try session.delete(team)
                try session.add(team)
                try session.flush()
                #expect(session.isInTransaction == false)
                try session.commit()
            }
            #expect(database.statistics.statements == before + 1)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a commit leaves nothing to be written`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let teams = try session.addAll(["a", "b"].map { Team(name: $0) })
                try session.commit()
                teams[0].motto = "x"
                try session.delete(teams[1])
                try session.add(Team(name: "c"))
                #expect(session.new.count == 1 && session.dirty.count == 1 && session.deleted.count == 1)
                try session.commit()
                #expect(session.new.isEmpty && session.dirty.isEmpty && session.deleted.isEmpty)
                let rows = session.query("SELECT name, motto FROM teams ORDER BY name", as: (String, String?).self)
                #expect(try rows.all().map { $0.0 + ($0.1 ?? "") } == ["ax", "c"])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `savepoints and COMMIT write what was held back, and so does what works on rows`(
        _ run: DatabaseRun
    ) async throws {
        try await run.withRecords { database in
            let count: SQL = "SELECT count(*) FROM teams"
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.noAutoflush {
                    #expect(try session.query(count, as: Int.self).one() == 0)
                    #expect(try session.query(Team.self).count() == 0)
                    #expect(team.state == .pending)
                    try session.withSavepoint {
                        #expect(try session.query(count, as: Int.self).one() == 1)
                        try session.add(Team(name: "inside"))
                        #expect(try session.query(count, as: Int.self).one() == 1)
                    }
                    #expect(try session.query(count, as: Int.self).one() == 2)
                    try session.add(Team(name: "refresh"))
                    try session.refresh(team)
                    #expect(try session.query(count, as: Int.self).one() == 3)
                    try session.add(Team(name: "bulk"))
                    try session.bulkInsert([Member("m")])
                    #expect(try session.query(count, as: Int.self).one() == 4)
                    try session.add(Team(name: "set"))
                    #expect(try session.query(Team.self).update { $0.motto.set("x") } == 5)
                    try session.add(Team(name: "flush"))
                    try session.flush()
                    #expect(try session.query(count, as: Int.self).one() == 6)
                    try session.add(Team(name: "commit"))
                    try session.commit()
                    #expect(try session.query(count, as: Int.self).one() == 7)
                }
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `inserts come in the order of their adding, updates in that of their keys`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let teams = try session.addAll(["c", "a", "b"].map { Team(name: $0) })
                try session.commit()
                #expect(teams.map(\.name) == ["c", "a", "b"])
                let ids = teams.compactMap(\.id)
                #expect(ids == ids.sorted())
                // The name is free for the second only after the first was written.
                teams[1].name = "c"
                teams[0].name = "d"
                try session.commit()
                #expect(try session.query(Team.self).order { $0.id }.values().all().map(\.name) == ["d", "c", "b"])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a key that is deleted and added is that of a new row`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let old = try session.add(Account(name: "a", cents: 1))
                try session.commit()
                old.cents = 2
                try session.commit()
                try session.delete(old)
                let new = try session.add(Account(name: "a", cents: 3))
                try session.flush()
                #expect(old.state == .deleted && new.state == .persistent)
                #expect(try session.getOne(Account.self, "a") === new)
                #expect(try session.query(Account.self).values().all() == [Account(name: "a", cents: 3)])
                session.rollback()
                #expect(new.state == .transient && old.state == .stale)
                #expect(try session.getOne(Account.self, "a") === old)
                #expect(old.cents == 2 && old.version == 2)
            }
        }
    }

    // MARK: - Reading

    @Test(arguments: DatabaseRun.all)
    func `a row that is known is not asked for, and one that is to be deleted is not found`(
        _ run: DatabaseRun
    ) async throws {
        try await run.withRecords { database in
            let before = database.statistics.statements
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.flush()
                let key = try team.key()
                #expect(try session.get(Team.self, key) === team)
                try session.delete(team)
                #expect(try session.get(Team.self, key) == nil)
                #expect(error { try session.getOne(Team.self, key) }?.code == .noRows)
                try session.add(team)
                try session.commit()
                #expect(try session.get(Team.self, key) === team)
                #expect(try session.get(Team.self, key) === team)
            }
            // The INSERT, and one SELECT for what was stale.
            #expect(database.statistics.statements == before + 2)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a row that is gone is not found, and its handle says so`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                try session.execute("DELETE FROM teams")
                #expect(try session.get(Team.self, team.key()) == nil)
                #expect(team.state == .deleted && team.name == "red")
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `reading a property executes nothing, whatever became of its row`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let before = database.statistics.statements
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                #expect(team.name == "red" && team.state == .stale)
                try session.expire(team)
                #expect(team.name == "red")
                #expect(session.isInTransaction == false)
                try session.delete(team)
                try session.commit()
                #expect(team.name == "red" && team.state == .deleted)
            }
            #expect(database.statistics.statements == before + 2)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `refresh drops the handle's changes and writes those of others`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let teams = try session.addAll(["a", "b"].map { Team(name: $0) })
                try session.commit()
                for team in teams { team.motto = "changed" }
                let new = try session.add(Team(name: "c"))
                try session.refresh(teams[0])
                #expect(teams[0].motto == nil && teams[1].motto == "changed" && new.state == .persistent)
                #expect(session.dirty.isEmpty)
                let mottos = try session.query("SELECT motto FROM teams ORDER BY name", as: String?.self).all()
                #expect(mottos == [nil, "changed", nil])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was added and not inserted can't be refreshed or expired`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                #expect(error { try session.refresh(team) }?.code == .misuse)
                #expect(error { try session.expire(team) }?.code == .misuse)
                #expect(team.state == .pending)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `expire and expireAll drop changes and keep what was added or is to be deleted`(
        _ run: DatabaseRun
    ) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let teams = try session.addAll(["a", "b", "c"].map { Team(name: $0) })
                try session.commit()
                for team in teams { team.motto = "changed" }
                try session.expire(teams[0])
                #expect(teams[0].motto == nil && teams[0].state == .stale)
                #expect(session.dirty.count == 2)
                try session.delete(teams[2])
                let new = try session.add(Team(name: "d"))
                session.expireAll()
                #expect(teams[1].motto == nil && session.dirty.isEmpty)
                #expect(new.state == .pending && teams[2].state == .deleted)
                try session.commit()
                let rows = session.query("SELECT name, motto FROM teams ORDER BY name", as: (String, String?).self)
                #expect(try rows.all().map { $0.0 + ($0.1 ?? "") } == ["a", "b", "d"])
            }
        }
    }

    // MARK: - Rollback

    @Test(arguments: DatabaseRun.all)
    func `a rollback drops what was never written, also without a transaction`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                team.motto = "changed"
                let new = try session.add(Team(name: "new"))
                #expect(session.isInTransaction == false)
                session.rollback()
                #expect(team.motto == nil && new.state == .transient)
                try session.commit()
                #expect(try session.query(Team.self).values().all() == [team.value])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what was taken out is not returned by a rollback`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.flush()
                let key = team.id
                try session.expunge(team)
                session.rollback()
                #expect(team.state == .transient && team.id == key)
                // Its value is a record like any other.
                var value = team.value
                value.id = nil
                try session.add(value)
                try session.commit()
                #expect(try session.query(Team.self).count() == 1)
            }
        }
    }

    // MARK: - Errors

    @Test(arguments: DatabaseRun.all)
    func `a statement that fails leaves handles alone`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                #expect(error { try session.execute("INSERT INTO teams (name) VALUES ('red')") } != nil)
                // It was written before the statement.
                #expect(team.state == .persistent && team.id != nil)
                let failsTransaction = run.dialect.capabilities.contains(.errorFailsTransaction)
                #expect((error { try session.query(Team.self).all() } != nil) == failsTransaction)
                session.rollback()
                #expect(team.state == .transient && team.id == nil)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `what is changed after a failed flush is undone by the rollback`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                try session.add(Team(name: "red"))
                #expect(error { try session.flush() }?.code == .uniqueViolation)
                team.motto = "too late"
                let late = try session.add(Team(name: "late"))
                session.rollback()
                #expect(team.motto == nil && late.state == .transient)
                #expect(session.new.isEmpty && session.dirty.isEmpty)
                try session.commit()
                #expect(try session.query(Team.self).count() == 1)
            }
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .deferredConstraints))
    func `a commit that fails is undone by rollback, and so are its handles`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute(
                """
                CREATE TABLE pledges (
                    id \(type: .generatedKey),
                    team_id \(type: .int64) REFERENCES teams (id) DEFERRABLE INITIALLY DEFERRED
                )
                """
            )
            try await database.withSession { session in
                let pledge = try session.add(Pledge(teamID: 77))
                #expect(error { try session.commit() }?.code == .foreignKeyViolation)
                session.rollback()
                #expect(pledge.state == .transient && pledge.id == nil)
                try session.add(Team(id: 77, name: "red"))
                try session.add(pledge)
                try session.commit()
                #expect(try session.query(Pledge.self).count() == 1)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a savepoint does not hide a lost connection`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                team.motto = "outside"
                let inside = Tracked(Team(name: "blue"))
                await #expect(throws: DatabaseError.self) {
                    try await session.withSavepoint {
                        try session.add(inside)
                        try session.flush()
                        try await run.backend.killConnection(of: session)
                        _ = try session.query(Team.self).all()
                    }
                }
                #expect(error { try session.query(Team.self).all() }?.code == .transactionFailed)
                session.rollback()
                #expect(team.motto == nil && inside.state == .transient && inside.id == nil)
                #expect(try session.query(Team.self).all().map(\.name) == ["red"])
            }
        }
    }
}

@Record("pledges")
private struct Pledge {
    @ID var id: Int64?
    @Column("team_id") @References(Team.self) var teamID: Int64?

    init(teamID: Int64) {
        self.teamID = teamID
    }
}
