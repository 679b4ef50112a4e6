// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct StatementEffectTests {
    @Test(
        "Statements on rows and on the schema leave nothing in the session",
        arguments: [
            "SELECT 1", "select 1", "  \n\tSELECT 1", "INSERT INTO a VALUES (1)", "UPDATE a SET b = 1", "DELETE FROM a",
            "REPLACE INTO a VALUES (1)", "WITH a AS (SELECT 1) SELECT * FROM a", "VALUES (1)", "TABLE a",
            "EXPLAIN SELECT 1", "(SELECT 1) UNION (SELECT 2)", "((SELECT 1))", "-- a comment\nSELECT 1",
            "/* SET */ SELECT 1", "/**/SELECT 1", "# MariaDB's comment\nSELECT 1", "-- a\n-- b\n/* c */ ( SELECT 1)",
            "CREATE TABLE a (b int)", "CREATE UNIQUE INDEX a ON b (c)", "ALTER TABLE a ADD b int", "DROP TABLE a",
            "TRUNCATE a", "GRANT SELECT ON a TO b", "MERGE INTO a USING b ON c", "SELECT 'a' || \"b\"",
            "INSERT INTO a (b) SELECT c FROM d RETURNING e", "SELECT * FROM a FOR UPDATE", ";SELECT 1",
        ]
    )
    func harmless(text: String) {
        #expect(!StatementEffect(of: text).contains(.touchesSession))
        #expect(!StatementEffect(of: text).contains(.controlsTransaction))
    }

    @Test(
        "What may leave something in the session touches it",
        arguments: [
            "SET a = 1", "set local a = 1", "RESET ALL", "DISCARD ALL", "PRAGMA foreign_keys = OFF", "ATTACH 'a' AS b",
            "DETACH b", "USE a", "LISTEN a", "PREPARE a AS SELECT 1", "DEALLOCATE a", "DECLARE a CURSOR FOR SELECT 1",
            "LOCK TABLES a READ", "CALL a()", "DO $$ BEGIN END $$", "EXECUTE a", "HANDLER a OPEN", "LOAD 'a'",
            "COPY a TO 'b'",
            "CREATE TEMP TABLE a (b int)", "CREATE TEMPORARY TABLE a (b int)",
            "CREATE OR REPLACE TEMPORARY TABLE a (b int)",
            "CREATE LOCAL TEMP VIEW a AS SELECT 1", "create temporary sequence a",
            "CREATE TABLE temp.a (b)", "SELECT 1 INTO TEMP a", "DROP TABLE temp.a",
            "SELECT set_config('a', 'b', false)", "SELECT SET_CONFIG('a', 'b', false)", "SELECT pg_advisory_lock(1)",
            "SELECT pg_try_advisory_lock_shared(1)", "WITH a AS (SELECT pg_advisory_lock(1)) SELECT 1",
            "SELECT GET_LOCK('a', 1)",
            "SELECT @a := 1", "SELECT 1 INTO @a", "XA START 'a'", "VACUUM", "FROBNICATE",
            "SELECT @1 := 5", "SELECT @`a b` := 1", "SELECT @'a' := 1", "SELECT @\"a\" := 1", "SELECT @ä := 1",
            "SELECT @_ := 1",
            "/*! SELECT */ SET a = 1", "/*!999999 SELECT */ SET @y = 1", "/*M!999999 SELECT */ SET a = 1",
            "/*!40000 SET a = 1 */",
            "/*!999999 SELECT */ /*!40000 SET a = 1 */",
            "SELECT 1 INTO\n@a", "SELECT 1 INTO/**/@a", "SELECT dblink_connect('a', 'dbname=b')",
        ]
    )
    func touching(text: String) {
        #expect(StatementEffect(of: text).contains(.touchesSession))
    }

    @Test(
        "What begins or ends a transaction is known as such",
        arguments: [
            "BEGIN", "begin immediate", "COMMIT", "COMMIT AND CHAIN", "ROLLBACK", "ROLLBACK TO a", "END", "ABORT",
            "SAVEPOINT a", "RELEASE a", "START TRANSACTION", "start  transaction read only", "/* a */ COMMIT",
            "-- a\nCOMMIT",
            "# a\nCOMMIT", ";COMMIT", "(COMMIT", "COMMIT PREPARED 'a'",
        ]
    )
    func transactionControl(text: String) {
        #expect(StatementEffect(of: text).contains(.controlsTransaction))
    }

    @Test(
        "Words that merely begin like them do not end transactions",
        arguments: [
            "COMMITS", "SELECT 'COMMIT'", "INSERT INTO begin VALUES (1)", "WITH commit AS (SELECT 1) SELECT 1",
            "START SLAVE", "SET TRANSACTION READ ONLY", "EXPLAIN SELECT 1 -- COMMIT", "END_OF_DAY",
        ]
    )
    func noTransactionControl(text: String) {
        #expect(!StatementEffect(of: text).contains(.controlsTransaction))
    }

    // MARK: - What is not seen yet

    @Test(
        "Nothing that reaches the session hides in a statement on rows",
        arguments: [
            // PostgreSQL: the schema of the session's temporary tables.
            "CREATE TABLE pg_temp.a (b int)", "SELECT 1 INTO pg_temp.a", "CREATE FUNCTION pg_temp.a() RETURNS int",
            // PostgreSQL: an update of this view is SET.
            "UPDATE pg_settings SET setting = 'x' WHERE name = 'work_mem'",
            // PostgreSQL: the seed of random() stays, and makes the next lease's random numbers known.
            "SELECT setseed(0.5)",
            "SELECT pg_replication_origin_session_setup('a')",
            // PostgreSQL's comments nest, so the statement is SET.
            "/* /* */ SELECT */ SET a = 1",
        ]
    )
    func hidden(text: String) {
        #expect(StatementEffect(of: text).contains(.touchesSession))
    }

    @Test(
        "No transaction is ended by a statement that is not recognised",
        arguments: [
            "/*! SELECT */ COMMIT AND CHAIN", "/*!999999 SELECT */ COMMIT AND CHAIN", "/*M!999999 SELECT */ COMMIT",
            "/*!999999 SELECT */ -- a\n COMMIT", "/*!40000 */ COMMIT", "PREPARE TRANSACTION 'a'", "/*! COMMIT */",
            "/*M! COMMIT */", "/*!50003 COMMIT */", "/* /* */ */ COMMIT",
            "\u{FEFF}COMMIT",
        ]
    )
    func hiddenTransactionControl(text: String) {
        #expect(StatementEffect(of: text).contains(.controlsTransaction))
    }

    @Test("MariaDB's other START statements are no transactions", arguments: ["START REPLICA", "START ALL SLAVES"])
    func start(text: String) {
        #expect(!StatementEffect(of: text).contains(.controlsTransaction))
    }

    @Test(
        "Everyday names do not cost a reset",
        arguments: [
            "SELECT temperature FROM weather", "SELECT body FROM templates", "UPDATE jobs SET attempts = attempts + 1",
            "SELECT name FROM slo_targets", "SELECT hello_world FROM a", "SELECT a @> b FROM c",
        ]
    )
    func everydayNames(text: String) {
        #expect(StatementEffect(of: text) == [])
    }

    @Test(
        "Nor do these",
        arguments: [
            "CREATE TABLE templates (a int)", "SELECT a FROM travel_advisory_notes",
            "SELECT a @@ b FROM full_text_search",
        ]
    )
    func moreEverydayNames(text: String) {
        #expect(!StatementEffect(of: text).contains(.touchesSession))
    }

    // MARK: - Nothing to execute

    @Test(
        "A text without a statement is empty",
        arguments: ["", " \n\t", ";", " ; ;; ", "-- only a comment", "/* only */ /* comments */", "# a\n;"]
    )
    func empty(text: String) {
        #expect(StatementEffect(of: text).contains(.isEmpty))
    }

    @Test(
        "A text with a statement is not",
        arguments: ["SELECT 1", "-- a\nSELECT 1", "((SELECT 1))", "; SELECT 1", "a"]
    )
    func notEmpty(text: String) {
        #expect(!StatementEffect(of: text).contains(.isEmpty))
    }

    @Test(
        "A text that is not understood is the server's to judge, and not taken for nothing",
        arguments: [
            "\u{FEFF}CREATE TABLE a (b int)", "\\connect a", "42", "?", "\"a\"", "/* not closed", "/*! SET a = 1 */",
        ]
    )
    func notUnderstood(text: String) {
        #expect(!StatementEffect(of: text).contains(.isEmpty))
    }

    @Test(
        "Statements that change the schema are known",
        arguments: ["CREATE TABLE a (b int)", "drop table a", "ALTER TABLE a"]
    )
    func schema(text: String) {
        let effect = StatementEffect(of: text)
        #expect(effect.contains(.changesSchema))
        #expect(effect.isDisjoint(with: [.touchesSession, .controlsTransaction, .isEmpty]))
    }
}
