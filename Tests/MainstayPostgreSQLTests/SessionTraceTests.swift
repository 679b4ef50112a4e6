// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct SessionTraceTests {
    /// Everything by which a session remembers who used it.
    private static let traces = """
        SELECT current_setting('work_mem'), current_setting('TimeZone'), current_setting('DateStyle'),
            current_setting('app.tenant', true), current_user::text, session_user::text,
            (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
            (SELECT count(*) FROM pg_listening_channels()),
            (SELECT count(*) FROM pg_cursors), to_regclass('pg_temp.leftover') IS NULL,
            (SELECT count(*) FROM pg_prepared_statements WHERE from_sql)
        """

    @Test func `Nothing stays but the prepared statements`() throws {
        try TestServer.withConnection { connection throws in
            let traces = try connection.prepare(Self.traces, parameterTypes: [])
            let before = try traces.rows([])
            let role = "role_\(UInt32.random(in: 0 ... .max))"
            _ = try connection.executeScript(
                """
                CREATE SEQUENCE s; SELECT nextval('s');
                SET work_mem = '1MB'; SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET app.tenant = '7';
                SELECT pg_advisory_lock(4711, \(UInt16.random(in: 0 ... .max))); LISTEN news; NOTIFY news;
                CREATE TEMP TABLE leftover (a int);
                DECLARE c CURSOR WITH HOLD FOR SELECT 1;
                CREATE ROLE \(role); SET ROLE \(role); RESET ROLE; SET SESSION AUTHORIZATION \(role)
                """
            )
            #expect(try traces.rows([]) != before)
            #expect(try connection.reset())
            // The setting `app.tenant` exists from now on, and is empty.
            var after = try traces.rows([])
            #expect(after[0][3] == .text(""))
            after[0][3] = .null
            #expect(after == before)
            // A sequence's current value is the session's as well.
            #expect(failure { _ = try connection.cell("SELECT lastval()") }.error?.sqlState == "55000")
            #expect(connection.probe())
            _ = try connection.executeScript("DROP ROLE \(role)")
        }
    }

    @Test func `A transaction that was left open is rolled back`() throws {
        try TestServer.withConnection { connection throws in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(failure { try connection.execute("SELECT 1 / 0") }.error != nil)
            #expect(try connection.reset())
            #expect(connection.transactionState == .none)
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(0))
        }
    }

    @Test func `Statements that a user prepared by SQL go, and ours with them`() throws {
        try TestServer.withConnection { connection throws in
            let one = try connection.prepare("SELECT $1 + 1", parameterTypes: [.int64])
            for prepare in ["script", "statement"] {
                if prepare == "script" {
                    _ = try connection.executeScript("PREPARE p AS SELECT 1")
                } else {
                    try connection.execute("PREPARE p AS SELECT 1")
                }
                #expect(try connection.reset() == false)
                #expect(
                    try connection.cell("SELECT count(*) FROM pg_prepared_statements WHERE from_sql") == .integer(0)
                )
                // Who kept one may go on with it.
                #expect(try one.rows([.int64(1)]) == [[.integer(2)]])
                #expect(try connection.reset())
            }
        }
    }

    @Test func `A changed encoding is noticed`() throws {
        try TestServer.withConnection { connection throws in
            let statement = try connection.prepare("SELECT 'é'", parameterTypes: [])
            _ = try connection.executeScript("SET client_encoding TO LATIN1")
            #expect(failure { _ = try statement.rows([]) }.error?.code == .unsupported)
            #expect(failure { _ = try connection.rows("SELECT 1") }.error?.code == .unsupported)
            #expect(try connection.reset())
            #expect(try statement.rows([]) == [[.text("é")]])
        }
    }
}
