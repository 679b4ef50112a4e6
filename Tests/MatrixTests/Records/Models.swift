// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords

/// The records of the tests. A team has members; a member may have a mentor.
@Record("teams")
struct Team: Hashable {
    @ID var id: Int64?
    var name: String
    var motto: String?
}

@Record("members", columns: .snakeCase)
struct Member: Hashable {
    @ID var id: Int64?
    var name: String
    var age: Int?
    @References(Team.self) var teamID: Int64?
    @References(Member.self) var mentorID: Int64?

    init(_ name: String, age: Int? = nil, teamID: Int64? = nil) {
        self.name = name
        self.age = age
        self.teamID = teamID
    }
}

/// A row whose changes are counted.
@Record("accounts")
struct Account: Hashable, Codable {
    @ID var name: String
    var cents: Int64
    @Version var version = 1
}

/// A row with a key of two columns.
@Record("seats")
struct Seat: Hashable {
    @ID var hall: String
    @ID var number: Int
    @Column("taken_by") var guest: String?
}

/// A row in which the database makes more than the key.
@Record("documents")
struct Document: Hashable {
    enum Status: String, SQLCodable { case draft, final }

    struct Settings: Codable, Hashable {
        var isPublic: Bool
        var tags: [String]
    }

    @ID var id: Int64?
    var title: String
    var status: Status = .draft
    var settings: JSON<Settings>?
    @Generated var words: Int?

    init(_ title: String, status: Status = .draft, settings: Settings? = nil) {
        self.title = title
        self.status = status
        self.settings = settings.map { JSON($0) }
    }
}

/// Two kinds of record that refer to each other.
@Record("chickens")
struct Chicken: Hashable {
    @ID var id: Int64?
    var name: String
    @Column("egg_id") @References(Egg.self) var eggID: Int64?
}

@Record("eggs")
struct Egg: Hashable {
    @ID var id: Int64?
    @Column("chicken_id") @References(Chicken.self) var chickenID: Int64

    init(chickenID: Int64 = 0) {
        self.chickenID = chickenID
    }
}

extension Database {
    /// Makes the tables of the records.
    func makeRecords() async throws {
        let key: ColumnType = .generatedKey
        try await execute(
            "CREATE TABLE teams (id \(type: key), name \(type: .varchar(100)) NOT NULL UNIQUE, motto \(type: .text))"
        )
        try await execute(
            """
            CREATE TABLE members (
                id \(type: key), name \(type: .varchar(100)) NOT NULL UNIQUE, age \(type: .int32),
                team_id \(type: .int64) REFERENCES teams (id), mentor_id \(type: .int64) REFERENCES members (id)
            )
            """
        )
        try await execute(
            """
            CREATE TABLE accounts (
                name \(type: .varchar(50)) PRIMARY KEY, cents \(type: .int64) NOT NULL, version \(type: .int64) NOT NULL
            )
            """
        )
        try await execute(
            """
            CREATE TABLE seats (
                hall \(type: .varchar(20)) NOT NULL, number \(type: .int32) NOT NULL, taken_by \(type: .varchar(50)),
                PRIMARY KEY (hall, number)
            )
            """
        )
        try await execute(
            """
            CREATE TABLE documents (
                id \(type: key), title \(type: .varchar(100)) NOT NULL, status \(type: .varchar(10)) NOT NULL,
                settings \(type: .json), words \(type: .int32) GENERATED ALWAYS AS (length(title)) STORED
            )
            """
        )
        try await execute(
            "CREATE TABLE chickens (id \(type: key), name \(type: .varchar(50)) NOT NULL, egg_id \(type: .int64))"
        )
        try await execute(
            """
            CREATE TABLE eggs (id \(type: key), chicken_id \(type: .int64) NOT NULL REFERENCES chickens (id))
            """
        )
    }
}

extension DatabaseRun {
    /// Gives a function a database with the tables of the records.
    func withRecords(
        _ configuration: DatabaseConfiguration = DatabaseConfiguration(),
        _ body: (Database) async throws -> Void
    ) async throws {
        try await withDatabase(configuration) { database in
            try await database.makeRecords()
            try await body(database)
        }
    }
}

extension Database {
    /// Makes three accounts.
    func addAccounts() async throws {
        try await write { session in
            try session.bulkInsert([("a", 1), ("b", 2), ("c", 3)].map { Account(name: $0.0, cents: $0.1) })
        }
    }
}

extension DatabaseRun {
    /// Gives a function a session that ends its transactions itself, and three accounts.
    func withAccounts(_ body: @Sendable (isolated Session) async throws -> Void) async throws {
        try await withRecords { database in
            try await database.addAccounts()
            try await database.withSession(body)
        }
    }
}
