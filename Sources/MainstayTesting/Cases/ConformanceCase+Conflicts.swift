// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// What managed scopes do about other transactions that change the same rows, by default and by name.
extension ConformanceCase {
    static let conflicts: [ConformanceCase] = [
        ConformanceCase(
            "two write scopes that read one row and write it lose no update, whichever comes first",
            requires: .snapshotIsolation
        ) { database, _ in
            try await database.makeCounter(100)
            let both = Rendezvous(of: 2)
            try await withThrowingTaskGroup { group in
                for amount in [10, 1] {
                    group.addTask {
                        try await database.write { session in
                            let count = try session.count()
                            // They meet where they can: on a database with one writer the second has not begun yet.
                            if session.attempt == 1, session.dialect.capabilities.contains(.concurrentWriters) {
                                await both.meet()
                            }
                            try session.setCount(count + amount)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.count() == 111)
            let isConcurrent = database.driver.dialect.capabilities.contains(.concurrentWriters)
            #expect(database.statistics.retries == (isConcurrent ? 1 : 0))
        },
        ConformanceCase("64 tasks that read a row and write it, again and again, lose nothing and fail never") {
            database,
            _ in
            try await database.makeCounter(0)
            try await withThrowingTaskGroup { group in
                for _ in 0..<64 {
                    group.addTask {
                        for _ in 0..<10 {
                            try await database.write { session in try session.setCount(try session.count() + 1) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.count() == 640)
        },
        ConformanceCase(
            "a weaker level asked for by name may lose an update",
            requires: [.concurrentWriters, .isolationLevels]
        ) { database, _ in
            try await database.makeCounter(100)
            let both = Rendezvous(of: 2)
            try await withThrowingTaskGroup { group in
                for amount in [10, 1] {
                    group.addTask {
                        try await database.write(isolation: .readCommitted) { session in
                            let count = try session.count()
                            await both.meet()
                            try session.setCount(count + amount)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect([101, 110].contains(try await database.count()))
            #expect(database.statistics.retries == 0)
        },
        ConformanceCase(
            "the configuration's level is that of scopes that name none",
            requires: [.concurrentWriters, .isolationLevels],
            configuration: .isolated(.readCommitted)
        ) { database, _ in
            let seen = [try await database.seesOthers(), try await database.seesOthers(isolation: .snapshot)]
            #expect(seen == [true, false])
        },
        ConformanceCase("a managed scope sees one moment", requires: .snapshotIsolation) { database, _ in
            let isSeen = try await database.seesOthers()
            #expect(!isSeen)
        },
        ConformanceCase(
            "an unmanaged session has the server's own level, also after a scope that had another",
            requires: [.concurrentWriters, .isolationLevels],
            configuration: .pool(size: 2)
        ) { database, _ in
            let fresh = try await database.seesOthersUnmanaged()
            let managed = try await database.seesOthers()
            let later = try await database.seesOthersUnmanaged()
            #expect(!managed && later == fresh)
        },
        ConformanceCase(
            "a conflict is repeated until the scope's time is over, and then told as what it is",
            requires: [.server, .snapshotIsolation]
        ) { database, _ in
            try await database.makeCounter(0)
            let error = await expectAsyncError(.serializationFailure, .timeout) {
                let retry = RetryPolicy(
                    maxAttempts: 2,
                    backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(4))
                )
                try await database.write(timeout: .seconds(2), retry: retry) { session in
                    let count = try session.count()
                    // Another one is always faster.
                    try await database.separately {
                        try await database.write { session in try session.setCount(try session.count() + 1) }
                    }
                    try session.setCount(count + 100)
                }
            }
            let earlier = error?.earlierFailures ?? []
            #expect(earlier.count > 8 && earlier.allSatisfy { $0.code == .serializationFailure })
            #expect(database.statistics.retries > 8)
            #expect(try await database.count() <= database.statistics.retries + 1)
        },
        ConformanceCase("workers take jobs from a queue, each job once and without a conflict") { database, _ in
            try await database.execute(
                """
                CREATE TABLE jobs (
                    id \(type: .int64) PRIMARY KEY, state \(type: .varchar(10)) NOT NULL, worker \(type: .int32)
                )
                """
            )
            try await database.write { session in
                try session.execute(each: 1...80) { "INSERT INTO jobs (id, state) VALUES (\($0), 'open')" }
            }
            try await withThrowingTaskGroup { group in
                for worker in 0..<8 {
                    group.addTask { while try await database.takeJob(worker) {} }
                }
                try await group.waitForAll()
            }
            #expect(
                try await database.query("SELECT count(*) FROM jobs WHERE worker IS NOT NULL", as: Int.self) == [80]
            )
            #expect(database.statistics.retries == 0)
        },
    ]
}

extension DatabaseConfiguration {
    fileprivate static func isolated(_ level: IsolationLevel) -> DatabaseConfiguration {
        var configuration = DatabaseConfiguration.conformance
        configuration.isolation = level
        return configuration
    }
}

extension Database {
    fileprivate func makeCounter(_ count: Int) async throws {
        try await execute("CREATE TABLE counter (id \(type: .int32) PRIMARY KEY, n \(type: .int32) NOT NULL)")
        try await execute("INSERT INTO counter (id, n) VALUES (1, \(count))")
    }

    fileprivate func count() async throws -> Int {
        try await read { session in try session.count() }
    }

    /// Whether a transaction sees what another one commits meanwhile.
    fileprivate func seesOthers(isolation: IsolationLevel? = nil) async throws -> Bool {
        try await execute("DROP TABLE IF EXISTS counter")
        try await makeCounter(0)
        return try await read(isolation: isolation) { session in
            let before = try session.count()
            try await separately {
                try await withSession { session in
                    try session.setCount(1)
                    try session.commit()
                }
            }
            return try session.count() != before
        }
    }

    /// The same in a session whose transactions have the server's own level.
    fileprivate func seesOthersUnmanaged() async throws -> Bool {
        try await execute("DROP TABLE IF EXISTS counter")
        try await makeCounter(0)
        return try await withSession { session in
            let before = try session.count()
            try await separately { try await write { session in try session.setCount(1) } }
            return try session.count() != before
        }
    }

    /// Takes the next job that is open, if there is one.
    fileprivate func takeJob(_ worker: Int) async throws -> Bool {
        try await write(isolation: .readCommitted) { session in
            let lock = session.dialect.rowLock(RowLock(.update, whenLocked: .skip))
            let job = try session.query(
                "SELECT id FROM jobs WHERE state = 'open' ORDER BY id LIMIT 1 \(raw: lock)",
                as: Int64.self
            ).first()
            guard let job else { return false }
            try session.execute("UPDATE jobs SET state = 'done', worker = \(worker) WHERE id = \(job)")
            return true
        }
    }
}

extension Session {
    fileprivate func count() throws(DatabaseError) -> Int {
        try query("SELECT n FROM counter WHERE id = 1", as: Int.self).one()
    }

    fileprivate func setCount(_ count: Int) throws(DatabaseError) {
        try execute("UPDATE counter SET n = \(count) WHERE id = 1")
    }
}
