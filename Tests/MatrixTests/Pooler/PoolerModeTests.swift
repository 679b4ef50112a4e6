// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayPostgreSQL
import MainstayTesting
import Testing

/// How a pooler is noticed, what is said about it, and what ends on the server.
@Suite(.serialized, .enabled(if: PoolerRun.isAsked, "Scripts/test starts the poolers"))
struct PoolerModeTests {
    /// The number of statements that the session has prepared for the protocol, its own question among them.
    private func preparedStatements(_ url: String) async throws -> Int {
        try await PoolerRun.with(url) { database async throws in
            try await database.withSession { session in
                try session.query("SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql", as: Int.self).one()
            }
        }
    }

    @Test func `statements are prepared where the session is the connection's own`() async throws {
        #expect(try await preparedStatements(PoolerRun.directURL) == 1)
        #expect(try await preparedStatements(PoolerRun.sessionURL + "?pooler=session") == 1)
        #expect(try await preparedStatements(PoolerRun.sessionURL) == 0)
        #expect(try await preparedStatements(PoolerRun.transactionURL) == 0)
        #expect(try await preparedStatements(PoolerRun.directURL + "?pooler=transaction") == 0)
        #expect(try await preparedStatements(PoolerRun.directURL + "?pooler=none") == 1)
    }

    @Test func `in session mode a session keeps what it set, and leaves nothing`() async throws {
        try await PoolerRun.with(PoolerRun.sessionURL + "?pooler=session") { database async throws in
            try await database.withSession { session in
                try session.execute("SET a.b = 'c'")
                try session.execute("CREATE TEMP TABLE t (a int)")
                try session.commit()
                let setting = try session.query("SELECT current_setting('a.b')", as: String.self).one()
                #expect(setting == "c")
                try session.execute("INSERT INTO t VALUES (1)")
                try session.commit()
            }
            #expect(try await database.query("SELECT current_setting('a.b', true)", as: String?.self) == [""])
            #expect(try await database.query("SELECT to_regclass('t') IS NULL", as: Bool.self) == [true])
        }
    }

    /// Only the process of this very transaction may be ended, and of that the connection has no knowledge.
    @Test(arguments: ["", "?pooler=session"])
    func `a server's process that may be somebody else's is never ended`(parameter: String) async throws {
        for url in [PoolerRun.transactionURL, PoolerRun.sessionURL] {
            let driver = try PostgreSQLDriver(url: ConnectionURL(url + parameter))
            let request = ConnectRequest(role: .writer, timeout: .seconds(10))
            let (lost, other) = (try driver.connect(request), try driver.connect(request))
            defer {
                lost.close()
                other.close()
            }
            func process(_ connection: any Connection) throws -> Int {
                let statement = try connection.prepare("SELECT pg_backend_pid()", parameterTypes: [])
                defer { statement.close() }
                try statement.start([], reading: .all)
                #expect(try statement.step())
                guard case .integer(let process) = try statement.cell(at: 0) else { return 0 }
                _ = try statement.finish()
                return Int(process)
            }
            try lost.begin(TransactionOptions())
            let before = try process(lost)
            try other.terminate(lost.interrupter)
            #expect(try process(lost) == before)
            try lost.commit()
        }
    }

    @Test func `a statement is cancelled through the pooler, and it alone`() async throws {
        try await PoolerRun.with(PoolerRun.transactionURL, size: 4) { database async throws in
            for _ in 0..<5 {
                let started = Rendezvous(of: 2)
                let endless = Task {
                    try await database.write { session in
                        await started.meet()
                        try session.execute("SELECT pg_sleep(60)")
                    }
                }
                await started.meet()
                async let others = database.query("SELECT sum(n) FROM generate_series(1, 100000) n", as: Int.self)
                endless.cancel()
                let error = await #expect(throws: (any Error).self) { try await endless.value }
                #expect((error as? DatabaseError)?.code == .cancelled || error is CancellationError)
                #expect(try await others == [5_000_050_000])
            }
            #expect(try await database.query("SELECT 7", as: Int.self) == [7])
        }
    }

    @Test func `two databases of many connections share two sessions`() async throws {
        try await PoolerRun.withSchema { schema, direct async throws in
            let table: SQL = "\(identifier: schema, "t")"
            try await direct.execute("CREATE TABLE \(table) (name text, n int8)")
            try await PoolerRun.with(PoolerRun.transactionURL, size: 8) { c async throws in
                try await PoolerRun.with(PoolerRun.transactionURL, size: 8) { d async throws in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for task in 0..<16 {
                            let (database, name) = task < 8 ? (c, "c") : (d, "d")
                            group.addTask {
                                for n in 0..<30 {
                                    // The same place in the order of both, with other statements.
                                    if name == "c" {
                                        try await database.execute("INSERT INTO \(table) VALUES ('c', \(n))")
                                    } else {
                                        try await database.execute("INSERT INTO \(table) (n, name) VALUES (\(n), 'd')")
                                    }
                                    let one = try await database.query("SELECT \(name)::text", as: String.self)
                                    #expect(one == [name])
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            let counts = try await direct.query(
                "SELECT name, count(*), sum(n) FROM \(table) GROUP BY name ORDER BY name",
                as: (String, Int, Int).self
            )
            #expect(counts.map { "\($0)" } == ["(\"c\", 240, 3480)", "(\"d\", 240, 3480)"])
        }
    }

    @Test func `scopes whose session of the server is ended are run again`() async throws {
        try await PoolerRun.withSchema { schema, direct async throws in
            let table: SQL = "\(identifier: schema, "t")"
            try await direct.execute("CREATE TABLE \(table) (n int8 PRIMARY KEY)")
            try await PoolerRun.with(PoolerRun.transactionURL, size: 4) { database async throws in
                for n in 0..<10 {
                    let attempts = Attempts()
                    try await database.write { session in
                        try session.execute("INSERT INTO \(table) VALUES (\(n))")
                        let process = try session.query("SELECT pg_backend_pid()", as: Int32.self).one()
                        if attempts.next() == 1 {
                            try await direct.execute("SELECT pg_terminate_backend(\(process), 5000)")
                        }
                        _ = try session.query("SELECT 1", as: Int.self).one()
                    }
                }
            }
            #expect(try await direct.query("SELECT count(*) FROM \(table)", as: Int.self) == [10])
        }
    }
}
