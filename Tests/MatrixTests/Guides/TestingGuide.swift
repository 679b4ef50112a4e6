// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite
import MainstayTesting
import Testing

/// The code of `Testing.md`.
@Suite struct TestingGuide {
    // #memory
    @Test func `a transfer moves money`() async throws {
        let database = try Database("sqlite::memory:", drivers: [.sqlite])
        try await database.write { session in
            try session.execute("CREATE TABLE accounts (name \(type: .varchar(50)), cents \(type: .int64))")
            try session.execute("INSERT INTO accounts VALUES ('alice', 100), ('bob', 0)")
        }
        try await database.write { session in
            try session.execute("UPDATE accounts SET cents = cents - 40 WHERE name = 'alice'")
            try session.execute("UPDATE accounts SET cents = cents + 40 WHERE name = 'bob'")
        }
        let cents = try await database.query("SELECT cents FROM accounts ORDER BY name", as: Int.self)
        #expect(cents == [60, 40])
        await database.close()
    }

    @Test func `a workload shows no anomaly`() async throws {
        try await SQLiteBackend().withDatabase(DatabaseConfiguration()) { database in
            // #checker
            let lists = DatabaseLists(database, isolation: .serializable)
            try await lists.create()
            let workload = IsolationWorkload(lists)
            await workload.run(tasks: 8, transactions: 25)
            let report = IsolationReport(workload.history(finalLists: try await lists.lists()))
            #expect(report.violations(of: .strictSerializable).isEmpty, "\(report)")
        }
    }
}
