// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayPostgreSQL
import Testing

/// What a pooler in transaction mode can't carry is refused before it is sent, and what ends with its transaction is not.
@Suite(.serialized, .enabled(if: PoolerRun.isAsked, "Scripts/test starts the poolers"))
struct PoolerRefusalTests {
    @Test(
        arguments: [
            "SET application_name = 'x'", "SELECT set_config('a.b', 'c', false)", "RESET ALL", "DISCARD ALL",
            "CREATE TEMP TABLE t (a int)", "SELECT pg_advisory_lock(1)", "LISTEN news", "PREPARE p AS SELECT 1",
            "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
        ] as [SQL]
    )
    func `what would be left in somebody else's session is refused`(_ sql: SQL) async throws {
        try await PoolerRun.with(PoolerRun.transactionURL) { database async throws in
            let inTransaction = await #expect(throws: DatabaseError.self) {
                try await database.write { session in
                    do {
                        try session.execute(sql)
                    } catch {
                        // Nothing was sent, so that the transaction is as it was.
                        let answer = try session.query("SELECT 7", as: Int.self).one()
                        #expect(answer == 7)
                        throw error
                    }
                }
            }
            #expect(inTransaction?.code == .unsupported)
            #expect(inTransaction?.isTransient == false)
            #expect(inTransaction?.hint?.contains("pooler=session") == true)
            let alone = await #expect(throws: DatabaseError.self) {
                try await database.withSession { _ = try $0.executeAutocommit(sql) }
            }
            #expect(alone?.code == .unsupported)
            #expect(database.statistics.retries == 0)
        }
    }

    @Test func `scripts and prepared connections are no way around`() async throws {
        try await PoolerRun.with(PoolerRun.transactionURL) { database async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { _ = try $0.executeScript("SELECT 1; SET a.b = 'c'") }
            }
            #expect(error?.code == .unsupported)
            #expect(try await database.query("SELECT current_setting('a.b', true)", as: String?.self) == [nil])
        }
        try await PoolerRun.with(
            PoolerRun.transactionURL,
            { $0.pool.prepareConnection = { try $0.execute("SET a.b = 'c'") } },
            { database async throws in
                let error = await #expect(throws: DatabaseError.self) { try await database.query("SELECT 1") }
                #expect(error?.code == .unsupported)
                #expect(database.statistics.connectionsFailed == 1)
            }
        )
    }

    @Test func `libpq's connection is lent in a transaction only`() async throws {
        try await PoolerRun.with(PoolerRun.transactionURL) { database async throws in
            try await database.write { session in
                let process = try session.withConnection(as: PostgreSQLConnection.self) { connection in
                    try connection.withNativeHandle { _ in connection.transactionState }
                }
                #expect(process == .active)
            }
        }
        let driver = try PostgreSQLDriver(url: ConnectionURL(PoolerRun.transactionURL))
        let connection = try driver.connect(ConnectRequest(role: .writer, timeout: .seconds(10)))
        defer { connection.close() }
        let error = #expect(throws: DatabaseError.self) {
            try (connection as? PostgreSQLConnection)?.withNativeHandle { _ in }
        }
        #expect(error?.code == .unsupported)
    }

    @Test func `what ends with its transaction works`() async throws {
        try await PoolerRun.withSchema { schema, _ async throws in
            try await PoolerRun.with(PoolerRun.transactionURL, size: 2) { database async throws in
                let path = try await database.query("SHOW search_path", as: String.self)
                try await database.write { session in
                    try session.execute("SET LOCAL search_path TO \(identifier: schema)")
                    try session.execute("SELECT set_config('a.b', \("c"), true)")
                    try session.execute("SELECT pg_advisory_xact_lock(4711)")
                    try session.execute("CREATE TEMP TABLE short (a int) ON COMMIT DROP")
                    try session.execute("CREATE TABLE long (a int)")
                    try session.execute("DO $$ BEGIN INSERT INTO short VALUES (1), (2); END $$")
                    _ = try session.executeScript("SET LOCAL a.b = 'd'; INSERT INTO long SELECT a FROM short")
                    let rows = try session.query("SELECT a FROM long ORDER BY a", as: Int.self).all()
                    #expect(rows == [1, 2])
                    let setting = try session.query("SELECT current_setting('a.b')", as: String.self).one()
                    #expect(setting == "d")
                }
                for _ in 0..<4 {
                    #expect(try await database.query("SHOW search_path", as: String.self) == path)
                    let locks = try await database.query(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711",
                        as: Int.self
                    )
                    #expect(locks == [0])
                }
            }
        }
    }

    @Test func `scopes that only read can't write, and those after them can`() async throws {
        try await PoolerRun.withSchema { schema, _ async throws in
            try await PoolerRun.with(PoolerRun.transactionURL) { database async throws in
                let table: SQL = "\(identifier: schema, "t")"
                try await database.execute("CREATE TABLE \(table) (a int)")
                for _ in 0..<4 {
                    let error = await #expect(throws: DatabaseError.self) {
                        try await database.query("INSERT INTO \(table) VALUES (1) RETURNING a")
                    }
                    #expect(error?.code == .readOnly)
                    #expect(try await database.execute("INSERT INTO \(table) VALUES (2)").affectedRows == 1)
                }
                #expect(try await database.query("SELECT sum(a) FROM \(table)", as: Int.self) == [8])
            }
        }
    }

    @Test func `a limit for statements is the transaction's`() async throws {
        try await PoolerRun.with(PoolerRun.transactionURL, { $0.statementTimeout = .milliseconds(300) }) {
            database async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.query("SELECT 1 FROM pg_sleep(20)")
            }
            #expect(error?.code == .timeout)
        }
        // Both of the pooler's sessions are as they were.
        try await PoolerRun.with(PoolerRun.transactionURL, size: 2) { database async throws in
            for _ in 0..<4 {
                #expect(try await database.query("SHOW statement_timeout", as: String.self) == ["0"])
            }
        }
    }

    @Test(arguments: ["search_path=public", "statement_timeout=5s"])
    func `a setting that the pooler does not take on connect is a misconfiguration`(parameter: String) async throws {
        for url in [PoolerRun.transactionURL, PoolerRun.sessionURL] {
            try await PoolerRun.with("\(url)?\(parameter)") { database async throws in
                let error = await #expect(throws: DatabaseError.self) { try await database.query("SELECT 1") }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.isTransient == false)
                #expect(error?.hint?.contains("ALTER ROLE") == true)
                #expect(database.statistics.connectionsFailed == 1)
                #expect(database.statistics.retries == 0)
            }
        }
    }
}
