// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import MainstayRecords

extension Suite {
    /// What reads.
    var reading: [Workload] { points + scans + keptRows + records }

    private var isFile: Bool { name == "SQLite" }

    private var points: [Workload] {
        let count = isFile ? 100_000 : 10_000
        let workload = againstC("point select by key", "select", count, reach: isFile ? 1.6 : 1.05) {
            try await database.read { session in
                var sum = 0.0
                for number in 0..<count {
                    let id = Int64(peer_key(Int32(number)))
                    let row = try session.query(
                        "SELECT id, name, email, age, score, active FROM bench_rows WHERE id = \(id)",
                        as: (Int64, String, String, Int32, Double, Bool).self
                    ).one()
                    sum += Self.sum(row)
                }
                return sum
            }
        } theirs: {
            try $0.point(count)
        }
        return [workload] + againstGRDB(workload, reach: 0.5) { try $0.point(count) }
            + againstSQLAlchemy(workload, "Core", "point_core \(count)")
    }

    private var scans: [Workload] {
        let select: SQL = "SELECT id, name, email, age, score, active FROM bench_rows"
        let scan = againstC("scan into tuples", "row", Self.rows, reach: isFile ? 1.35 : 1.2) {
            try await database.read { session in
                var sum = 0.0
                let query = session.query(select, as: (Int64, String, String, Int32, Double, Bool).self)
                try query.forEach { sum += Self.sum($0) }
                return sum
            }
        } theirs: {
            try $0.scan()
        }
        let kept = againstC("scan into tuples that are kept", "row", Self.rows, reach: isFile ? 1.35 : 1.2) {
            try await database.read { session in
                let rows = try session.query(select, as: (Int64, String, String, Int32, Double, Bool).self).all()
                return rows.reduce(0) { $0 + Self.sum($1) }
            }
        } theirs: {
            try $0.scanKept()
        }
        return [scan] + againstGRDB(scan, reach: 0.9) { try $0.scan() } + [kept]
            + againstSQLAlchemy(kept, "Core", "scan_core")
    }

    private var keptRows: [Workload] {
        [
            againstC("scan into rows that are kept", "row", Self.rows, reach: 1.6) {
                try await database.read { session in
                    let rows = try session.query("SELECT id, name, email, age, score, active FROM bench_rows").all()
                    var sum = 0.0
                    for row in rows {
                        sum += Self.sum((try row[0], try row[1], try row[2], try row[3], try row[4], try row[5]))
                    }
                    return sum
                }
            } theirs: {
                try $0.scanKept()
            }
        ]
    }

    private var records: [Workload] {
        let values = againstC("scan into record values", "row", Self.rows, reach: 1.3) {
            try await database.read { session in
                try session.query(Row6.self).values().all().reduce(0) { $0 + $1.sum }
            }
        } theirs: {
            try $0.scanKept()
        }
        let tracked = againstC("scan into tracked records", "row", Self.rows, reach: 2.5) {
            try await database.read { session in
                try session.query(Row6.self).all().reduce(0) { $0 + $1.value.sum }
            }
        } theirs: {
            try $0.scanKept()
        }
        return [values, tracked] + againstSQLAlchemy(tracked, "ORM", "scan_orm")
    }

    /// What the peers add up of a row.
    static func sum(_ row: (Int64, String, String, Int32, Double, Bool)) -> Double {
        Double(row.0) + Double(row.3) + row.4 + (row.5 ? 1 : 0) + Double(row.1.utf8.first ?? 0)
            + Double(row.2.utf8.first ?? 0)
    }
}

extension Row6 {
    fileprivate var sum: Double { Suite.sum((id, name, email, age, score, active)) }
}
