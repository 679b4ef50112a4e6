// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import MainstayMetrics
import MetricsTestKit
import Testing

@testable import Mainstay

/// How metrics are made, told apart and kept up to date.
@Suite(.timeLimit(.minutes(1)))
struct PoolMetricsTests {
    private let bench = MetricsBench()

    private var idle: Double? { bench.level("db.client.connection.count", ("db.client.connection.state", "idle")) }

    @Test("These are all the metrics there are")
    func names() {
        bench.record(.connectFailed(DatabaseError(.cannotConnect, "no"), after: .zero))
        bench.record(.leaseFailed(at: .here, DatabaseError(.acquireTimeout, "no"), waited: .zero))
        bench.record(.repeated(at: .here, because: DatabaseError(.deadlock, "no"), attempt: 2))
        #expect(
            Set(bench.backend.meters.map(\.label)) == [
                "db.client.connection.count", "db.client.connection.idle.max", "db.client.connection.idle.min",
                "db.client.connection.max", "db.client.connection.pending_requests",
            ]
        )
        #expect(
            Set(bench.backend.timers.map(\.label)) == [
                "db.client.connection.create_time", "db.client.connection.wait_time", "db.client.connection.use_time",
            ]
        )
        #expect(
            Set(bench.backend.counters.map(\.label)) == [
                "db.client.connection.timeouts", "mainstay.pool.checks", "mainstay.pool.closes",
                "mainstay.pool.connect_failures", "mainstay.pool.lease_failures", "mainstay.pool.long_leases",
                "mainstay.pool.outages", "mainstay.pool.resets", "mainstay.scope.retries",
                "mainstay.scope.unanswered_commits",
            ]
        )
        #expect(bench.backend.recorders.isEmpty)
    }

    @Test("Each role has metrics of its own, from its first event on")
    func roles() {
        bench.record(.outage, role: .reader)
        #expect(bench.count("mainstay.pool.outages", role: "reader") == 1)
        #expect(bench.count("mainstay.pool.outages", role: "writer") == nil)
        // Readings are numbered by pool: the writers' first one is as new as the readers'.
        bench.record(.outage, role: .reader, .some(reading: 2))
        bench.record(.outage, role: .writer, .some(reading: 1))
        #expect(bench.count("mainstay.pool.outages", role: "reader") == 2)
        #expect(bench.count("mainstay.pool.outages", role: "writer") == 1)
        #expect(bench.level("db.client.connection.max", role: "writer") == 512)
    }

    @Test("Figures that were overtaken by newer ones are not shown, and the event counts all the same")
    func overtaken() {
        bench.record(.outage, .some(idle: 5, reading: 5))
        bench.record(.outage, .some(idle: 4, reading: 4))
        #expect(idle == 5)
        #expect(bench.count("mainstay.pool.outages") == 2)
        bench.record(.outage, .some(idle: 6, reading: 6))
        #expect(idle == 6)
    }

    @Test("Metrics are made once, and not for each event")
    func madeOnce() {
        let factory = CountingFactory()
        let metrics = PoolMetrics(poolName: "shop", factory: factory)
        let kinds: [PoolEvent.Kind] = [
            .connected(after: .zero), .leased(at: .here, waited: .zero), .returned(at: .here, held: .zero),
            .checked(isAlive: true), .reset(succeeded: false), .closed(.idle), .outage, .closing,
            .connectFailed(DatabaseError(.cannotConnect, "no"), after: .zero),
        ]
        let counts = (1...3).map { round in
            for (index, kind) in kinds.enumerated() {
                let figures = PoolFigures.some(reading: round * kinds.count + index)
                metrics.record(PoolEvent(role: .writer, kind: kind, figures: figures))
            }
            return factory.count
        }
        #expect(counts == [27, 27, 27])
    }

    @Test("The backend is that of the metrics system when the metrics are created")
    func backend() throws {
        let metrics = withMetricsFactory(bench.backend) { PoolMetrics(poolName: "shop") }
        metrics.record(PoolEvent(role: .writer, kind: .outage, figures: .some()))
        #expect(bench.count("mainstay.pool.outages") == 1)
    }
}
