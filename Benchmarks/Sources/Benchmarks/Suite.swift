// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import Foundation
import MainstayMariaDB
import MainstayPostgreSQL
import MainstayRecords
import MainstaySQLite

/// One database with what is read and written there, and all who do it.
struct Suite {
    static let rows = Int(PEER_ROWS)

    let name: String
    let url: String
    let database: Database
    let peer: Peer
    /// For SQLite only.
    let grdb: GRDBPeer?
    /// If there is a Python with SQLAlchemy.
    let sqlAlchemy: SQLAlchemyPeer?

    init(name: String, url: String) async throws {
        self.name = name
        self.url = url
        var configuration = DatabaseConfiguration()
        configuration.pool.size = Self.connections
        configuration.pool.acquireTimeout = .seconds(120)
        database = try Database(url, drivers: [.sqlite, .postgreSQL, .mariaDB], configuration: configuration)
        try await Self.makeTables(in: database)
        peer = try Peer(url)
        let path = URLComponents(string: url)?.path ?? ""
        grdb = name == "SQLite" ? try GRDBPeer(path: path) : nil
        let environment = ProcessInfo.processInfo.environment
        if let python = environment["MAINSTAY_BENCH_PYTHON"], let script = environment["MAINSTAY_BENCH_SQLALCHEMY"] {
            let url = name == "SQLite" ? "sqlite:///\(path)" : url.replacing("?sslmode=disable", with: "")
            sqlAlchemy = try SQLAlchemyPeer(python: python, script: script, url: url)
        } else {
            sqlAlchemy = nil
        }
    }

    /// How many connections the pool has, as pgbench.
    static let connections = 10

    func close() async {
        sqlAlchemy?.close()
        await database.close()
    }

    var workloads: [Workload] { reading + writing + pooling }

    private static func makeTables(in database: Database) async throws {
        let columns: SQL = """
            name \(type: .varchar(50)) NOT NULL, email \(type: .varchar(50)) NOT NULL, age \(type: .int32) NOT NULL,
            score \(type: .double) NOT NULL, active \(type: .bool) NOT NULL
            """
        for table in ["bench_rows", "bench_work", "bench_targets"] {
            try await database.execute("DROP TABLE IF EXISTS \(identifier: table)")
        }
        try await database.execute("CREATE TABLE bench_rows (id \(type: .int64) PRIMARY KEY, \(columns))")
        try await database.execute("CREATE TABLE bench_work (id \(type: .int64) PRIMARY KEY, \(columns))")
        try await database.execute("CREATE TABLE bench_targets (id \(type: .generatedKey), \(columns))")
        try await database.write { session in
            try session.bulkInsert((0..<rows).lazy.map(Row6.init))
            try session.bulkInsert((0..<Work.count).lazy.map(Work.init))
        }
        // Otherwise the server does so at some time of its own.
        try await database.withSession { session in
            if session.dialect.name == "PostgreSQL" { try session.executeAutocommit("VACUUM ANALYZE") }
        }
    }

    // MARK: - Making workloads

    /// A workload whose peer is the C library.
    func againstC(
        _ name: String,
        _ unit: String,
        _ units: Int,
        reach: Double,
        ours: @escaping () async throws -> Double,
        theirs: @escaping (Peer) throws -> Double
    ) -> Workload {
        Workload(name: name, database: self.name, peer: "C", unit: unit, units: units, reach: reach, ours: ours) {
            try await Sample.of { try theirs(peer) }
        }
    }

    /// The same workload against GRDB, if the database is SQLite.
    func againstGRDB(
        _ workload: Workload,
        reach: Double?,
        _ theirs: @escaping (GRDBPeer) throws -> Double
    ) -> [Workload] {
        guard let grdb else { return [] }
        return [workload.against("GRDB", reach: reach) { try await Sample.of { try theirs(grdb) } }]
    }

    /// The same workload against SQLAlchemy.
    func againstSQLAlchemy(
        _ workload: Workload,
        _ peer: String,
        units: Int? = nil,
        reach: Double? = nil,
        _ command: String
    ) -> [Workload] {
        guard let sqlAlchemy else { return [] }
        return [
            workload.against("SQLAlchemy \(peer)", units: units, reach: reach, rounds: 3) {
                try sqlAlchemy.run(command)
            }
        ]
    }
}

extension Workload {
    fileprivate func against(
        _ peer: String,
        units: Int? = nil,
        reach: Double?,
        rounds: Int? = nil,
        _ theirs: @escaping () async throws -> Sample
    ) -> Workload {
        Workload(
            name: name,
            database: database,
            peer: peer,
            unit: unit,
            units: self.units,
            peerUnits: units,
            reach: reach,
            rounds: rounds ?? self.rounds,
            ours: ours,
            theirs: theirs
        )
    }
}
