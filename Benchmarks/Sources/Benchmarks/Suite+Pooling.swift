// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
@_spi(Benchmarks) import MainstayRecords
import Synchronization

extension Suite {
    /// What is about scopes, leases and tasks.
    var pooling: [Workload] { [lease, scopePerStatement, manyTasks, waitingTasks] }

    private var lease: Workload {
        let count = 100_000
        return Workload(
            name: "lease and return",
            database: name,
            peer: "two Mutex locks",
            unit: "lease",
            units: count,
            reach: 25
        ) {
            try await database.leaseAndReturn(times: count)
            return Double(count)
        } theirs: {
            await Sample.of {
                let mutex = Mutex(0)
                for _ in 0..<count {
                    mutex.withLock { $0 += 1 }
                    mutex.withLock { $0 += 1 }
                }
                return Double(mutex.withLock { $0 } / 2)
            }
        }
    }

    private var scopePerStatement: Workload {
        let count = 3000
        return againstC("a scope per statement, one task", "scope", count, reach: 1.15) {
            var sum = 0.0
            for number in 0..<count { sum += try await database.select(number) }
            return sum
        } theirs: {
            try $0.handOver(count)
        }
    }

    private var manyTasks: Workload {
        let count = 20_000
        let workload = { (peer: String, reach: Double?, theirs: @escaping () async throws -> Sample) in
            Workload(
                name: "one-line queries of 64 tasks",
                database: name,
                peer: peer,
                unit: "query",
                units: count,
                reach: reach,
                ours: { try await queries(count, tasks: 64) },
                theirs: theirs
            )
        }
        if name == "PostgreSQL" {
            return workload("pgbench", 1 / 0.8) { try Pgbench(url: url).select(count, connections: Self.connections) }
        }
        // Which, unlike pgbench, hand nothing over; so for orientation.
        return workload("C, \(Self.connections) threads", nil) {
            let peers = try (0..<Self.connections).map { _ in try Peer(url) }
            return try await Sample.of { try Peer.concurrently(peers, each: count / Self.connections) }
        }
    }

    private var waitingTasks: Workload {
        let count = 20_000
        return Workload(
            name: "the same by 10,000 waiting tasks",
            database: name,
            peer: "itself with 64",
            unit: "query",
            units: count,
            reach: 1 / 0.9
        ) {
            try await queries(count, tasks: 10_000)
        } theirs: {
            try await Sample.of { try await queries(count, tasks: 64) }
        }
    }

    /// - Returns: How many queries had a row.
    private func queries(_ count: Int, tasks: Int) async throws -> Double {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                let numbers = (task * count / tasks)..<((task + 1) * count / tasks)
                group.addTask { [database] in
                    var found = 0
                    for number in numbers where try await !database.select(number).isNaN { found += 1 }
                    return found
                }
            }
            return Double(try await group.reduce(0, +))
        }
    }
}

extension Database {
    /// Selects a row by key, in a scope of its own.
    fileprivate func select(_ number: Int) async throws -> Double {
        let id = Int64(peer_key(Int32(number)))
        let rows = try await query(
            "SELECT id, name, email, age, score, active FROM bench_rows WHERE id = \(id)",
            as: (Int64, String, String, Int32, Double, Bool).self
        )
        return rows.first.map(Suite.sum) ?? .nan
    }
}
