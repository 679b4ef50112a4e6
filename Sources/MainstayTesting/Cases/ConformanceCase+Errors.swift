// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    /// A table with one constraint of each kind.
    private static func makeConstrained(_ database: Database) async throws {
        try await database.makePeople()
        try await database.execute(
            """
            CREATE TABLE pets (
                id \(type: .int64) NOT NULL PRIMARY KEY,
                name \(type: .varchar(10)) NOT NULL,
                legs \(type: .int16),
                owner \(type: .int64),
                CONSTRAINT pets_legs CHECK (legs >= 0),
                CONSTRAINT pets_owner FOREIGN KEY (owner) REFERENCES people (id)
            )
            """
        )
    }

    static let errors: [ConformanceCase] = [
        ConformanceCase("each kind of constraint has its code") { database, _ in
            try await makeConstrained(database)
            try await database.execute("INSERT INTO pets (id, name) VALUES (1, 'rex')")
            let statements: [(SQL, DatabaseError.Code, String)] = [
                ("INSERT INTO pets (id, name) VALUES (1, 'max')", .uniqueViolation, ""),
                ("INSERT INTO pets (id, name, legs) VALUES (2, 'max', -1)", .checkViolation, "pets_legs"),
                ("INSERT INTO pets (id, name, owner) VALUES (2, 'max', 77)", .foreignKeyViolation, ""),
                ("INSERT INTO pets (id, name) VALUES (2, \(String?.none))", .notNullViolation, "name"),
                ("UPDATE pets SET name = \(String?.none)", .notNullViolation, "name"),
            ]
            for (statement, code, constraint) in statements {
                let error = await expectAsyncError(code) { try await database.execute(statement) }
                #expect(error?.isTransient == false)
                #expect(error?.isConnectionUsable == true)
                if !constraint.isEmpty {
                    #expect(error?.constraint?.contains(constraint) == true, "\(error?.constraint ?? "no constraint")")
                }
            }
            #expect(try await database.query("SELECT count(*) FROM pets", as: Int.self) == [1])
        },
        ConformanceCase("what does not exist, exists already or is malformed has its code") { database, _ in
            try await database.makePeople()
            let statements: [(SQL, DatabaseError.Code)] = [
                ("SELEC 1", .syntaxError),
                ("SELECT * FROM people WHERE", .syntaxError),
                ("SELECT * FROM nope", .undefinedObject),
                ("SELECT nope FROM people", .undefinedObject),
                ("SELECT nope(1)", .undefinedObject),
                ("INSERT INTO people (nope) VALUES (1)", .undefinedObject),
                ("DROP TABLE nope", .undefinedObject),
                ("CREATE TABLE people (id INTEGER)", .duplicateObject),
                ("", .syntaxError),
                ("-- nothing", .syntaxError),
            ]
            for (statement, code) in statements {
                let error = await expectAsyncError(code) { try await database.execute(statement) }
                #expect(error?.isTransient == false, "\(statement)")
                #expect(error?.isConnectionUsable == true, "\(statement)")
            }
            #expect(try await database.query("SELECT 1", as: Int.self) == [1])
        },
        ConformanceCase("values out of a column's range are refused", requires: .strictColumnTypes) { database, _ in
            try await makeConstrained(database)
            let statements: [(SQL, DatabaseError.Code)] = [
                ("INSERT INTO pets (id, name, legs) VALUES (1, 'rex', \(40_000))", .valueOutOfRange),
                ("INSERT INTO pets (id, name) VALUES (1, \("a name that is too long"))", .valueOutOfRange),
            ]
            for (statement, code) in statements {
                await expectAsyncError(code) { try await database.execute(statement) }
            }
            #expect(try await database.query("SELECT count(*) FROM pets", as: Int.self) == [0])
        },
        ConformanceCase("errors contain the statement, and neither values nor row values") { database, _ in
            try await database.makePeople()
            let secret = "s3cr3t value"
            try await database.execute("INSERT INTO people (name) VALUES (\(secret))")
            let error = await expectAsyncError(.uniqueViolation) {
                try await database.execute("INSERT INTO people (name) VALUES (\(secret))")
            }
            let texts = [
                error?.description, error?.debugDescription, error.map { String(reflecting: $0) },
                error.map { "\($0)" },
            ]
            for text in texts {
                #expect(text?.contains("s3cr3t") == false, "\(text ?? "")")
            }
            #expect(error?.statement?.hasPrefix("INSERT INTO people (name) VALUES (") == true)
        },
        ConformanceCase("an error behind an error shows no row values either") { database, _ in
            try await database.execute("CREATE TABLE documents (v \(type: .json))")
            try await database.execute("INSERT INTO documents (v) VALUES (\(JSON(["key": "s3cr3t"])))")
            for error in [
                await expectAsyncError(.invalidValue) {
                    try await database.query("SELECT v FROM documents", as: JSON<[String: Int]>.self)
                },
                await expectAsyncError(.invalidValue) {
                    try await database.query("SELECT v FROM documents", decoding: WithNumbers.self)
                },
            ] {
                #expect(error?.cause != nil)
                #expect(error?.description.contains("s3cr3t") == false, "\(error?.description ?? "")")
            }
        },
        ConformanceCase("no room is a clear error, and nothing is half-written") { database, backend in
            try await database.makePeople()
            try await database.write { session in try session.addPerson("before") }
            try await database.withSession { session in
                try session.execute("CREATE TABLE filled (t \(type: .text))")
                try session.commit()
                guard try backend.fillStorage(of: session, table: "filled") else { return }
                try session.addPerson("same transaction")
                let error = expectError(.storageFull, .outOfResources) {
                    for _ in 0..<10_000 {
                        try session.execute("INSERT INTO filled (t) VALUES (\(String(repeating: "x", count: 200)))")
                    }
                }
                #expect(error?.isConnectionUsable == true)
                session.rollback()
                #expect(try session.people() == ["before"])
            }
            #expect(try await database.people() == ["before"])
        },
        ConformanceCase("an error within a read scope leaves the pool intact") { database, _ in
            for _ in 0..<20 {
                await expectAsyncError(.undefinedObject) {
                    try await database.read { session in try session.query("SELECT * FROM nope").all() }
                }
            }
            let ones = try await database.query("SELECT 1", as: Int.self)
            #expect(ones == [1])
            #expect(database.statistics.connectionsOpened <= 2)
        },
        ConformanceCase("values that no database can hold are refused before anything is sent") { database, _ in
            try await database.makePeople()
            struct Unencodable: Encodable {
                func encode(to encoder: any Encoder) throws { throw ApplicationError(text: "no") }
            }
            try await database.write { session in
                try session.addPerson("a")
                expectError(.invalidParameter) {
                    try session.execute("INSERT INTO people (name) VALUES (\(JSON(Unencodable())))")
                }
                // The transaction was not touched.
                try session.addPerson("b")
            }
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase("U+0000 in text is kept or refused") { database, backend in
            try await database.makePeople()
            let text = "a\0b"
            if backend.dialect.capabilities.contains(.zeroInText) {
                try await database.execute("INSERT INTO people (name) VALUES (\(text))")
                #expect(try await database.people() == [text])
            } else {
                try await database.withSession { session in
                    expectError(.invalidParameter) { try session.addPerson(text) }
                    session.rollback()
                    try session.addPerson("b")
                    try session.commit()
                }
                #expect(try await database.people() == ["b"])
            }
        },
    ]
}

private struct WithNumbers: Decodable, Sendable {
    struct Numbers: Decodable, Sendable {
        var key: Int
    }

    var v: Numbers
}
