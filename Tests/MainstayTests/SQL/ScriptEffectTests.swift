// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct ScriptEffectTests {
    @Test(
        "A script that begins or ends transactions is known as one, whichever database reads it",
        arguments: [
            "COMMIT", "END; BEGIN", "INSERT INTO a VALUES (1);commit", "BEGIN; SELECT 1", "START TRANSACTION", "ABORT",
            "ROLLBACK", "ROLLBACK WORK", "ROLLBACK AND CHAIN", "PREPARE TRANSACTION 'a'", "-- a\n;;COMMIT",
            "/* a */ COMMIT /* b */",
            "INSERT INTO a VALUES ('b;c'); COMMIT", "INSERT INTO a VALUES ('it''s; '); COMMIT", "SELECT \"a;\"; END",
            "SELECT `a;`; END", "SELECT 1 -- ; \n; COMMIT", "SELECT 1; /* ; */ COMMIT", "\u{FEFF}COMMIT", "(COMMIT)",
            "CREATE TABLE a (b int); COMMIT", "SELECT $1; COMMIT", "SELECT 1 # 2\n; COMMIT",
        ]
    )
    func controlling(text: String) {
        let effect = ScriptEffect(of: text)
        #expect(effect.surelyControlsTransaction)
        #expect(effect.mayControlTransaction)
        #expect(!effect.isEmpty)
    }

    @Test(
        "One that merely mentions them is not",
        arguments: [
            "SELECT 'a; COMMIT'", "INSERT INTO a VALUES ('it''s; COMMIT; ')", "-- ; COMMIT\nSELECT 1",
            "/* ; COMMIT; */ SELECT 1",
            "SELECT CASE WHEN a THEN b END FROM c; SELECT 1",
            "SAVEPOINT a; SELECT 1; ROLLBACK TO SAVEPOINT a; RELEASE a",
            "ROLLBACK WORK TO a", "CREATE TABLE commit (a int)", "SELECT \"; COMMIT\"", "SELECT `; COMMIT`",
            "END_OF_DAY; COMMITS",
            "INSERT INTO begin VALUES (1)", "", ";;",
        ]
    )
    func harmless(text: String) {
        let effect = ScriptEffect(of: text)
        #expect(!effect.surelyControlsTransaction)
        #expect(!effect.mayControlTransaction)
    }

    @Test(
        "What one database reads as such and another does not is not refused for it, and may have committed",
        arguments: [
            "/*!999999 SELECT */ COMMIT", "/*!40000 COMMIT */", "SELECT 'a\\'; COMMIT; '", "SELECT $$; COMMIT; $$",
            "SELECT 1 # ; COMMIT\n", "/* /* */ COMMIT -- */", "SELECT E'\\'; COMMIT; '", "SELECT 5--1; COMMIT",
        ]
    )
    func ambiguous(text: String) {
        let effect = ScriptEffect(of: text)
        #expect(!effect.surelyControlsTransaction)
        #expect(effect.mayControlTransaction)
    }

    @Test(
        "Bodies of statements are not taken for the script's own",
        arguments: [
            "CREATE TRIGGER a AFTER INSERT ON b BEGIN UPDATE c SET d = 1; END; SELECT 1",
            "CREATE DEFINER=`a`@`b` PROCEDURE c() BEGIN SELECT 1; END",
            "CREATE FUNCTION a() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; END",
        ]
    )
    func bodies(text: String) {
        let effect = ScriptEffect(of: text)
        #expect(!effect.surelyControlsTransaction)
        #expect(!effect.mayControlTransaction)
        // What follows a body can't be told from it.
        let longer = ScriptEffect(of: text + "; COMMIT")
        #expect(!longer.surelyControlsTransaction)
        #expect(longer.mayControlTransaction)
    }

    @Test(
        "A script that commits without saying so is known where DDL does",
        arguments: ["CREATE TABLE a (b int)", "CALL a()", "XA END"]
    )
    func committing(text: String) {
        #expect(ScriptEffect(of: "SELECT 1; " + text).mayCommit)
        #expect(!ScriptEffect(of: "SELECT 1; INSERT INTO a VALUES (1)").mayCommit)
    }

    @Test(
        "A text that is not understood is not empty",
        arguments: ["\\connect a", "/* not closed", "/*! SET a = 1 */", "'", "$$", "42"]
    )
    func notUnderstood(text: String) {
        #expect(!ScriptEffect(of: text).isEmpty)
        #expect(!ScriptEffect(of: text).surelyControlsTransaction)
    }
}
