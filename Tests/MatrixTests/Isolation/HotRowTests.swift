// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting
import Testing

/// A row that everybody changes: nothing is lost, nothing fails, and what the order costs is printed.
@Suite struct IsolationOfHotRowTests {
    /// In the long mode 64 tasks change the row 200 times each.
    private var rounds: Int { ProcessInfo.processInfo.environment["MAINSTAY_FAULTS"] == "long" ? 200 : 20 }

    @Test(.timeLimit(.minutes(10)), arguments: DatabaseRun.all)
    func `every increment of 64 tasks is there, read and written by the client`(_ run: DatabaseRun) async throws {
        let configuration = DatabaseConfiguration(pool: PoolConfiguration(size: 10, acquireTimeout: .seconds(300)))
        try await run.withDatabase(configuration) { database in
            try await database.execute("CREATE TABLE counter (id \(type: .int32) PRIMARY KEY, n \(type: .int64))")
            try await database.execute("INSERT INTO counter (id, n) VALUES (1, 0)")
            let byServer = try await time(database) {
                try await database.execute("UPDATE counter SET n = n + 1 WHERE id = 1", isolation: .readCommitted)
            }
            let retries = database.statistics.retries
            let byClient = try await time(database) {
                try await database.write { session in
                    let n = try session.query("SELECT n FROM counter WHERE id = 1", as: Int64.self).one()
                    try session.execute("UPDATE counter SET n = \(n + 1) WHERE id = 1")
                }
            }
            #expect(
                try await database.query("SELECT n FROM counter", as: Int64.self) == [Int64(2 * 64 * rounds)]
            )
            print(
                "64 tasks × \(rounds) on \(run.database): read and write \(byClient), \(database.statistics.retries - retries) "
                    + "repetitions; n = n + 1 at READ COMMITTED \(byServer), \(retries)"
            )
        }
    }

    private func time(
        _ database: Database,
        _ change: @escaping @Sendable () async throws -> Void
    ) async throws -> Duration {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for _ in 0..<64 {
                group.addTask { [rounds] in for _ in 0..<rounds { try await change() } }
            }
            try await group.waitForAll()
        }
        return start.duration(to: .now)
    }
}
