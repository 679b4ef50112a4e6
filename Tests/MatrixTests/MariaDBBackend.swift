// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB
import MainstayTesting

/// MariaDB: each test has its own database.
struct MariaDBBackend: ConformanceBackend {
    let name = "MariaDB"
    let url: String

    var dialect: Dialect { .mariaDB }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        let name = Backends.uniqueName()
        // Names that differ in case, accents or trailing spaces are different names, as on the other databases.
        try await execute("CREATE DATABASE \(identifier: name) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
        let database = try Database(
            url.replacing(#/\/[^\/]*$/#, with: "/\(name)"),
            drivers: [.mariaDB],
            configuration: configuration
        )
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        try await execute("DROP DATABASE \(identifier: name)")
        try outcome.get()
    }

    func connectionID(of session: isolated Session) throws -> Int {
        try session.query("SELECT connection_id()", as: Int.self).one()
    }

    func endConnection(_ id: Int) async throws {
        try await execute(SQL(raw: "KILL \(id)"))
    }

    /// Executes a statement on a connection of its own.
    private func execute(_ sql: SQL) async throws {
        let administrator = try Database(
            url,
            drivers: [.mariaDB],
            configuration: DatabaseConfiguration(pool: PoolConfiguration(size: 1))
        )
        try await administrator.execute(sql)
        await administrator.close()
    }

    var misconfigurations: [Misconfiguration] {
        ServerMisconfigurations.all(url: url, driver: .mariaDB)
    }

    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        try session.execute("SET max_heap_table_size = 16384")
        try session.execute("DROP TABLE \(identifier: table)")
        try session.execute("CREATE TABLE \(identifier: table) (t VARCHAR(500)) ENGINE = MEMORY")
        return true
    }
}
