// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// What goes wrong with records, on every database: a typed error or the right thing.
@Suite(.serialized) struct RecordMisuseTests {
    @Test(arguments: DatabaseRun.all)
    func `two records of one identity`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let first = try session.add(Account(name: "a", cents: 1))
                try session.flush()
                let double = error { try session.add(Account(name: "a", cents: 2)) }
                #expect(double?.code == .duplicateIdentity)
                #expect(double?.description.contains("accounts") == true)
                session.rollback()
                // Both pending: the database has the last word.
                try session.add(first)
                try session.add(Account(name: "a", cents: 2))
                let both = error { try session.flush() }
                #expect([.uniqueViolation, .duplicateIdentity].contains(both?.code))
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a key changed to one that exists`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let accounts = try session.addAll(["a", "b"].map { Account(name: $0, cents: 1) })
                try session.commit()
                accounts[0].name = "b"
                #expect([.uniqueViolation, .duplicateIdentity].contains(error { try session.flush() }?.code))
                session.rollback()
                #expect(accounts[0].name == "a")
                #expect(try session.getOne(Account.self, "b") === accounts[1])
                // The other is not known to the session.
                try session.expunge(accounts[1])
                accounts[0].name = "b"
                #expect(error { try session.flush() }?.code == .uniqueViolation)
                session.rollback()
                #expect(try session.getOne(Account.self, "a") === accounts[0])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a handle of another session`(_ run: DatabaseRun) async throws {
        // Handles can't leave their scope; this one is smuggled out.
        final class Smuggler: @unchecked Sendable {
            // Protected by the order of the scopes.
            var handle: Tracked<Team>?
        }
        try await run.withRecords { database in
            let smuggler = Smuggler()
            try await database.withSession { first in
                let team = try first.add(Team(name: "red"))
                try first.commit()
                smuggler.handle = team
                try await database.separately {
                    try await database.read { second in
                        guard let foreign = smuggler.handle else { return }
                        #expect(error { try second.add(foreign) }?.code == .misuse)
                        #expect(error { try second.refresh(foreign) }?.code == .misuse)
                        #expect(error { try second.delete(foreign) }?.code == .misuse)
                        #expect(error { try second.expunge(foreign) }?.code == .misuse)
                    }
                }
            }
            // After its scope it is a value that no session has.
            #expect(smuggler.handle?.state == .transient)
            #expect(smuggler.handle?.name == "red")
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a session that has ended takes no records`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let kept = try await database.write { session in
                try session.add(Team(name: "red"))
                return session
            }
            try await database.write { session in
                await kept.expectNoRecords()
                try session.add(Team(name: "blue"))
            }
            await kept.expectNoRecords()
            #expect(try await database.query("SELECT count(*) FROM teams", as: Int.self) == [2])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `deleted and unknown records`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let team = try session.add(Team(name: "red"))
                try session.commit()
                try session.delete(team)
                try session.delete(team)
                try session.flush()
                #expect(error { try session.add(team) }?.code == .misuse)
                #expect(error { try session.refresh(team) }?.code == .misuse)
                #expect(try session.get(Team.self, team.key()) == nil)
                try session.commit()
                #expect(team.state == .deleted)
                #expect(error { try session.add(team) }?.code == .misuse)
                var copy = team.value
                copy.id = nil
                try session.add(copy)
                try session.commit()
                let transient = Tracked(Team(name: "blue"))
                #expect(error { try session.delete(transient) }?.code == .misuse)
                #expect(error { try session.refresh(transient) }?.code == .misuse)
                #expect(error { try session.expire(transient) }?.code == .misuse)
                #expect(error { try session.getOne(Team.self, -5) }?.code == .noRows)
                #expect(error { try transient.key() }?.code == .misuse)
                let member = try session.add(Member("a"))
                member.link(\.teamID, to: transient)
                #expect(error { try session.flush() }?.code == .misuse)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a row that somebody else has deleted`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.withSession { session in
                let teams = try session.addAll(["a", "b", "c"].map { Team(name: $0) })
                let account = try session.add(Account(name: "a", cents: 1))
                try session.commit()
                try session.execute("DELETE FROM teams WHERE name <> 'c'")
                try session.execute("DELETE FROM accounts")
                teams[2].motto = "there"
                teams[0].motto = "gone"
                #expect(error { try session.flush() }?.code == .staleRecord)
                session.rollback()
                try session.execute("DELETE FROM teams WHERE name <> 'c'")
                // It is as it should be.
                try session.delete(teams[0])
                try session.commit()
                #expect(try session.query(Team.self).count() == 2 - 1)
                try session.execute("DELETE FROM accounts")
                // Its changes were to be noticed.
                try session.delete(account)
                #expect(error { try session.flush() }?.code == .staleRecord)
                session.rollback()
                #expect(account.state == .stale)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a conflict of versions in a managed scope is settled by running it again`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in _ = try session.add(Account(name: "a", cents: 0)) }
            let cents = try await database.write { session in
                let account = try session.getOne(Account.self, "a")
                if session.attempt == 1 { try session.execute("UPDATE accounts SET version = version + 1") }
                account.cents += 1
                try session.flush()
                return account.cents
            }
            #expect(cents == 1)
            #expect(try await database.query("SELECT cents FROM accounts", as: Int.self) == [1])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a column that is not there, and one of another type`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session in
                _ = try session.execute("INSERT INTO teams (name) VALUES ('red')")
            }
            let missing = await scopeError { try await database.read { try $0.query(WrongColumn.self).values().all() } }
            #expect([.undefinedObject, .syntaxError].contains(missing?.code))
            let wrong = await scopeError { try await database.read { try $0.query(WrongType.self).values().all() } }
            #expect([.typeMismatch, .invalidValue].contains(wrong?.code))
            #expect(wrong?.message.contains("\"name\" of teams") == true)
            let null = await scopeError { try await database.read { try $0.query(WrongNull.self).values().all() } }
            #expect(null?.code == .unexpectedNull)
            #expect(null?.message.contains("\"motto\" of teams") == true)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `records that refer to each other in a circle that can't be cut`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute(
                "CREATE TABLE knots (name \(type: .varchar(9)) PRIMARY KEY, other \(type: .varchar(9)))"
            )
            try await database.withSession { session in
                try session.addAll([Knot(name: "a", other: "b"), Knot(name: "b", other: "a")])
                #expect(error { try session.flush() }?.code == .referenceCycle)
                session.rollback()
                // One that refers to itself needs nobody before it.
                try session.addAll([
                    Knot(name: "a", other: "a"), Knot(name: "c", other: "b"), Knot(name: "b", other: "a"),
                ])
                try session.commit()
                #expect(try session.query(Knot.self).count() == 3)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a record of nothing but what the database makes`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.execute("CREATE TABLE tickets (id \(type: .generatedKey))")
            let ids = try await database.write { session in
                let tickets = try session.addAll([Ticket(), Ticket(id: 70), Ticket()])
                try session.flush()
                return tickets.map(\.id)
            }
            #expect(Set(ids.compactMap { $0 }).count == 3 && ids[1] == 70)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `changes in a scope that only reads`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database async throws in
            let error = await scopeError {
                try await database.read { session in _ = try session.add(Team(name: "red")) }
            }
            #expect(error?.code == .readOnly)
            #expect(try await database.query("SELECT count(*) FROM teams", as: Int.self) == [0])
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: DatabaseRun.all)
    func `a hundred thousand pending records`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            let sum = try await database.write { session in
                for number in 0..<100_000 { try session.add(Member("m\(number)", age: number)) }
                let sum = try session.query("SELECT sum(age) FROM members", as: Int.self).one()
                #expect(session.new.isEmpty)
                return sum
            }
            #expect(sum == 4_999_950_000)
        }
    }
}

@Record("teams")
private struct WrongColumn {
    @ID var id: Int64?
    var nickname: String
}

@Record("teams")
private struct WrongType {
    @ID var id: Int64?
    var name: UUID
}

@Record("teams")
private struct WrongNull {
    @ID var id: Int64?
    var motto: String
}

@Record("knots")
private struct Knot {
    @ID var name: String
    @References(Knot.self) var other: String
}

@Record("tickets")
private struct Ticket {
    @ID var id: Int64?
}

/// The error of the database with which a scope ends.
private func scopeError<Output>(_ body: () async throws -> Output) async -> DatabaseError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? DatabaseError
    }
}

extension Session {
    fileprivate func expectNoRecords() {
        let late = Team(name: "late")
        let refusals = [
            error { try add(late) }, error { try add(Tracked(late)) }, error { try delete(Tracked(late)) },
            error { try expire(Tracked(late)) }, error { try expunge(Tracked(late)) }, error { try merge(late) },
            error { try query(Team.self).all() }, error { try flush() },
        ]
        #expect(refusals.allSatisfy { $0?.code == .sessionClosed })
        #expect(new.isEmpty)
    }
}
