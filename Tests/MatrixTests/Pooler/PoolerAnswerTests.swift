// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayPostgreSQL
import MainstayTesting
import Synchronization
import Testing

/// Behind a pooler that gives each transaction another session, each statement is answered, and not another client's.
@Suite(.serialized, .timeLimit(.minutes(15)), .enabled(if: PoolerRun.isAsked, "Scripts/test starts the poolers"))
struct PoolerAnswerTests {
    /// The smallest input: each of two clients prepares its first statement in a session of its own, and then one of them
    /// gets the other's session.
    @Test func `a statement that is executed in the session of another client is the client's own`() async throws {
        try await PoolerRun.withSchema { schema, direct async throws in
            try await direct.execute("CREATE TABLE \(identifier: schema, "a") (id int8)")
            try await direct.execute("CREATE TABLE \(identifier: schema, "b") (id int8)")
            try await direct.execute("INSERT INTO \(identifier: schema, "b") SELECT generate_series(1, 10)")
            try await PoolerRun.with(PoolerRun.transactionURL) { c async throws in
                try await PoolerRun.with(PoolerRun.transactionURL) { d async throws in
                    let meeting = Rendezvous(of: 2)
                    async let first: Void = c.write { session in
                        try session.execute("INSERT INTO \(identifier: schema, "a") VALUES (\(1))")
                        await meeting.meet()
                    }
                    async let second: Void = d.write { session in
                        try session.execute("DELETE FROM \(identifier: schema, "b") WHERE id = \(99)")
                        await meeting.meet()
                    }
                    _ = try await (first, second)
                    // Whichever session a third client holds, c gets the other one.
                    for round in 2...9 {
                        try await PoolerRun.with(PoolerRun.transactionURL) { third async throws in
                            try await third.write { session in
                                _ = try session.query("SELECT 1", as: Int.self).one()
                                try await c.write { session in
                                    try session.execute("INSERT INTO \(identifier: schema, "a") VALUES (\(round))")
                                }
                            }
                        }
                    }
                }
            }
            let rows = try await direct.query("SELECT id FROM \(identifier: schema, "a") ORDER BY id", as: Int.self)
            #expect(rows == Array(1...9))
            let left = try await direct.query("SELECT count(*) FROM \(identifier: schema, "b")", as: Int.self)
            #expect(left == [10])
        }
    }

    @Test(arguments: [false, true])
    func `ten thousand mixed statements of 16 tasks over two sessions`(changesSchema: Bool) async throws {
        let count = 10_000
        try await PoolerRun.withSchema { schema, direct async throws in
            // A table that is written anew by ALTER TABLE is empty for who sees an earlier moment, with and without a pooler:
            // https://www.postgresql.org/docs/15/mvcc-caveats.html
            let work = PoolerWork(schema: schema, isolation: changesSchema ? .readCommitted : nil)
            try await work.prepare(direct)
            try await PoolerRun.with(PoolerRun.transactionURL, size: 16) { database async throws in
                let isDone = Atomic(false)
                async let changes = changesSchema ? work.changeSchema(direct, until: isDone) : 0
                let report = await work.run(database, tasks: 16, statements: count)
                isDone.store(true, ordering: .releasing)
                let changed = try await changes
                ServerFaultTests.report("pooler: \(report), \(changed) changes of the schema")
                #expect(report.wrong.isEmpty, "\(report.wrong.prefix(3))")
                #expect(report.errors.isEmpty, "\(report.errors.prefix(3))")
                #expect(report.right >= count)
                if changesSchema { #expect(changed > 10) }
                let kept = try await direct.query("SELECT count(*) FROM \(identifier: schema, "kept")", as: Int.self)
                #expect(kept == [report.inserted])
            }
            // Nothing was left in the pooler's sessions.
            try await PoolerRun.with(PoolerRun.transactionURL) { database async throws in
                let names = try await database.query("SELECT count(*) FROM pg_prepared_statements", as: Int.self)
                #expect(names == [0])
            }
        }
    }
}
