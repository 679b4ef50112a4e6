// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

// #function
func rename(_ old: String, to new: String, in session: isolated Session) throws {
    let completion = try session.execute("UPDATE users SET name = \(new) WHERE name = \(old)")
    guard completion.affectedRows == 1 else { throw NoSuchUser(name: old) }
}

/// An error of the application's own.
struct NoSuchUser: Error, Equatable {
    var name: String
}

/// The code of `Sessions.md`.
@Suite struct SessionsGuide {
    @Test(arguments: DatabaseRun.all)
    func `a transfer`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeAccounts()

            // #transfer
            try await database.write { session in
                try session.execute("UPDATE accounts SET cents = cents - \(250) WHERE name = \("alice")")
                try session.execute("UPDATE accounts SET cents = cents + \(250) WHERE name = \("bob")")
            }

            #expect(try await database.cents(of: "alice") == 9_750)
            #expect(try await database.cents(of: "bob") == 10_250)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `an unmanaged session`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace", "Edsger", "Barbara", "Tony")

            // #unmanaged
            try await database.withSession { session in
                while true {
                    let ids = try session.query("SELECT id FROM users ORDER BY id LIMIT 2", as: Int.self).all()
                    if ids.isEmpty { break }
                    try session.execute("DELETE FROM users WHERE id IN (\(list: ids))")
                    try session.commit()
                }
            }

            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [0])
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .concurrentWriters))
    func `a separate transaction`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")

            // #separately
            try await database.write { session in
                try session.execute("UPDATE users SET age = 37 WHERE name = 'Ada'")
                // Stays, whatever becomes of the rest.
                try await database.separately {
                    try await database.execute("INSERT INTO users (name) VALUES ('Grace')")
                }
            }

            #expect(try await database.query("SELECT age FROM users ORDER BY name", as: Int?.self) == [37, nil])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `one statement`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()

            // #one
            let completion = try await database.execute("INSERT INTO users (name, age) VALUES ('Ada', \(36))")
            let names = try await database.query("SELECT name FROM users", as: String.self)
            let pairs = try await database.query("SELECT name, age FROM users", as: (String, Int?).self)
            let rows = try await database.query("SELECT name, age FROM users")

            #expect(completion.affectedRows == 1)
            #expect(names == ["Ada"])
            #expect(pairs.first?.1 == 36)
            #expect(try rows.first?["age", as: Int.self] == 36)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `functions and closures`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")

            // #local
            try await database.write { session in
                let count = { (condition: SQL) in
                    try session.query("SELECT count(*) FROM users WHERE \(condition)", as: Int.self).one()
                }
                func add(_ name: String, in session: isolated Session) throws {
                    try session.execute("INSERT INTO users (name) VALUES (\(name))")
                }
                if try count("name = 'Grace'") == 0 {
                    try add("Grace", in: session)
                }
            }

            // #call
            try await database.write { session in
                try rename("Ada", to: "Ada Lovelace", in: session)
                try rename("Grace", to: "Grace Hopper", in: session)
            }

            let names = try await database.query("SELECT name FROM users ORDER BY name", as: String.self)
            #expect(names == ["Ada Lovelace", "Grace Hopper"])
            await #expect(throws: NoSuchUser(name: "Nobody")) {
                try await database.write { session in try rename("Nobody", to: "Somebody", in: session) }
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `results`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace", "Edsger")

            // #loop
            let longest = try await database.read { session in
                var longest = ""
                for try await name in session.query("SELECT name FROM users", as: String.self) {
                    if name.count > longest.count { longest = name }
                }
                return longest
            }

            // #rows
            let firstTwo = try await database.read { session in
                let rows = try session.query("SELECT name FROM users ORDER BY name", as: String.self).rows()
                let batch = try rows.nextBatch(2)
                rows.discard()
                return batch
            }

            #expect(longest == "Edsger")
            #expect(firstTwo == ["Ada", "Edsger"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a result that is being read`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace")
            try await database.write { session in
                // #pending
                for name in try session.query("SELECT name FROM users", as: String.self).all() {
                    try session.execute("UPDATE users SET name = \(name + "!") WHERE name = \(name)")
                }
            }
            let names = try await database.query("SELECT name FROM users ORDER BY name", as: String.self)
            #expect(names == ["Ada!", "Grace!"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `autocommit`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")

            // #autocommit
            try await database.withSession { session in
                try session.executeAutocommit("DELETE FROM users")
                session.rollback()
            }

            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [0])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `the driver's own connection`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            // #native
            let isAlive = try await database.withSession { session in
                try session.withConnection(as: (any Connection).self) { connection in connection.probe() }
            }

            #expect(isAlive)
        }
    }
}
