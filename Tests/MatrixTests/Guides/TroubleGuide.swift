// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import MainstayTesting
import Testing

/// The code of `Trouble.md`, and what it claims.
@Suite struct TroubleGuide {
    @Test(arguments: DatabaseRun.all)
    func `timeouts`(_ run: DatabaseRun) async throws {
        // #timeouts
        let configuration = DatabaseConfiguration(scopeTimeout: .seconds(30), statementTimeout: .seconds(5))

        #expect(configuration.scopeTimeout == .seconds(30))
        #expect(configuration.statementTimeout == .seconds(5))
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace")

            // #own
            let report = try await database.read(timeout: .seconds(60)) { session in
                session.statementTimeout = .seconds(20)
                return try session.query("SELECT name, age FROM users ORDER BY age", as: (String, Int?).self).all()
            }

            #expect(report.count == 2)
        }
    }

    @Test(arguments: ["sqlite::memory:", Backends.url("MAINSTAY_POSTGRESQL_URL"), Backends.url("MAINSTAY_MARIADB_URL")])
    func `tokens`(_ url: String?) async throws {
        let url = try #require(url)
        let drivers: [DriverPlugin] = [.sqlite, .postgreSQL, .mariaDB]

        // #token
        let configuration = DatabaseConfiguration(commitResolution: .byToken())
        let database = try Database(url, drivers: drivers, configuration: configuration)
        try await database.createCommitTable()
        // Once a day:
        try await database.removeCommitTokens()

        let rows = try await database.query("SELECT count(*) FROM mainstay_commits", as: Int.self)
        // A server's transactions leave rows, that of the removal among them.
        #expect((rows[0] > 0) == database.driver.dialect.capabilities.contains(.server))
        await database.close()
    }

    @Test(arguments: DatabaseRun.all)
    func `kept alive`(_ run: DatabaseRun) async throws {
        @Sendable func ages(of names: [String]) async throws -> [(String, Int)] { names.map { ($0, 36) } }
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")

            // #alive
            try await database.withSession(keepsAlive: true) { session in
                let names = try session.query("SELECT name FROM users", as: String.self).all()
                try session.commit()
                let ages = try await ages(of: names)
                for (name, age) in ages {
                    try session.execute("UPDATE users SET age = \(age) WHERE name = \(name)")
                }
                try session.commit()
            }

            #expect(try await database.query("SELECT age FROM users", as: Int.self) == [36])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `attempts`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()

            // #attempt
            try await database.write(retry: .standard) { session in
                if session.attempt > 1, let reason = session.lastFailure {
                    print("attempt \(session.attempt), since \(reason.code)")
                }
                try session.execute("UPDATE users SET age = age + 1")
            }

            #expect(database.statistics.retries == 0)
        }
    }

    /// The words of the first table are those of the suite, and so are its promises.
    @Test func `the table of faults`() throws {
        let rows = try Guide.named("Trouble").tableRows
        for place in FaultPlace.allCases {
            let row = try #require(rows.first { $0[0] == place.rawValue }, "no row for \(place.rawValue)")
            let broken = FaultOutcome.promised(at: place, isSilent: false, isResolved: true)
            #expect(row[1].hasPrefix(broken.rawValue))
            let silent = FaultOutcome.promised(at: place, isSilent: true, isResolved: true)
            #expect(silent == .healed ? row[2] == "the same" : row[2].hasPrefix("`timeout`"))
            let unresolved = FaultOutcome.promised(at: place, isSilent: false, isResolved: false)
            #expect(row[1].contains("found out") == (unresolved == .unknown))
        }
    }
}
