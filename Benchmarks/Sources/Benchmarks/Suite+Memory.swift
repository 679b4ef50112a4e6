// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayRecords

extension Suite {
    /// How much more memory is in use while many rows stream than at the start.
    func streamingMemory() async throws -> Measurement {
        let count = 5_000_000
        let start = try Memory.resident()
        try Memory.resetPeak()
        let began = ContinuousClock.now
        let rows = rows(count)
        let seen = try await database.read { session in
            var seen = 0
            for try await row in session.query(rows, as: (Int64, String).self) where row.1.isEmpty == false {
                seen += 1
            }
            return seen
        }
        let took = (ContinuousClock.now - began) / .seconds(1)
        guard seen == count else { throw Disagreement(workload: "memory", Double(seen), Double(count)) }
        let peak = try Memory.peak()
        return Measurement(
            name: "memory while 5,000,000 rows stream",
            database: name,
            peer: "its own start",
            ratio: peak / start,
            lowest: peak / start,
            highest: peak / start,
            fastest: peak / start,
            reach: (start + 16 * 1_048_576) / start,
            rounds: 1,
            unit: "row",
            unitNanoseconds: took / Double(count) * 1e9,
            growth: (peak - start) / 1_048_576
        )
    }

    /// So many rows that are made up by the server.
    private func rows(_ count: Int) -> SQL {
        switch name {
        case "PostgreSQL": "SELECT i, 'row ' || i FROM generate_series(CAST(1 AS bigint), \(count)) AS s(i)"
        case "MariaDB": "SELECT CAST(seq AS SIGNED), CONCAT('row ', seq) FROM seq_1_to_5000000"
        default:
            """
            WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < \(count))
            SELECT i, 'row ' || i FROM s
            """
        }
    }
}

/// The process's memory as Linux tells it, in bytes.
private enum Memory {
    struct Unknown: Error {}

    static func resident() throws -> Double { try status("VmRSS:") }

    static func peak() throws -> Double { try status("VmHWM:") }

    static func resetPeak() throws {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    }

    private static func status(_ key: String) throws -> Double {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }),
            let kibibytes = Double(line.split(whereSeparator: \.isWhitespace)[1])
        else { throw Unknown() }
        return kibibytes * 1024
    }
}
