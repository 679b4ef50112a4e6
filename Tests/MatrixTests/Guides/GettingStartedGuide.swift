// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import Testing

/// The code of `GettingStarted.md`.
@Suite struct GettingStartedGuide {
    @Test(arguments: DatabaseRun.all)
    func `tables, rows and results`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            // #schema
            try await database.write { session in
                try session.execute(
                    """
                    CREATE TABLE users (
                        id \(type: .generatedKey),
                        name \(type: .varchar(100)) NOT NULL,
                        age \(type: .int32)
                    )
                    """
                )
            }

            // #write
            let people: [(name: String, age: Int?)] = [("Ada", 36), ("Grace", nil)]
            try await database.write { session in
                for person in people {
                    try session.execute("INSERT INTO users (name, age) VALUES (\(person.name), \(person.age))")
                }
            }

            // #read
            let (count, oldest) = try await database.read { session in
                let count = try session.query("SELECT count(*) FROM users", as: Int.self).one()
                let oldest = try session.query("SELECT max(age) FROM users", as: Int?.self).one()
                return (count, oldest)
            }

            // #decode
            struct User: Decodable, Sendable {
                var id: Int
                var name: String
                var age: Int?
            }
            let users = try await database.query("SELECT id, name, age FROM users", decoding: User.self)

            #expect(count == 2)
            #expect(oldest == 36)
            #expect(users.map(\.name).sorted() == ["Ada", "Grace"])
            #expect(Set(users.map(\.id)).count == 2)
            #expect(users.map(\.age).contains(nil))
        }
    }

    @Test func `any of several databases`() async throws {
        let arguments = ["tool", "sqlite::memory:"]

        // #several
        let url = arguments.dropFirst().first ?? "sqlite:shop.db"
        let database = try Database(url, drivers: [.sqlite, .postgreSQL, .mariaDB])
        let ones = try await database.query("SELECT 1", as: Int.self)
        await database.close()

        #expect(ones == [1])
    }
}
