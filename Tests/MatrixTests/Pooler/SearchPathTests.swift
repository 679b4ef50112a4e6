// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayPostgreSQL
import MainstayTesting
import Testing

/// Tenants that are told apart by the search path: one text, and in each schema another table with other types.
@Suite(.serialized, .enabled(if: PoolerRun.isAsked, "Scripts/test starts the servers"))
struct SearchPathTests {
    /// How a scope chooses its tenant.
    enum Choice: CaseIterable {
        case set, setLocal, function, script, schema

        func callAsFunction(_ schema: String, _ session: isolated Session) throws {
            switch self {
            case .set: try session.execute("SET search_path TO \(identifier: schema)")
            case .setLocal: try session.execute("/* tenant */ SET LOCAL search_path TO \(identifier: schema)")
            case .function: try session.execute("SELECT set_config('search_path', \(schema), true)")
            case .script: _ = try session.executeScript("SET LOCAL search_path TO \(schema)")
            case .schema: try session.execute("SET SCHEMA \(raw: "'\(schema)'")")
            }
        }
    }

    /// Makes three schemas with a table of the same name, of an integer, a text and a number with decimals.
    private func withTenants(_ body: ([String], Database) async throws -> Void) async throws {
        try await PoolerRun.withSchema { schema, direct async throws in
            let types = ["int4", "text", "numeric(6,2)"]
            let schemas = types.indices.map { "\(schema)_\($0)" }
            try await direct.withSession { session throws in
                for ((name, type), value) in zip(zip(schemas, types), Self.answers) {
                    _ = try session.executeScript(
                        "CREATE SCHEMA \(name); CREATE TABLE \(name).t (v \(type)); INSERT INTO \(name).t VALUES ('\(value)')"
                    )
                }
                try session.commit()
            }
            try await body(schemas, direct)
            try await direct.withSession { session throws in
                for name in schemas { _ = try session.executeScript("DROP SCHEMA \(name) CASCADE") }
                try session.commit()
            }
        }
    }

    private static let answers = ["1", "two", "3.5"]

    /// What the tenant's table holds, read and written, each by one text for all tenants.
    private func answer(_ tenant: Int, _ session: isolated Session) throws -> [String] {
        func value(_ row: Row) throws -> String {
            switch tenant {
            case 0: "\(try row["v", as: Int.self])"
            case 1: try row["v", as: String.self]
            default: "\(try row["v", as: Decimal.self])"
            }
        }
        return [
            try value(try session.query("SELECT v FROM t").one()),
            try value(try session.query("UPDATE t SET v = v RETURNING v, \(1) AS one").one()),
        ]
    }

    private func expected(_ tenant: Int) -> [String] { [Self.answers[tenant], Self.answers[tenant]] }

    @Test(arguments: Choice.allCases)
    func `no scope is run twice, and each has its tenant's rows`(_ choice: Choice) async throws {
        try await withTenants { schemas, _ async throws in
            try await PoolerRun.with(PoolerRun.directURL) { database async throws in
                for round in 0..<30 {
                    let tenant = round % 3
                    let attempts = Attempts()
                    let rows = try await database.write { session in
                        attempts.next()
                        try choice(schemas[tenant], session)
                        return try answer(tenant, session)
                    }
                    #expect(rows == expected(tenant))
                    #expect(attempts.count == 1)
                }
                #expect(database.statistics.retries == 0)
            }
        }
    }

    @Test(arguments: Choice.allCases)
    func `a session that goes from tenant to tenant finds no stale statement`(_ choice: Choice) async throws {
        try await withTenants { schemas, _ async throws in
            try await PoolerRun.with(PoolerRun.directURL) { database async throws in
                try await database.withSession { session throws in
                    for round in 0..<12 {
                        try choice(schemas[round % 3], session)
                        #expect(try answer(round % 3, session) == expected(round % 3))
                        // What is undone takes the path with it.
                        if round % 2 == 0 { try session.commit() } else { session.rollback() }
                    }
                }
            }
        }
    }

    @Test func `a path that a savepoint or the end of a transaction takes back is the one before`() async throws {
        try await withTenants { schemas, _ async throws in
            try await PoolerRun.with(PoolerRun.directURL) { database async throws in
                try await database.withSession { session throws in
                    try Choice.set(schemas[0], session)
                    try session.commit()
                    for _ in 0..<3 {
                        #expect(try answer(0, session) == expected(0))
                        do {
                            try session.withSavepoint {
                                try Choice.setLocal(schemas[1], session)
                                #expect(try answer(1, session) == expected(1))
                                throw Undone()
                            }
                        } catch is Undone {}
                        #expect(try answer(0, session) == expected(0))
                        try Choice.setLocal(schemas[2], session)
                        #expect(try answer(2, session) == expected(2))
                        try session.commit()
                        #expect(try answer(0, session) == expected(0))
                        try session.commit()
                    }
                }
            }
        }
    }

    private struct Undone: Error {}

    private func prepared(_ session: isolated Session) throws -> Int {
        let sql: SQL = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT v FROM t%'"
        return try session.query(sql, as: Int.self).one()
    }

    /// A switch costs one parse of each statement that is then executed, and none for a scope that stays.
    @Test func `statements are prepared once for a change of tenant, and not for other settings`() async throws {
        try await withTenants { schemas, _ async throws in
            try await PoolerRun.with(PoolerRun.directURL) { database async throws in
                try await database.withSession { session throws in
                    try Choice.set(schemas[0], session)
                    for _ in 0..<5 { _ = try session.query("SELECT v FROM t").one() }
                    #expect(try prepared(session) == 1)
                    try session.execute("SET LOCAL app.tenant = '7'")
                    try session.execute("SELECT set_config('app.tenant', \("8"), true)")
                    for _ in 0..<5 { _ = try session.query("SELECT v FROM t").one() }
                    #expect(try prepared(session) == 1)
                    try Choice.set(schemas[1], session)
                    for _ in 0..<5 { _ = try session.query("SELECT v FROM t").one() }
                    #expect(try prepared(session) == 2)
                    try session.commit()
                }
            }
        }
    }
}
