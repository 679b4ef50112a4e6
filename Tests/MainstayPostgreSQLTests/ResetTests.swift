// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ResetTests {
    @Test func `Nothing that a session left is there afterwards, and prepared statements are`() throws {
        try TestServer.withConnection { connection throws in
            let path = try connection.cell("SHOW search_path")
            let prepared = try connection.prepare("SELECT $1 + 1", parameterTypes: [.int64])
            #expect(try prepared.rows([.int64(1)]) == [[.integer(2)]])
            _ = try connection.executeScript(
                """
                SET work_mem = '1MB';
                SET search_path TO pg_catalog;
                SET TIME ZONE 'Asia/Tokyo';
                CREATE TEMPORARY TABLE left_behind (a INT);
                CREATE SEQUENCE counted;
                SELECT nextval('counted'), pg_advisory_lock(42);
                LISTEN something;
                """.replacing("CREATE SEQUENCE counted;", with: "CREATE TEMPORARY SEQUENCE counted;")
            )
            let survived = try connection.reset()
            #expect(survived)
            #expect(try connection.cell("SHOW search_path") == path)
            #expect(try connection.cell("SHOW work_mem") != .text("1MB"))
            #expect(try connection.cell("SHOW timezone") != .text("Asia/Tokyo"))
            #expect(
                try connection.cell(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
                ) == .integer(0)
            )
            #expect(try connection.cell("SELECT count(*) FROM pg_listening_channels()") == .integer(0))
            #expect(failure { try connection.execute("SELECT * FROM left_behind") }.error?.code == .undefinedObject)
            #expect(try prepared.rows([.int64(2)]) == [[.integer(3)]])
            #expect(connection.transactionState == .none)
        }
    }

    @Test func `A role that a session took on is given back`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let user = try connection.cell("SELECT current_user::text")
        _ = try connection.executeScript("SET ROLE pg_monitor")
        #expect(try connection.cell("SELECT current_user::text") == .text("pg_monitor"))
        _ = try connection.reset()
        #expect(try connection.cell("SELECT current_user::text") == user)
    }

    @Test func `A ping is answered`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        try connection.ping()
        try connection.begin(TransactionOptions())
        try connection.ping()
        #expect(connection.transactionState == .active)
    }
}
