// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// The code of `Pooling.md`, and what it claims.
@Suite struct PoolingGuide {
    @Test(arguments: DatabaseRun.all)
    func `configuration, figures and events`(_ run: DatabaseRun) async throws {
        // #configuration
        var pool = PoolConfiguration(size: 5, overflow: 2, minimumIdle: 1)
        pool.acquireTimeout = .seconds(10)
        pool.leakThreshold = .seconds(60)
        pool.prepareConnection = { session in
            try session.executeScript("SELECT 1")
        }
        let configuration = DatabaseConfiguration(pool: pool)

        try await run.withDatabase(configuration) { database in
            // #events
            let watching = Task {
                for await event in database.poolEvents() {
                    if case .longLease(let site, let held) = event.kind { print("\(site) takes long: \(held)") }
                }
            }
            watching.cancel()

            _ = try await database.query("SELECT 1", as: Int.self)

            // #figures
            for (role, figures) in database.poolFigures {
                print("\(role): \(figures.leased) of \(figures.limit) leased, \(figures.waiting) waiting")
                print("\(figures.totals.waits) of \(figures.totals.leases) leases had to wait")
            }

            let limits = database.poolFigures.mapValues(\.limit)
            #expect(limits == (run.database == "SQLite" ? [.writer: 1, .reader: 7] : [.writer: 7]))
        }
    }

    /// The defaults that the guide's tables give, each by the name of its setting.
    @Test func `defaults`() throws {
        let defaults = PoolConfiguration()
        let texts: [String: String] = [
            "size": "\(defaults.size)", "overflow": "\(defaults.overflow)", "minimumIdle": "\(defaults.minimumIdle)",
            "waiterLimit": defaults.waiterLimit == nil ? "none" : "?",
            "parallelConnects": "\(defaults.parallelConnects)",
            "warmUp": defaults.warmUp == .onFirstUse ? "with the first scope" : "?",
            "statementCacheCapacity": "\(defaults.statementCacheCapacity)",
            "acquireTimeout": text(defaults.acquireTimeout), "connectTimeout": text(defaults.connectTimeout),
            "idleTimeout": text(defaults.idleTimeout), "overflowTimeout": text(defaults.overflowTimeout),
            "maxLifetime": text(defaults.maxLifetime), "checkAfter": defaults.checkAfter == .zero ? "0, always" : "?",
            "pingAfter": text(defaults.pingAfter), "keepAlivePeriod": text(defaults.keepAlivePeriod),
            "checkTimeout": text(defaults.checkTimeout), "resetTimeout": text(defaults.resetTimeout),
            "leakThreshold": text(defaults.leakThreshold), "closeGrace": text(defaults.closeGrace),
        ]
        let rows = try Guide.named("Pooling").tableRows.filter { $0.count == 4 && $0[0].contains("PoolConfiguration/") }
        #expect(rows.count == texts.count)
        for row in rows {
            let name = try #require(row[0].firstMatch(of: /PoolConfiguration\/(\w+)/)).1
            #expect(texts[String(name)] == row[3], "\(name)")
        }
    }

    private func text(_ duration: Duration?) -> String {
        guard let duration else { return "never" }
        let seconds = duration.components.seconds
        return seconds >= 60 ? "\(seconds / 60) min" : "\(seconds) s"
    }
}
