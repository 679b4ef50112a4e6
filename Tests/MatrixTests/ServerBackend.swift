// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting

/// What the backends of the servers have in common: a place of its own for each test, made and removed by statements.
protocol ServerBackend: ConformanceBackend {
    /// The server's URL.
    var url: String { get }

    /// The driver.
    var plugin: DriverPlugin { get }

    /// Makes a place of that name.
    func create(_ name: String) -> SQL

    /// Removes the place of that name.
    func drop(_ name: String) -> SQL

    /// The URL of the place of that name.
    func url(of name: String) -> String
}

extension ServerBackend {
    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        let name = Backends.uniqueName()
        try await execute(create(name))
        let database = try Database(url(of: name), drivers: [plugin], configuration: configuration)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        try await execute(drop(name))
        try outcome.get()
    }

    /// Executes a statement on a connection of its own.
    func execute(_ sql: SQL) async throws {
        let administrator = try Database(
            url,
            drivers: [plugin],
            configuration: DatabaseConfiguration(pool: PoolConfiguration(size: 1))
        )
        try await administrator.execute(sql)
        await administrator.close()
    }

    var misconfigurations: [Misconfiguration] {
        ServerMisconfigurations.all(url: url, driver: plugin)
    }
}
