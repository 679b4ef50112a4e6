// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import MainstayRecords

extension Suite {
    /// What writes; all but the unit of work is rolled back in the end.
    var writing: [Workload] { inserts + bulk + flush + unitOfWork }

    private var inserts: [Workload] {
        let count = 10_000
        return [
            againstC("insert rows one by one", "row", count, reach: name == "SQLite" ? 1.4 : 1.1) {
                try await database.withSession { session in
                    for number in 0..<count {
                        let row = Target(number)
                        try session.execute(
                            """
                            INSERT INTO bench_targets (name, email, age, score, active)
                            VALUES (\(row.name), \(row.email), \(row.age), \(row.score), \(row.active))
                            """
                        )
                    }
                    session.rollback()
                    return Double(count)
                }
            } theirs: {
                try $0.insertEach(count)
            }
        ]
    }

    private var bulk: [Workload] {
        let workload = againstC("insert 100,000 rows in bulk", "row", Self.rows, reach: 1.2) {
            try await database.withSession { session in
                try session.bulkInsert((0..<Self.rows).lazy.map(Target.init))
                session.rollback()
                return Double(Self.rows)
            }
        } theirs: {
            try $0.bulk(Self.rows)
        }
        return [workload] + againstSQLAlchemy(workload, "Core", "insert_core \(Self.rows)")
    }

    /// Rows whose keys come back.
    private var flush: [Workload] {
        let batches = 10
        let count = batches * Int(PEER_BATCH)
        let workload = Workload(
            name: "insert \(count) records in one flush",
            database: name,
            peer: "C",
            unit: "record",
            units: count
        ) {
            try await database.withSession { session in
                let handles = try session.addAll((0..<count).lazy.map(Target.init))
                try session.flush()
                let keys = handles.lazy.filter { $0.id != nil }.count
                session.rollback()
                return Double(keys)
            }
        } theirs: {
            try await Sample.of { try peer.insert(batches: batches) }
        }
        return [workload] + againstSQLAlchemy(workload, "ORM", "insert_orm \(count)")
    }

    private var unitOfWork: [Workload] {
        let workload = Workload(
            name: "unit of work: load 1,000, change 100",
            database: name,
            peer: "",
            unit: "unit",
            units: 1
        ) {
            try await database.write { session in
                let all = try session.query(Work.self).all()
                for record in all.prefix(100) { record.age += 1 }
                return Double(all.count)
            }
        } theirs: {
            Sample(wall: 0, cpu: 0, instructions: nil, result: 0)
        }
        return againstSQLAlchemy(workload, "ORM", reach: 0.1, "unit_of_work 100").map {
            var workload = $0
            workload.rounds = 15
            return workload
        }
    }
}
