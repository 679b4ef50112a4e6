// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayPostgreSQL
import MainstayTesting

/// A database behind pgbouncer: the argument of a test that runs on both modes.
enum PoolerRun {
    /// True if there is a pooler to test with, or there must be one.
    static let isAsked = Backends.isRequired || !PoolerBackend.all.isEmpty

    /// The pooler in transaction mode. Two of the server's connections serve all its clients of the database `mainstay`.
    static var transactionURL: String { Backends.url("MAINSTAY_PGBOUNCER_TRANSACTION_URL") ?? "postgresql://nowhere" }
    static var sessionURL: String { Backends.url("MAINSTAY_PGBOUNCER_SESSION_URL") ?? "postgresql://nowhere" }
    static var directURL: String { Backends.url("MAINSTAY_POSTGRESQL_URL") ?? "postgresql://nowhere" }

    /// Opens a database, gives it to a function, and closes it.
    static func with<Result>(
        _ url: String,
        size: Int = 1,
        _ configure: (inout DatabaseConfiguration) -> Void = { _ in },
        _ body: (Database) async throws -> Result
    ) async throws -> Result {
        var configuration = DatabaseConfiguration(pool: PoolConfiguration(size: size))
        configure(&configuration)
        let database = try Database(url, drivers: [.postgreSQL], configuration: configuration)
        do {
            let result = try await body(database)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }

    /// Makes a schema by a direct connection, gives its name and that connection to a function, and removes it.
    static func withSchema<Result>(_ body: (String, Database) async throws -> Result) async throws -> Result {
        try await with(directURL, size: 4) { direct in
            let schema = Backends.uniqueName()
            try await direct.execute("CREATE SCHEMA \(identifier: schema)")
            do {
                let result = try await body(schema, direct)
                try await direct.execute("DROP SCHEMA \(identifier: schema) CASCADE")
                return result
            } catch {
                _ = try? await direct.execute("DROP SCHEMA \(identifier: schema) CASCADE")
                throw error
            }
        }
    }
}
