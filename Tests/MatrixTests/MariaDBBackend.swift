// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB
import MainstayTesting

/// MariaDB: each test has its own database.
struct MariaDBBackend: ServerBackend {
    let name = "MariaDB"
    let url: String

    var plugin: DriverPlugin { .mariaDB }

    var dialect: Dialect { .mariaDB }

    /// Names that differ in case, accents or trailing spaces are different names, as on the other databases.
    func create(_ name: String) -> SQL {
        "CREATE DATABASE \(identifier: name) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
    }

    func drop(_ name: String) -> SQL { "DROP DATABASE \(identifier: name)" }

    func url(of name: String) -> String { url.replacing(#/\/[^\/]*$/#, with: "/\(name)") }

    // Of many rows: once in hundreds of times a KILL QUERY in its first moments has sleep() return 1, and the statement goes on.
    var endlessStatement: SQL { "SELECT sleep(600) FROM seq_1_to_1000000" }

    var briefStatement: SQL { "SELECT sleep(0.004)" }

    func connectionID(of session: isolated Session) throws -> Int {
        try session.query("SELECT connection_id()", as: Int.self).one()
    }

    func connectionCount(of session: isolated Session) throws -> Int {
        try session.query("SELECT count(*) FROM information_schema.processlist WHERE db = database()", as: Int.self)
            .one()
    }

    func endConnection(_ id: Int) async throws {
        try await execute(SQL(raw: "KILL \(id)"))
    }

    /// A table in memory that is full gives the server's own error.
    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        try session.execute("SET max_heap_table_size = 16384")
        try session.execute("DROP TABLE \(identifier: table)")
        try session.execute("CREATE TABLE \(identifier: table) (t VARCHAR(500)) ENGINE = MEMORY")
        return true
    }
}
