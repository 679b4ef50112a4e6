// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import MainstayMetrics
import MetricsTestKit

@testable import Mainstay

/// A pool's metrics, and a backend that keeps what it is told.
struct MetricsBench {
    let backend: TestMetrics
    let metrics: PoolMetrics

    init() {
        backend = TestMetrics()
        metrics = PoolMetrics(poolName: "shop", factory: backend)
    }

    /// Tells of an event, by default one that no metric is about.
    func record(_ kind: PoolEvent.Kind = .resumed, role: Role = .writer, _ figures: PoolFigures = .some()) {
        metrics.record(PoolEvent(role: role, kind: kind, figures: figures))
    }

    /// What a counter was told in all; nil if there is none.
    func count(_ label: String, role: String = "writer", _ more: (String, String)...) -> Int64? {
        try? backend.expectCounter(label, Self.dimensions(role, more)).totalValue
    }

    /// What a meter shows; nil if there is none.
    func level(_ label: String, role: String = "writer", _ more: (String, String)...) -> Double? {
        try? backend.expectMeter(label, Self.dimensions(role, more)).lastValue
    }

    /// The nanoseconds that a timer was told; nil if there is none.
    func times(_ label: String, role: String = "writer") -> [Int64]? {
        try? backend.expectTimer(label, Self.dimensions(role, [])).values
    }

    private static func dimensions(_ role: String, _ more: [(String, String)]) -> [(String, String)] {
        [("db.client.connection.pool.name", "shop"), ("mainstay.pool.role", role)] + more
    }
}

extension PoolFigures {
    /// Figures of which no two are the same, so that one that is taken for another shows.
    static func some(idle: Int = 1, reading: Int = 1) -> PoolFigures {
        PoolFigures(
            idle: idle,
            leased: 2,
            connecting: 4,
            checking: 8,
            resetting: 16,
            quarantined: 32,
            closing: 64,
            waiting: 128,
            size: 256,
            limit: 512,
            minimumIdle: 1024,
            totals: PoolTotals(),
            reading: reading
        )
    }
}

extension CallSite {
    static let here = CallSite(fileID: #fileID, line: #line)
}
