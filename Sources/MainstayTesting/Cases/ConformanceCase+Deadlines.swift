// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    static let deadlines: [ConformanceCase] = [
        ConformanceCase("a statement that takes too long fails with a timeout", configuration: .impatient) {
            database,
            backend in
            try await database.makePeople()
            for _ in 0..<2 {
                let start = ContinuousClock.now
                let error = await expectAsyncError(.timeout) {
                    try await database.write { session in
                        try session.addPerson("a")
                        try session.execute(backend.endlessStatement)
                    }
                }
                #expect(ContinuousClock.now - start < .seconds(20))
                #expect(error?.isTransient == false)
                #expect(error?.statement != nil)
            }
            #expect(database.statistics.retries == 0)
            #expect(try await database.people() == [])
        },
        ConformanceCase(
            "where the server stops a statement by itself, the connection survives",
            requires: .statementLimits,
            configuration: .impatient
        ) { database, backend async throws in
            await expectAsyncError(.timeout) {
                try await database.read { session in _ = try session.query(backend.endlessStatement).all() }
            }
            #expect(try await database.query("SELECT 1", as: Int.self) == [1])
            #expect(database.poolFigures.values.allSatisfy { $0.totals.closes == [:] })
        },
        ConformanceCase("a session sets the time of its statements, and the next one has its own") {
            database,
            backend in
            try await database.withSession { session in
                session.statementTimeout = .milliseconds(200)
                expectError(.timeout) { try session.execute(backend.endlessStatement) }
                session.rollback()
                let limit = session.statementTimeout
                #expect(limit == .milliseconds(200))
                session.statementTimeout = nil
                _ = try session.query(backend.briefStatement).all()
            }
            try await database.withSession { session in
                let limit = session.statementTimeout
                #expect(limit == nil)
                for _ in 0..<100 { _ = try session.query(backend.briefStatement).all() }
            }
        },
        ConformanceCase("a scope that takes too long ends, in whatever it does") { database, backend in
            try await database.makePeople()
            await expectAsyncError(.timeout) {
                try await database.write(timeout: .milliseconds(300)) { session in
                    try session.addPerson("a")
                    try session.execute(backend.endlessStatement)
                }
            }
            // Many short statements are no way around it.
            let error = await expectAsyncError(.timeout) {
                try await database.withSession(timeout: .milliseconds(300)) { session in
                    while true { _ = try session.query(backend.briefStatement).all() }
                }
            }
            #expect(error != nil)
            await expectAsyncError(.timeout) {
                try await database.read(timeout: .milliseconds(300)) { session in
                    _ = try session.query("SELECT 1", as: Int.self).one()
                    try await Task.sleep(for: .milliseconds(400))
                    _ = try session.query("SELECT 1", as: Int.self).one()
                }
            }
            #expect(try await database.people() == [])
            #expect(database.statistics.retries == 0)
        },
        ConformanceCase("waiting for a connection counts as well", configuration: .impatient) { database, _ in
            let gate = Gate()
            let holder = Task { try await database.write { _ in await gate.wait() } }
            #expect(try await eventually { database.sum(\.leased) > 0 })
            let error = await expectAsyncError(.timeout) {
                try await database.write(timeout: .milliseconds(200)) { session in _ = try session.execute("SELECT 1") }
            }
            #expect((error?.cause as? DatabaseError)?.code == .acquireTimeout)
            gate.open()
            try await holder.value
        },
        ConformanceCase(
            "a lock that is not granted in time is a timeout, and what had it goes on",
            requires: .concurrentWriters,
            configuration: .conformance
        ) { database, _ in
            try await database.makePeople()
            try await database.write { session in _ = try session.addPerson("a", age: 1) }
            let (locked, gate) = (Gate(), Gate())
            let holder = Task {
                try await database.write { session in
                    try session.execute("UPDATE people SET age = 2")
                    locked.open()
                    await gate.wait()
                    try session.execute("UPDATE people SET age = age + 1")
                }
            }
            await locked.wait()
            await expectAsyncError(.timeout) {
                try await database.write(timeout: .milliseconds(300)) { session in
                    try session.execute("UPDATE people SET age = 9")
                }
            }
            gate.open()
            try await holder.value
            #expect(try await database.query("SELECT age FROM people", as: Int.self) == [3])
        },
        ConformanceCase("what ends in time is not touched", configuration: .patient) { database, backend in
            try await database.makePeople()
            for index in 0..<200 {
                try await database.write(timeout: .seconds(120)) { session in
                    _ = try session.query(backend.briefStatement).all()
                    try session.addPerson("p\(index)")
                }
            }
            #expect(try await database.query("SELECT count(*) FROM people", as: Int.self) == [200])
            #expect(database.statistics.retries == 0)
            #expect(database.poolFigures.values.allSatisfy { $0.totals.closes == [:] })
        },
    ]
}

extension DatabaseConfiguration {
    /// One connection, and a second for each statement.
    fileprivate static let impatient = limited(.seconds(1))

    /// One connection, and time enough for each statement, also on a machine that is busy.
    fileprivate static let patient = limited(.seconds(60))

    private static func limited(_ statementTimeout: Duration) -> DatabaseConfiguration {
        var configuration = DatabaseConfiguration.conformance
        configuration.pool = PoolConfiguration(size: 1, acquireTimeout: .seconds(60))
        configuration.statementTimeout = statementTimeout
        return configuration
    }
}
