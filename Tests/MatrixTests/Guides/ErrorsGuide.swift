// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

// #typed
func exists(_ name: String, in session: isolated Session) throws(DatabaseError) -> Bool {
    try session.query("SELECT 1 FROM users WHERE name = \(name)", as: Int.self).first() != nil
}

/// The code of `Errors.md`, and what it claims.
@Suite struct ErrorsGuide {
    @Test(arguments: DatabaseRun.all)
    func `codes`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")
            #expect(try await add("Ada", database) == "there is a Ada already")
            #expect(try await add("Grace", database) == nil)
            #expect(try await database.read { session in try exists("Grace", in: session) })
        }
    }

    private func add(_ name: String, _ database: Database) async throws -> String? {
        // #switch
        do {
            try await database.execute("INSERT INTO users (name) VALUES (\(name))")
        } catch let error as DatabaseError {
            switch error.code {
            case .uniqueViolation: return "there is a \(name) already"
            case _ where error.isTransient: return "try again later"
            default: throw error
            }
        }
        return nil
    }

    @Test(arguments: DatabaseRun.all)
    func `what an error has`(_ run: DatabaseRun) async throws {
        let isSQLite = run.database == "SQLite"
        try await run.withDatabase { database in
            try await database.makeUsers("Ada")
            let unique = try #require(await failure(of: "INSERT INTO users (name) VALUES ('Ada')", on: database))
            #expect((unique.sqlState == nil) == isSQLite)
            #expect((unique.nativeCode == nil) == (run.database == "PostgreSQL"))
            #expect(unique.constraint == (isSQLite ? "users.name" : "users_name"))
            let insertion: SQL = "INSERT INTO users (name) VALUES (\(String?.none))"
            let missing = try #require(await failure(of: insertion, on: database))
            #expect(missing.code == .notNullViolation)
            #expect(missing.constraint == (isSQLite ? "users.name" : "name"))
        }
    }

    private func failure(of statement: SQL, on database: Database) async -> DatabaseError? {
        await #expect(throws: DatabaseError.self) { try await database.execute(statement) }
    }
}
