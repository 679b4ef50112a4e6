// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayPostgreSQL
import MainstayTesting

/// PostgreSQL behind pgbouncer: each test has its own database, since a pooler takes no search path on connect.
struct PoolerBackend: ServerBackend {
    /// How long the pooler leaves a client one session of the server.
    enum Mode: String {
        case transaction, session
    }

    let mode: Mode
    /// The pooler's URL.
    let url: String
    private let direct: PostgreSQLBackend

    init?(_ mode: Mode) {
        guard let url = Backends.url("MAINSTAY_PGBOUNCER_\(mode.rawValue.uppercased())_URL"),
            let direct = Backends.url("MAINSTAY_POSTGRESQL_URL")
        else { return nil }
        self.mode = mode
        self.url = url
        self.direct = PostgreSQLBackend(url: direct)
    }

    static let all = [Mode.transaction, .session].compactMap(PoolerBackend.init)

    var name: String { "pgbouncer in \(mode.rawValue) mode before PostgreSQL" }
    var plugin: DriverPlugin { direct.plugin }
    var dialect: Dialect { direct.dialect }

    func create(_ name: String) -> SQL { "CREATE DATABASE \(identifier: name) TEMPLATE template0" }

    /// The pooler may still have connections to it.
    func drop(_ name: String) -> SQL { "DROP DATABASE \(identifier: name) WITH (FORCE)" }

    func url(of name: String) -> String {
        let place = url.replacing(#/\/[^\/]*$/#, with: "/\(name)?application_name=\(name)")
        // What it is like can't be noticed; transaction mode is what is assumed.
        return mode == .session ? "\(place)&pooler=session" : place
    }

    var endlessStatement: SQL { direct.endlessStatement }
    var briefStatement: SQL { direct.briefStatement }

    func connectionID(of session: isolated Session) throws -> Int { try direct.connectionID(of: session) }

    func connectionCount(of session: isolated Session) throws -> Int { try direct.connectionCount(of: session) }

    func endConnection(_ id: Int) async throws { try await direct.endConnection(id) }

    func execute(_ sql: SQL) async throws { try await direct.execute(sql) }

    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        try direct.fillStorage(of: session, table: table)
    }
}
