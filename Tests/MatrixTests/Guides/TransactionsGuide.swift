// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// The code of `Transactions.md`.
@Suite struct TransactionsGuide {
    @Test(arguments: DatabaseRun.all)
    func `by hand`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()

            // #manual
            try await database.withSession { session in
                try session.execute("INSERT INTO users (name) VALUES ('Ada')")
                try session.commit()
                try session.execute("INSERT INTO users (name) VALUES ('Grace')")
                session.rollback()
            }

            #expect(try await database.query("SELECT name FROM users", as: String.self) == ["Ada"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a failed statement`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")
            do {
                // #swallowed
                try await database.write { session in
                    try session.execute("INSERT INTO users (name) VALUES ('Grace')")
                    _ = try? session.execute("INSERT INTO users (name) VALUES ('Ada')")
                }
            } catch let error as DatabaseError {
                #expect(error.code == .transactionRolledBack)
                #expect((error.cause as? DatabaseError)?.code == .uniqueViolation)
            }
            let names = try await database.query("SELECT name FROM users ORDER BY name", as: String.self)
            let failsTransaction = run.dialect.capabilities.contains(.errorFailsTransaction)
            #expect(names == (failsTransaction ? ["Ada"] : ["Ada", "Grace"]))
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `savepoints`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")
            let newNames = ["Grace", "Ada", "Edsger"]

            // #savepoint
            let added = try await database.write { session in
                var added: [String] = []
                for name in newNames {
                    do {
                        try session.withSavepoint {
                            try session.execute("INSERT INTO users (name) VALUES (\(name))")
                        }
                        added.append(name)
                    } catch let error as DatabaseError where error.code == .uniqueViolation {
                        // There is one of that name. The savepoint is undone, and the transaction goes on.
                    }
                }
                return added
            }

            #expect(added == ["Grace", "Edsger"])
            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [3])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `isolation`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeAccounts()

            @Sendable func fee(_ cents: Int) -> Int { cents / 100 }
            // #update
            try await database.write { session in
                let cents = try session.query("SELECT cents FROM accounts WHERE name = 'alice'", as: Int.self).one()
                try session.execute("UPDATE accounts SET cents = \(cents + fee(cents)) WHERE name = 'alice'")
            }

            #expect(try await database.cents(of: "alice") == 10_100)
            // #isolation
            try await database.write(isolation: .serializable) { session in
                let cents = try session.query("SELECT sum(cents) FROM accounts", as: Int.self).one()
                if cents >= 20_000 {
                    try session.execute("UPDATE accounts SET cents = cents - 100 WHERE name = 'alice'")
                }
            }

            #expect(try await database.cents(of: "alice") == 10_000)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a read-only session`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")
            await #expect(throws: DatabaseError.self) {
                // #readonly
                try await database.withSession { session in
                    try session.setTransactionOptions(TransactionOptions(access: .readOnly))
                    try session.execute("DELETE FROM users")
                }
            }
            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [1])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `after a failure`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")

            // #rollback
            try await database.withSession { session in
                do {
                    try session.execute("INSERT INTO users (name) VALUES ('Ada')")
                } catch let error as DatabaseError where error.code == .uniqueViolation {
                    session.rollback()
                }
                try session.execute("INSERT INTO users (name) VALUES ('Grace')")
                try session.commit()
            }

            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [2])
        }
    }
}
