// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// PostgreSQL's own load generator: ten connections, each of which selects by key with a prepared statement.
struct Pgbench {
    let url: String

    struct Failure: Error {
        let output: String
    }

    /// - Returns: What it took, as if so many selects had been asked for.
    func select(_ count: Int, connections: Int) throws -> Sample {
        let script = NSTemporaryDirectory() + "mainstay-pgbench-\(ProcessInfo.processInfo.processIdentifier).sql"
        defer { try? FileManager.default.removeItem(atPath: script) }
        let text = """
            \\set id random(0, 99999)
            SELECT id, name, email, age, score, active FROM bench_rows WHERE id = :id;

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: script))
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let each = String(count / connections)
        process.arguments =
            ["pgbench", "-n", "-M", "prepared", "-c", String(connections), "-j", "2", "-t", each, "-f", script, url]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let report = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        // "tps = 65000.123 (without initial connection time)"
        guard let match = report.firstMatch(of: /tps = ([0-9.]+)/), let rate = Double(match.1), rate > 0 else {
            throw Failure(output: report)
        }
        return Sample(wall: Double(count) / rate, cpu: 0, instructions: nil, result: Double(count))
    }
}
