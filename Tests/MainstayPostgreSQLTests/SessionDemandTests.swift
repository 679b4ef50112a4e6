// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayPostgreSQL

/// What a text leaves in the session, and what not, by the text alone.
struct SessionDemandTests {
    @Test(arguments: [
        "SET search_path TO a", "set session statement_timeout = 1", "SET ROLE app", "SET SESSION AUTHORIZATION app",
        "SET TIME ZONE 'UTC'", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "RESET ALL", "/* a */ SET a = 1",
        "-- SET LOCAL\nSET a.b = 1", "/*! SELECT */ SET a.b = 1", "/* /* */ SELECT */ SET a.b = 1",
        "SELECT 1; SET a.b = 1", "BEGIN; SET LOCAL a.b = 1; COMMIT; SET a.b = 2",
        "SELECT set_config('a.b', 'c', false)", "SELECT set_config('a.b', 'c', $1)",
        "SELECT pg_catalog.\"set_config\"('a.b', 'c', false)", "SELECT set_config('a', f(true), x)",
        "CREATE TEMP TABLE t (a int)", "create temporary table t as select 1", "CREATE LOCAL TEMP TABLE t (a int)",
        "CREATE OR REPLACE TEMP VIEW v AS SELECT 1", "CREATE TEMP SEQUENCE s", "CREATE TABLE pg_temp.t (a int)",
        "SELECT 1 AS a INTO TEMP t", "WITH x AS (SELECT 1 AS a) SELECT a INTO TEMPORARY TABLE t FROM x",
        "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock_shared(1, 2)", "SELECT pg_advisory_unlock_all()",
        "LISTEN news", "UNLISTEN *", "PREPARE p AS SELECT 1", "EXECUTE p", "DEALLOCATE ALL", "DISCARD ALL", "LOAD 'x'",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "UPDATE pg_settings SET setting = '1' WHERE name = 'a'",
        "SELECT setseed(0.5)", "SELECT dblink_connect('a', 'b')",
    ])
    func `What outlives the transaction is found`(text: String) {
        #expect(SessionDemand(of: text).lasting != nil)
    }

    @Test(arguments: [
        "", ";", "SELECT 1", "(SELECT 1) UNION (SELECT 2)", "VALUES (1)", "TABLE t", "SELECT 'SET a = 1'",
        "SELECT \"SET\"",
        "SELECT $$; SET a = 1$$", "SELECT 1 -- ; SET a = 1", "SELECT 1 /* ; SET a = 1 */", "SELECT E'\\'; SET a = 1'",
        "SET LOCAL search_path TO a", "SET CONSTRAINTS ALL DEFERRED", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SELECT set_config('a.b', $1, true)", "SELECT set_config('a.b', lower(concat('C', 'd')), TRUE), 1",
        "SELECT pg_advisory_xact_lock(1)", "SELECT pg_try_advisory_xact_lock_shared(1)",
        "CREATE TEMP TABLE t (a int) ON COMMIT DROP", "CREATE TABLE temp (a int)", "SELECT temp FROM weather",
        "INSERT INTO temp VALUES (1)", "MERGE INTO temp USING t ON true WHEN MATCHED THEN DELETE",
        "UPDATE t SET a = 1", "ALTER ROLE app SET search_path TO a",
        "CREATE FUNCTION f() RETURNS int SET a.b = 1 RETURN 1",
        "DO $$ BEGIN PERFORM 1; END $$", "CALL p(1)", "NOTIFY news", "LOCK TABLE t", "COPY t FROM STDIN", "VACUUM",
        "PREPARE TRANSACTION 'x'", "DECLARE c CURSOR FOR SELECT 1", "FETCH 1 FROM c", "SELECT * FROM pg_settings",
        "SELECT prepare, listen, load FROM t", "CREATE INDEX CONCURRENTLY i ON t (a)", "REFRESH MATERIALIZED VIEW v",
        "SELECT \(String(repeating: "E'a'", count: 30_000))",
        "SELECT E'\(String(repeating: "''", count: 100_000))' = $1",
    ])
    func `What ends with the transaction is none`(text: String) {
        let demand = SessionDemand(of: text)
        #expect(demand.lasting == nil)
        #expect(demand.unknown == nil)
    }

    @Test func `A statement that no server has is known as such`() {
        #expect(SessionDemand(of: "SELEC 1").unknown == "SELEC")
        #expect(SessionDemand(of: "SELECT 1; 'SELECT 2'").unknown != nil)
        #expect(SessionDemand(of: "SELEC 1").lasting == nil)
    }

    @Test(arguments: [
        ("SET search_path TO a", true), ("SET LOCAL search_path = a", true), ("SET SESSION \"search_path\" = a", true),
        ("set schema 'a'", true), ("RESET search_path", true), ("RESET ALL", true), ("SET ROLE app", true),
        ("SET LOCAL ROLE app", true), ("SET SESSION AUTHORIZATION app", true),
        ("SELECT set_config('search_path', $1, true)", true), ("SELECT set_config($1, $2, true)", true),
        ("SELECT set_config('Search_Path', 'a', false)", true),
        ("SELECT set_config(lower('search_path'), 'a', true)", true),
        ("SELECT 1; SET search_path TO a", true),
        ("SET work_mem = '1MB'", false), ("SET LOCAL app.tenant = 'search_path'", false), ("RESET work_mem", false),
        ("SELECT set_config('app.tenant', $1, true)", false), ("SET TRANSACTION READ ONLY", false), ("SELECT 1", false),
        ("UPDATE t SET search_path = 1", false), ("ALTER ROLE app SET search_path TO a", false),
    ])
    func `What changes the search path is found`(text: String, changes: Bool) {
        #expect(SessionDemand(of: text).changesPath == changes)
        // The quick look misses none, in a statement of its own.
        if changes, !text.contains(";") { #expect(SessionDemand.mayChangePath(text)) }
    }

    @Test(
        arguments: [
            (Pooler.auto, 7, 7, false), (.auto, 7, 8, true), (.auto, 7, nil, true), (.none, 7, 8, false),
            (.session, 7, 8, false), (.transaction, 7, 7, true),
        ] as [(Pooler, Int32, Int32?, Bool)]
    )
    func `A pooler is noticed by the number of the server's process`(
        pooler: Pooler,
        announced: Int32,
        actual: Int32?,
        shares: Bool
    ) {
        #expect(pooler.sharesServer(announced: announced, actual: actual) == shares)
    }
}
