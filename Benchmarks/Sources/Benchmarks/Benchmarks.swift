// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayMariaDB
import MainstayPostgreSQL
import MainstayRecords
import MainstaySQLite

/// Compares what Mainstay does with the same by hand in C: `Scripts/bench [--json FILE]`.
@main
enum Benchmarks {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let file = NSTemporaryDirectory() + "mainstay-bench-\(ProcessInfo.processInfo.processIdentifier).db"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) } }
        var urls = [("SQLite", "sqlite://\(file)")]
        // Without TLS on both sides, which would hide the difference between them.
        for (name, variable) in [("PostgreSQL", "MAINSTAY_POSTGRESQL_URL"), ("MariaDB", "MAINSTAY_MARIADB_URL")] {
            if let url = environment[variable] { urls.append((name, url + "?sslmode=disable")) }
        }
        var measurements: [Measurement] = []
        for (name, url) in urls {
            let database = try Database(url, drivers: [.sqlite, .postgreSQL, .mariaDB])
            for measurement in try await Workloads(name: name, database: database, url: url).run() {
                print(measurement.line)
                measurements.append(measurement)
            }
            await database.close()
        }
        if let index = CommandLine.arguments.firstIndex(of: "--json"), index + 1 < CommandLine.arguments.count {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(measurements).write(to: URL(fileURLWithPath: CommandLine.arguments[index + 1]))
        }
    }
}
