// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// The code of `Pooling.md`, and what it claims.
@Suite struct PoolingGuide {
    @Test(arguments: GuideRun.all)
    func `configuration and figures`(_ run: GuideRun) async throws {
        // #configuration
        let configuration = DatabaseConfiguration(
            pool: PoolConfiguration(
                size: 5,
                acquireTimeout: .seconds(10),
                connectTimeout: .seconds(3),
                statementCacheCapacity: 100
            )
        )

        try await run.withDatabase(configuration) { database in
            _ = try await database.query("SELECT 1", as: Int.self)

            // #figures
            for (role, figures) in database.poolFigures {
                print("\(role): \(figures.leased) of \(figures.limit) leased, \(figures.waiting) waiting")
            }
            print("\(database.statistics.scopes) scopes, \(database.statistics.retries) repetitions")

            let limits = database.poolFigures.mapValues(\.limit)
            #expect(limits == (run.database == "SQLite" ? [.writer: 1, .reader: 5] : [.writer: 5]))
            #expect(database.statistics.connectionsOpened == 1)
        }
    }

    @Test func `defaults`() {
        let defaults = PoolConfiguration()
        #expect(defaults.size == 10)
        #expect(defaults.acquireTimeout == .seconds(30))
        #expect(defaults.connectTimeout == .seconds(10))
        #expect(defaults.statementCacheCapacity == 256)
    }
}
