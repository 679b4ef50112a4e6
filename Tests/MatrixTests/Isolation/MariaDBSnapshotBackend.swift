// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting

/// MariaDB with `innodb_snapshot_isolation`: at `REPEATABLE READ` a transaction doesn't change what others changed
/// since its snapshot, but fails with error 1020.
struct MariaDBSnapshotBackend: ConformanceBackend {
    let base: MariaDBBackend

    let name = "MariaDB, with innodb_snapshot_isolation"

    var dialect: Dialect { base.dialect }

    func anomalies(at isolation: IsolationLevel) -> Set<Anomaly> {
        let anomalies = base.anomalies(at: isolation)
        return isolation == .repeatableRead ? anomalies.subtracting([.lostUpdate]) : anomalies
    }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        try await base.withDatabase(snapshots(configuration), body)
    }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        through line: FaultLine,
        _ body: (Database, FaultProxy) async throws -> Void
    ) async throws {
        try await base.withDatabase(snapshots(configuration), through: line, body)
    }

    private func snapshots(_ configuration: DatabaseConfiguration) -> DatabaseConfiguration {
        var configuration = configuration
        configuration.pool.prepareConnection = { try $0.execute("SET innodb_snapshot_isolation = ON") }
        return configuration
    }

    func isWaitingForLock(_ id: Int, in database: Database) async throws -> Bool {
        try await base.isWaitingForLock(id, in: database)
    }

    func connectionID(of session: isolated Session) throws -> Int {
        try base.connectionID(of: session)
    }

    func endConnection(_ id: Int) async throws {
        try await base.endConnection(id)
    }

    var endlessStatement: SQL { base.endlessStatement }

    var briefStatement: SQL { base.briefStatement }

    var misconfigurations: [Misconfiguration] { base.misconfigurations }

    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        try base.fillStorage(of: session, table: table)
    }
}

extension Backends {
    /// The databases with all the ways in which they isolate.
    static var isolated: [any ConformanceBackend] {
        all + all.compactMap { ($0 as? MariaDBBackend).map(MariaDBSnapshotBackend.init) }
    }
}
