// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization
import Testing

/// The code of `Retrying.md`, and what it claims.
@Suite struct RetryingGuide {
    @Test(arguments: DatabaseRun.all)
    func `a lost connection`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()

            // #lost
            let attempts = Mutex(0)
            try await database.write { session in
                let attempt = attempts.withLock { count in
                    count += 1
                    return count
                }
                try session.execute("INSERT INTO users (name) VALUES ('Ada')")
                if attempt == 1 {
                    try session.withConnection(as: (any Connection).self) { $0.close() }
                }
                try session.execute("INSERT INTO users (name) VALUES ('Grace')")
            }

            #expect(attempts.withLock { $0 } == 2)
            #expect(database.statistics.retries == 1)
            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [2])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `acting afterwards`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")
            let notified = Mutex<[String]>([])
            func notify(_ name: String) async { notified.withLock { $0.append(name) } }

            // #after
            let names = try await database.write { session in
                let names = try session.query("SELECT name FROM users WHERE age IS NULL", as: String.self).all()
                try session.execute("UPDATE users SET age = 0 WHERE age IS NULL")
                return names
            }
            for name in names { await notify(name) }

            #expect(notified.withLock { $0 } == ["Ada"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `the policy`(_ run: DatabaseRun) async throws {
        // #policy
        let configuration = DatabaseConfiguration(
            retry: RetryPolicy(maxAttempts: 3, backoff: Backoff(first: .milliseconds(50), limit: .seconds(2)))
        )

        try await run.withDatabase(configuration) { database in
            await #expect(throws: DatabaseError.self) {
                try await database.write { session in
                    try session.withConnection(as: (any Connection).self) { $0.close() }
                    _ = try session.query("SELECT 1", as: Int.self).one()
                }
            }
            #expect(database.statistics.retries == 2)
        }
        #expect(RetryPolicy.standard.maxAttempts == 8)
        #expect(RetryPolicy.standard.backoff == Backoff(first: .milliseconds(10), limit: .seconds(1)))
    }

    @Test(arguments: DatabaseRun.all)
    func `a swallowed loss`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()
            let attempts = Mutex(0)
            try await database.write { session in
                try session.execute("INSERT INTO users (name) VALUES ('Ada')")
                let isFirst = attempts.withLock { count in
                    count += 1
                    return count == 1
                }
                if isFirst { try session.withConnection(as: (any Connection).self) { $0.close() } }
                _ = try? session.execute("INSERT INTO users (name) VALUES ('Grace')")
            }
            #expect(attempts.withLock { $0 } == 2)
            #expect(try await database.query("SELECT count(*) FROM users", as: Int.self) == [2])
        }
    }
}
