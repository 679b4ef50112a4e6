// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// #conformance
import Foundation
import MainstaySQLite
import MainstayTesting
import Testing

struct TracingBackend: ConformanceBackend {
    let name = "Tracing"
    var dialect: Dialect { .sqlite }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: nonisolated(nonsending) (Database) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tracing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = SQLiteDriver(.path(folder.appending(path: "test.db").path()))
        let database = try Database(TracingDriver(base: file, trace: Trace()), configuration: configuration)
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    func killConnection(of session: isolated Session) async throws {
        try session.withConnection(as: TracingConnection.self) { $0.close() }
    }

    var endlessStatement: SQL {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0"
    }

    var briefStatement: SQL {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT count(*) FROM n"
    }

    var misconfigurations: [Misconfiguration] {
        [
            Misconfiguration("a folder that does not exist", [.cannotConnect]) { configuration in
                let file = SQLiteDriver(.path("/nowhere/at/all.db"))
                return try Database(TracingDriver(base: file, trace: Trace()), configuration: configuration)
            }
        ]
    }

    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        false
    }
}

@Suite struct TracingConformance {
    @Test(arguments: ConformanceRun.all(on: [TracingBackend()]))
    func conforms(_ run: ConformanceRun) async throws {
        try await run()
    }
}
