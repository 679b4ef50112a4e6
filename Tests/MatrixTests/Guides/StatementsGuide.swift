// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

// #identifier
func names(sortedBy column: String, in session: isolated Session) throws -> [String] {
    try session.query("SELECT name FROM users ORDER BY \(identifier: column)", as: String.self).all()
}

/// The code of `Statements.md`.
@Suite struct StatementsGuide {
    @Test(arguments: DatabaseRun.all)
    func `lists`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace", "Edsger")

            // #list
            let wanted = ["Ada", "Grace"]
            let found = try await database.query(
                "SELECT name FROM users WHERE name IN (\(list: wanted)) ORDER BY name",
                as: String.self
            )

            #expect(found == wanted)
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .arrays))
    func `many values`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace", "Edsger")
            let wanted = ["Ada", "Grace"]
            let condition: SQL = "name = ANY(\(wanted))"
            let found = try await database.query("SELECT name FROM users WHERE \(condition)", as: String.self)
            #expect(Set(found) == Set(wanted))
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `identifiers`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Grace", "Ada")
            let sorted = try await database.read { session in try names(sortedBy: "name", in: session) }
            #expect(sorted == ["Ada", "Grace"])
            await #expect(throws: DatabaseError.self) {
                try await database.read { session in try names(sortedBy: "id; DROP TABLE users", in: session) }
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `fragments`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada", "Grace")
            try await database.execute("UPDATE users SET age = \(36) WHERE name = 'Ada'")
            let (minimum, maximum): (Int?, Int?) = (18, 65)

            // #fragments
            var conditions: [SQL] = ["name <> \("Nobody")"]
            if let minimum { conditions.append("age >= \(minimum)") }
            if let maximum { conditions.append("age <= \(maximum)") }
            let sql: SQL = "SELECT name FROM users WHERE \(conditions, separator: " AND ")"

            #expect(try await database.query(sql, as: String.self) == ["Ada"])
            #expect(sql.description == "SELECT name FROM users WHERE name <> ? AND age >= ? AND age <= ?")
        }
    }

    @Test(arguments: DatabaseRun.all(requiring: .insertReturning))
    func `returning`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()

            // #returning
            let id = try await database.write { session in
                try session.query("INSERT INTO users (name) VALUES (\("Ada")) RETURNING id", as: Int.self).one()
            }

            #expect(try await database.query("SELECT id FROM users", as: Int.self) == [id])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `batches`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers()
            let people: [(name: String, age: Int?)] = [("Ada", 36), ("Grace", nil)]

            // #batch
            try await database.write { session in
                try session.execute(each: people) {
                    "INSERT INTO users (name, age) VALUES (\($0.name), \($0.age))"
                }
            }

            #expect(try await database.query("SELECT age FROM users ORDER BY name", as: Int?.self) == [36, nil])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `scripts`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            // #script
            try await database.write { session in
                try session.executeScript(
                    """
                    CREATE TABLE tags (name VARCHAR(50) PRIMARY KEY);
                    INSERT INTO tags VALUES ('new'), ('old');
                    """
                )
            }

            #expect(try await database.query("SELECT count(*) FROM tags", as: Int.self) == [2])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `limits are the dialects'`(_ run: DatabaseRun) {
        let expected = ["SQLite": [1024, 32_766], "PostgreSQL": [63, 65_535], "MariaDB": [192, 65_535]]
        let dialect = run.dialect
        #expect(expected[run.database] == [dialect.identifierLimit, dialect.parameterLimit])
    }
}
