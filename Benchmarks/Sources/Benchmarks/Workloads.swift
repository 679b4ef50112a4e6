// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import MainstayRecords

/// The workloads on one database.
struct Workloads {
    let name: String
    let database: Database
    let url: String
    let rows = 100_000
    let batches = 10
    let rounds = 7

    func prepare() async throws {
        try await database.execute("DROP TABLE IF EXISTS bench_rows")
        try await database.execute("DROP TABLE IF EXISTS bench_targets")
        let columns: SQL = """
            name \(type: .varchar(50)) NOT NULL, email \(type: .varchar(50)) NOT NULL, age \(type: .int32) NOT NULL,
            score \(type: .double) NOT NULL, active \(type: .bool) NOT NULL
            """
        try await database.execute("CREATE TABLE bench_rows (id \(type: .int64) PRIMARY KEY, \(columns))")
        try await database.execute("CREATE TABLE bench_targets (id \(type: .generatedKey), \(columns))")
        try await database.write { [rows] session in
            try session.bulkInsert(
                (0..<rows).lazy.map { number in
                    let target = Target(number)
                    return Row6(
                        id: Int64(number),
                        name: target.name,
                        email: target.email,
                        age: target.age,
                        score: target.score,
                        active: target.active
                    )
                }
            )
        }
    }

    func run() async throws -> [Measurement] {
        try await prepare()
        return [
            try await scan("scan into tuples") { session in
                let query = session.query(
                    "SELECT id, name, email, age, score, active FROM bench_rows",
                    as: (Int64, String, String, Int32, Double, Bool).self
                )
                var sum = 0.0
                try query.forEach { row in
                    sum += Double(row.0) + Double(row.3) + row.4 + (row.5 ? 1 : 0)
                    sum += Double(row.1.utf8.first ?? 0) + Double(row.2.utf8.first ?? 0)
                }
                return sum
            },
            try await scan("scan into record values") { session in
                var sum = 0.0
                try session.query(Row6.self).values().forEach { sum += $0.sum }
                return sum
            },
            try await scan("scan into tracked records") { session in
                var sum = 0.0
                for row in try session.query(Row6.self).all() { sum += row.value.sum }
                return sum
            },
            try await insert(),
        ]
    }

    /// Reads all rows, here and by hand in turn.
    private func scan(
        _ workload: String,
        _ body: @Sendable (isolated Session) throws -> Double
    ) async throws -> Measurement {
        var pairs: [(ours: Duration, theirs: Duration)] = []
        for _ in 0...rounds {
            let (ours, sum) = try await database.withSession { session in
                let start = ContinuousClock.now
                let sum = try body(session)
                return (ContinuousClock.now - start, sum)
            }
            let peer = try Peer(url)
            _ = try peer.scan()
            let start = ContinuousClock.now
            let expected = try peer.scan()
            pairs.append((ours, ContinuousClock.now - start))
            guard sum == expected else { throw DatabaseError(.other, "the sums differ: \(sum), \(expected)") }
        }
        // The first round warms the caches of both.
        return Measurement(workload, name, units: rows, pairs: Array(pairs.dropFirst()))
    }

    /// Inserts rows whose keys come back, here and by hand in turn.
    private func insert() async throws -> Measurement {
        let count = batches * Int(PEER_BATCH)
        var pairs: [(ours: Duration, theirs: Duration)] = []
        for _ in 0...rounds {
            let ours = try await database.withSession { session in
                let start = ContinuousClock.now
                let handles = try session.addAll((0..<count).lazy.map(Target.init))
                try session.flush()
                let duration = ContinuousClock.now - start
                guard handles.allSatisfy({ $0.id != nil }) else { throw DatabaseError(.other, "a key is missing") }
                session.rollback()
                return duration
            }
            let peer = try Peer(url)
            let start = ContinuousClock.now
            try peer.insert(batches: batches)
            pairs.append((ours, ContinuousClock.now - start))
            try peer.undo()
        }
        return Measurement("insert \(count) records in one flush", name, units: count, pairs: Array(pairs.dropFirst()))
    }
}

extension Row6 {
    /// What the peers add up of a row.
    var sum: Double {
        Double(id) + Double(age) + score + (active ? 1 : 0) + Double(name.utf8.first ?? 0)
            + Double(email.utf8.first ?? 0)
    }
}
