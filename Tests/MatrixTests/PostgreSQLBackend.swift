// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayPostgreSQL
import MainstayTesting

/// PostgreSQL: each test has its own schema.
struct PostgreSQLBackend: ConformanceBackend {
    let name = "PostgreSQL"
    let url: String

    var dialect: Dialect { .postgreSQL }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        let schema = Backends.uniqueName()
        try await execute("CREATE SCHEMA \(identifier: schema)")
        let database = try Database(
            "\(url)?search_path=\(schema)",
            drivers: [.postgreSQL],
            configuration: configuration
        )
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        try await execute("DROP SCHEMA \(identifier: schema) CASCADE")
        try outcome.get()
    }

    func connectionID(of session: isolated Session) throws -> Int {
        try session.query("SELECT pg_backend_pid()", as: Int.self).one()
    }

    func endConnection(_ id: Int) async throws {
        try await execute("SELECT pg_terminate_backend(\(Int32(id)), 10000)")
    }

    /// Executes a statement on a connection of its own.
    private func execute(_ sql: SQL) async throws {
        let administrator = try Database(
            url,
            drivers: [.postgreSQL],
            configuration: DatabaseConfiguration(pool: PoolConfiguration(size: 1))
        )
        try await administrator.execute(sql)
        await administrator.close()
    }

    var misconfigurations: [Misconfiguration] {
        ServerMisconfigurations.all(url: url, driver: .postgreSQL)
    }

    /// A trigger raises the server's own error of a full disk: a disk that is really full would fail the other tests too.
    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        try session.execute(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
            """
        )
        try session.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON \(identifier: table) EXECUTE FUNCTION full_disk()"
        )
        try session.commit()
        return true
    }
}
