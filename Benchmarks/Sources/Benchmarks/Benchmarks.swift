// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CPeers
import Foundation
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite

/// Compares what Mainstay does with the same by others: run by `Scripts/bench`.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares Mainstay with C libraries, GRDB and SQLAlchemy."
    )

    @Option(help: "Writes the measurements to a file.")
    var json: String?

    @Option(help: "Draws the measurements, as a picture in SVG.")
    var svg: String?

    @Option(help: "Draws the measurements of a file, and measures nothing.")
    var from: String?

    @Option(help: "Runs only what has all these words in the name of its workload, database or peer.")
    var only: String?

    @Option(help: "How many rounds each workload has, instead of a number of its own.")
    var rounds: Int?

    func run() async throws {
        let measurements = if let from { try Self.read(from) } else { try await measure() }
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(measurements).write(to: URL(fileURLWithPath: json))
        }
        if let svg { try Data(Chart(measurements).svg.utf8).write(to: URL(fileURLWithPath: svg)) }
    }

    private static func read(_ file: String) throws -> [Measurement] {
        try JSONDecoder().decode([Measurement].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// At once, also where the output goes into a file or a pipe.
    private func show(_ measurement: Measurement) {
        print(measurement.line)
        fflush(nil)
    }

    private func measure() async throws -> [Measurement] {
        // Before there are any threads, so that theirs are counted too.
        if peer_open_instruction_counter() == 0 { print("This machine counts no instructions.") }
        let environment = ProcessInfo.processInfo.environment
        let file = NSTemporaryDirectory() + "mainstay-bench-\(ProcessInfo.processInfo.processIdentifier).db"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) } }
        var urls = [("SQLite", "sqlite://\(file)")]
        // Without TLS on both sides, which would hide the difference between them.
        for (name, variable) in [("PostgreSQL", "MAINSTAY_POSTGRESQL_URL"), ("MariaDB", "MAINSTAY_MARIADB_URL")] {
            if let url = environment[variable] { urls.append((name, url + "?sslmode=disable")) }
        }
        var measurements: [Measurement] = []
        let words = only?.lowercased().split(separator: " ").map(String.init) ?? []
        let named = urls.filter { words.contains($0.0.lowercased()) }
        for (name, url) in named.isEmpty ? urls : named {
            let suite = try await Suite(name: name, url: url)
            for workload in suite.workloads where only.map(workload.matches) ?? true {
                let measurement = try await workload.run(rounds: rounds)
                show(measurement)
                measurements.append(measurement)
            }
            if only.map({ "memory \(name)".lowercased().contains($0.lowercased()) }) ?? true {
                let measurement = try await suite.streamingMemory()
                show(measurement)
                measurements.append(measurement)
            }
            await suite.close()
        }
        return measurements
    }
}
