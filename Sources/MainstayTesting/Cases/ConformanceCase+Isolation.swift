// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    /// Each anomaly at each level: what the backend calls possible happens, and nothing else does. A level that
    /// prevents more than was known is a failure too, for else the table would be a guess.
    static let isolation: [ConformanceCase] = levels.flatMap { level in
        Interleaving.all.map { interleaving in
            ConformanceCase("\(interleaving.anomaly) at \(level) happens if and only if the database is known for it") {
                database,
                backend in
                let stage = Stage(database: database, backend: backend, isolation: level)
                try await stage.prepare()
                let happened = try await interleaving.play(stage)
                #expect(happened == backend.anomalies(at: level).contains(interleaving.anomaly))
            }
        }
    }

    private static let levels: [IsolationLevel] = [
        .readUncommitted, .readCommitted, .repeatableRead, .snapshot, .serializable,
    ]
}
