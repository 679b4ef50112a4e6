// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstaySQLite
import MainstayTesting

/// SQLite: each test has its own file.
struct SQLiteBackend: ConformanceBackend {
    let name = "SQLite"

    var dialect: Dialect { .sqlite }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let database = try Database(
                "sqlite://\(folder.path())/test.db",
                drivers: [.sqlite],
                configuration: configuration
            )
            defer { withExtendedLifetime(database) {} }
            do {
                try await body(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mainstay-\(Backends.uniqueName())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    /// There is no server that could end a connection; the handle is closed.
    func killConnection(of session: isolated Session) async throws {
        try session.withConnection(as: SQLiteConnection.self) { $0.close() }
    }

    var endlessStatement: SQL {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0"
    }

    var briefStatement: SQL {
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT count(*) FROM n"
    }

    var misconfigurations: [Misconfiguration] {
        func open(_ url: String) -> @Sendable (DatabaseConfiguration) throws -> Database {
            { try Database(url, drivers: [.sqlite], configuration: $0) }
        }
        return [
            Misconfiguration(
                "a folder that does not exist",
                [.cannotConnect],
                open: open("sqlite:///nowhere/at/all.db")
            ),
            Misconfiguration("a folder instead of a file", [.cannotConnect], open: open("sqlite:///tmp")),
            Misconfiguration(
                "a file that is no database",
                [.dataCorrupted],
                open: open("sqlite:///etc/passwd?mode=ro")
            ),
            Misconfiguration(
                "a file that must exist",
                [.cannotConnect],
                open: open("sqlite:///tmp/nowhere.db?mode=rw")
            ),
        ]
    }

    func fillStorage(of session: isolated Session, table: String) throws -> Bool {
        let pages = try session.query("PRAGMA page_count", as: Int.self).one()
        try session.execute(SQL(raw: "PRAGMA max_page_count = \(pages + 10)"))
        return true
    }
}
