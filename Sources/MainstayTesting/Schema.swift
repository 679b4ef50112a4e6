// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension Database {
    /// Makes the table that most cases work on.
    func makePeople() async throws {
        try await execute(
            """
            CREATE TABLE people (
                id \(type: .generatedKey),
                name \(type: .varchar(100)) NOT NULL,
                age \(type: .int32),
                CONSTRAINT people_name UNIQUE (name)
            )
            """
        )
    }

    /// The pools' figures once all connections are back; a scope returns before its connection has been cleaned.
    func restingPools() async throws -> [PoolFigures] {
        _ = try await eventually { sum(\.leased) == 0 }
        return Array(poolFigures.values)
    }

    /// The names in the table, in order.
    func people() async throws -> [String] {
        try await query("SELECT name FROM people ORDER BY name", as: String.self)
    }
}

extension Session {
    /// Adds a row to the table.
    @discardableResult
    func addPerson(_ name: String, age: Int? = nil) throws(DatabaseError) -> Completion {
        try execute("INSERT INTO people (name, age) VALUES (\(name), \(age))")
    }

    /// The names in the table, in order.
    func people() throws(DatabaseError) -> [String] {
        try query("SELECT name FROM people ORDER BY name", as: String.self).all()
    }
}
