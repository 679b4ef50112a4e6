// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    /// That a scope knows what became of its transaction, whatever the text of a statement or a script looks like.
    static let serverWord: [ConformanceCase] = [
        ConformanceCase("server's word: a script that begins or ends transactions is refused in a managed scope") {
            database,
            _ in
            try await database.makePeople()
            for script in controllingScripts {
                await expectAsyncError(.misuse) {
                    try await database.write { session in
                        try session.addPerson("a")
                        try session.executeScript(script)
                    }
                }
                #expect(try await database.people() == [], "\(script)")
            }
        },
        ConformanceCase("server's word: a script that looks like one that ends transactions is executed") {
            database,
            _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                try session.executeScript(
                    """
                    -- COMMIT; the comment ends here
                    INSERT INTO people (name, age) VALUES ('b; COMMIT; ', 1); /* END; BEGIN */
                    UPDATE people SET age = CASE WHEN age = 1 THEN 2 ELSE 3 END WHERE name = 'a''; ROLLBACK';
                    """
                )
                expectTransaction(true, session)
            }
            #expect(try await database.people() == ["a", "b; COMMIT; "])
        },
        ConformanceCase(
            "server's word: savepoints of a script leave the transaction as it is",
            requires: .transactionalDDL
        ) {
            database,
            _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                try session.executeScript(
                    "SAVEPOINT s; INSERT INTO people (name) VALUES ('b'); ROLLBACK TO SAVEPOINT s; RELEASE SAVEPOINT s"
                )
                expectTransaction(true, session)
                try session.addPerson("c")
            }
            #expect(try await database.people() == ["a", "c"])
        },
        ConformanceCase("server's word: an unmanaged session may execute them, and knows what they did") {
            database,
            _ in
            try await database.makePeople()
            try await database.withSession { session in
                try session.addPerson("a")
                try session.executeScript("COMMIT; BEGIN; INSERT INTO people (name) VALUES ('b')")
                expectTransaction(true, session)
                session.rollback()
                expectTransaction(false, session)
                try session.addPerson("c")
                try session.executeScript("ROLLBACK; BEGIN; INSERT INTO people (name) VALUES ('d')")
                expectTransaction(true, session)
                try session.commit()
            }
            #expect(try await database.people() == ["a", "d"])
        },
        ConformanceCase("server's word: a savepoint ends with its transaction, whoever ends that") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                #expect(throws: ApplicationError.self) {
                    try session.withSavepoint {
                        try session.addPerson("a")
                        try session.executeScript("COMMIT; BEGIN; INSERT INTO people (name) VALUES ('b')")
                        throw ApplicationError(text: "no")
                    }
                }
                // The work since the savepoint can't be undone, so what is left of it is not committed either.
                expectError(.transactionFailed) { try session.addPerson("c") }
                expectError(.transactionRolledBack) { try session.commit() }
                expectTransaction(false, session)
            }
            #expect(try await database.people() == ["a"])
        },
        ConformanceCase("server's word: no disguise of a COMMIT makes a scope do its work twice") { database, _ in
            try await database.makePeople()
            // Twice at least: the time of conflicts counts from the first one on.
            let retry = RetryPolicy(
                maxAttempts: 2,
                backoff: Backoff(first: .zero, limit: .zero),
                conflictTimeout: .milliseconds(5)
            )
            func refuse(_ mark: String, _ body: @escaping @Sendable (isolated Session) throws -> Void) async {
                await expectAsyncError(
                    .misuse,
                    .partlyCommitted,
                    .serializationFailure,
                    .syntaxError,
                    .undefinedObject,
                    .unsupported
                ) {
                    try await database.write(retry: retry) { session in
                        try session.addPerson("\(mark) \(session.attempt)")
                        try body(session)
                        throw DatabaseError(.serializationFailure, "another was first")
                    }
                }
            }
            for (index, text) in disguisedCommits.enumerated() {
                await refuse("\(index)") { session in
                    try session.executeScript("SELECT 1")
                    try session.execute("\(raw: text)")
                }
                await refuse("script \(index)") { session in try session.executeScript(text) }
                let people = try await database.people()
                #expect(people.count { $0.hasPrefix("\(index) ") } <= 1, "\(text): \(people)")
                #expect(people.count { $0.hasPrefix("script \(index) ") } <= 1, "\(text): \(people)")
            }
        },
    ]

    private static let controllingScripts = [
        "BEGIN; INSERT INTO people (name) VALUES ('b'); COMMIT;", "END; BEGIN", "COMMIT", "ROLLBACK",
        "INSERT INTO people (name) VALUES ('b'); COMMIT; INSERT INTO people (name) VALUES ('c')",
        "-- nothing\n COMMIT", "/* nothing */ ; commit", "INSERT INTO people (name) VALUES ('b;');COMMIT",
    ]

    private static let disguisedCommits = [
        "/*! SELECT */ COMMIT AND CHAIN", "/*!999999 SELECT */ COMMIT AND CHAIN",
        "/*M!999999 SELECT */ COMMIT AND CHAIN",
        "/*!40000 COMMIT AND CHAIN */", "/*!999999 SELECT */ /*!40000 COMMIT AND CHAIN */",
        "/* /* */ SELECT */ COMMIT AND CHAIN",
        "/* /* */ COMMIT AND CHAIN -- */ */", "END; BEGIN", ";COMMIT AND CHAIN", "\u{FEFF}COMMIT AND CHAIN",
        "COMMIT/**/AND CHAIN",
        "EXECUTE IMMEDIATE 'COMMIT AND CHAIN'", "/*!40000 SELECT */ END", "(COMMIT)",
    ]
}
