// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Mainstay
import MainstaySQLite
import MainstayTesting
import Testing

extension ServerFaultTests {
    /// Money is moved while faults happen: none is lost, and none is made.
    @Suite struct LedgerTests {
        private static let duration = ServerFaultTests.duration(.seconds(12), long: .seconds(125))

        @Test(arguments: ControlledServer.all, [CommitResolution.byServer, .byToken()])
        func `the ledger is true`(_ server: ControlledServer, _ resolution: CommitResolution) async throws {
            var configuration = DatabaseConfiguration.faulty
            configuration.commitResolution = resolution
            let leftovers = try await FaultyService.with(server, configuration) { service in
                if resolution == .byToken() { try await service.database.createCommitTable() }
                let ledger = Ledger(service.database)
                try await ledger.open()
                try await ledger.run(tasks: 12) {
                    let end = ContinuousClock.now + Self.duration
                    var faults = ServerFault.all.shuffled()
                    while ContinuousClock.now < end {
                        if faults.isEmpty { faults = ServerFault.all.shuffled() }
                        try await faults.removeLast().befall(service)
                        try await Task.sleep(for: .milliseconds(Int.random(in: 200..<1000)))
                    }
                    service.proxy.heal()
                    _ = try await ServerProbe.isAccepting(server.port)
                }
                let audit = try await ledger.audit(service.direct)
                let statistics = service.database.statistics
                report(
                    """
                    ledger on \(server), \(resolution == .byToken() ? "by token" : "by server"): \(audit); \
                    \(statistics.retries) repetitions, COMMITs found done \(statistics.commitsFoundDone), undone \
                    \(statistics.commitsFoundUndone), unknown \(statistics.commitsUnknown)
                    """
                )
                #expect(audit.isTrue, "\(audit)")
                #expect(audit.done > 100)
                let isResolved = server.name == "postgresql" || resolution == .byToken()
                if isResolved { #expect(audit.unknown == 0, "\(audit)") }
                // A connection that rests is there on both sides.
                for _ in 0..<500 where service.database.poolFigures.values.contains(where: { $0.leased > 0 }) {
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(service.proxy.open == service.database.poolFigures.values.reduce(0) { $0 + $1.connections })
            }
            #expect(leftovers == FaultyService.Leftovers())
        }

        /// A file has no server; its handles are closed, its locks held by others, and its connections replaced.
        @Test func `the ledger is true in a file`() async throws {
            try await SQLiteBackend().withDatabase(.faulty) { database in
                let ledger = Ledger(database)
                try await ledger.open()
                try await ledger.run(tasks: 12) {
                    let end = ContinuousClock.now + Self.duration
                    while ContinuousClock.now < end {
                        switch Int.random(in: 0..<3) {
                        case 0:
                            database.evictConnections(.atOnce)
                        case 1:
                            try? await database.withSession { session in
                                try session.execute("UPDATE accounts SET cents = 0")
                                try session.withConnection(as: SQLiteConnection.self) { $0.close() }
                            }
                        default:
                            try await Self.holdLock(of: database.driver.location)
                        }
                        try await Task.sleep(for: .milliseconds(Int.random(in: 20..<200)))
                    }
                }
                let audit = try await ledger.audit(database)
                report("ledger in an SQLite file: \(audit); \(database.statistics.retries) repetitions")
                #expect(audit.isTrue, "\(audit)")
                #expect(audit.done > 100)
                #expect(audit.unknown == 0)
            }
        }

        /// Another database object on the same file writes for a while, as another process would.
        private static func holdLock(of path: String) async throws {
            let other = try Database("sqlite://\(path)", drivers: [.sqlite])
            try await other.write { session in
                try session.execute("UPDATE accounts SET cents = cents")
                try await Task.sleep(for: .milliseconds(100))
            }
            await other.close()
        }
    }
}

extension DatabaseConfiguration {
    /// Short times, so that silence is not waited for, and a pool that is small enough for all to be hit.
    static var faulty: DatabaseConfiguration {
        var configuration = DatabaseConfiguration(pool: PoolConfiguration(size: 6))
        configuration.pool.connectTimeout = .seconds(2)
        configuration.pool.checkTimeout = .seconds(1)
        configuration.pool.resetTimeout = .seconds(2)
        configuration.statementTimeout = .seconds(2)
        configuration.logger.logLevel = .critical
        return configuration
    }
}
