// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Testing

/// A database: the argument of a test that runs on each.
struct DatabaseRun: CustomTestStringConvertible {
    let backend: any ConformanceBackend

    /// The database's name.
    var database: String { backend.name }
    /// What the database's SQL looks like and what it can do.
    var dialect: Dialect { backend.dialect }

    static var all: [DatabaseRun] { Backends.all.map(DatabaseRun.init) }

    /// On those databases that have what the test needs.
    static func all(requiring capabilities: Capabilities) -> [DatabaseRun] {
        all.filter { $0.dialect.capabilities.isSuperset(of: capabilities) }
    }

    var testDescription: String { "on \(backend.name)" }

    /// Gives a function an empty database.
    func withDatabase(
        _ configuration: DatabaseConfiguration = DatabaseConfiguration(),
        _ body: (Database) async throws -> Void
    ) async throws {
        try await backend.withDatabase(configuration, body)
    }
}

extension Database {
    /// Makes the table of which the guides speak.
    func makeUsers(_ names: String...) async throws {
        try await execute(
            """
            CREATE TABLE users (
                id \(type: .generatedKey),
                name \(type: .varchar(100)) NOT NULL,
                age \(type: .int32),
                CONSTRAINT users_name UNIQUE (name)
            )
            """
        )
        try await write { session in
            try session.execute(each: names) { "INSERT INTO users (name) VALUES (\($0))" }
        }
    }

    /// Makes the accounts between which the guides move money.
    func makeAccounts() async throws {
        try await execute("CREATE TABLE accounts (name \(type: .varchar(50)) PRIMARY KEY, cents \(type: .int64))")
        try await write { session in
            try session.execute(each: ["alice", "bob"]) {
                "INSERT INTO accounts (name, cents) VALUES (\($0), \(10_000))"
            }
        }
    }

    /// What an account holds.
    func cents(of name: String) async throws -> Int? {
        try await query("SELECT cents FROM accounts WHERE name = \(name)", as: Int.self).first
    }
}
