// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayPostgreSQL
import MainstayTesting

/// PostgreSQL: each test has its own schema.
struct PostgreSQLBackend: ServerBackend {
    let name = "PostgreSQL"
    let url: String

    var plugin: DriverPlugin { .postgreSQL }

    var dialect: Dialect { .postgreSQL }

    func create(_ name: String) -> SQL { "CREATE SCHEMA \(identifier: name)" }

    func drop(_ name: String) -> SQL { "DROP SCHEMA \(identifier: name) CASCADE" }

    func url(of name: String) -> String { "\(url)?search_path=\(name)&application_name=\(name)" }

    var endlessStatement: SQL { "SELECT pg_sleep(600)" }

    var briefStatement: SQL { "SELECT pg_sleep(0.004)" }

    func connectionID(of session: isolated Session) throws -> Int {
        try session.query("SELECT pg_backend_pid()", as: Int.self).one()
    }

    func connectionCount(of session: isolated Session) throws -> Int {
        try session.query(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = current_setting('application_name')",
            as: Int.self
        ).one()
    }

    func endConnection(_ id: Int) async throws {
        try await execute("SELECT pg_terminate_backend(\(Int32(id)), 10000)")
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
