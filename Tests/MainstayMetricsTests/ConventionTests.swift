// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import MetricsTestKit
import Testing

@testable import Mainstay

/// The metrics that OpenTelemetry's conventions have.
@Suite(.timeLimit(.minutes(1)))
struct ConventionTests {
    private let bench = MetricsBench()

    /// What the timers were told.
    private var times: [String: [Int64]?] {
        let labels = ["create_time", "wait_time", "use_time"]
        return Dictionary(uniqueKeysWithValues: labels.map { ($0, bench.times("db.client.connection.\($0)")) })
    }

    @Test("Connections are idle or used, or neither while they are opened or closed")
    func count() {
        bench.record()
        let label = "db.client.connection.count"
        #expect(bench.level(label, ("db.client.connection.state", "idle")) == 1)
        #expect(bench.level(label, ("db.client.connection.state", "used")) == 58)
    }

    @Test(
        "The pool's sizes and those who wait",
        arguments: [
            ("idle.max", 256.0), ("idle.min", 1024), ("max", 512), ("pending_requests", 128),
        ]
    )
    func level(name: String, value: Double) {
        bench.record()
        #expect(bench.level("db.client.connection.\(name)") == value)
    }

    @Test("A lease that fails is a timeout only if the acquire timeout was over")
    func timeouts() {
        bench.record()
        #expect(bench.count("db.client.connection.timeouts") == 0)
        for code in [.acquireTimeout, .poolExhausted, .cancelled, .timeout, .acquireTimeout] as [DatabaseError.Code] {
            bench.record(.leaseFailed(at: .here, DatabaseError(code, "no"), waited: .seconds(1)))
        }
        #expect(bench.count("db.client.connection.timeouts") == 2)
        #expect(times == ["create_time": [], "wait_time": [], "use_time": []])
    }

    @Test("How long opening took, of those that were opened")
    func createTime() {
        bench.record(.connected(after: .milliseconds(1500)))
        bench.record(.connectFailed(DatabaseError(.cannotConnect, "no"), after: .seconds(2)))
        #expect(times == ["create_time": [1_500_000_000], "wait_time": [], "use_time": []])
    }

    @Test("How long was waited, of those who got a connection, no time at all included")
    func waitTime() {
        bench.record(.leased(at: .here, waited: .zero))
        bench.record(.leased(at: .here, waited: .nanoseconds(7)))
        #expect(times == ["create_time": [], "wait_time": [0, 7], "use_time": []])
    }

    @Test("How long connections were used")
    func useTime() {
        bench.record(.returned(at: .here, held: .microseconds(3)))
        bench.record(.longLease(at: .here, held: .seconds(9)))
        #expect(times == ["create_time": [], "wait_time": [], "use_time": [3000]])
    }

    @Test("Times are shown in seconds, and one that is too long for a timer is the longest")
    func seconds() throws {
        bench.record(.returned(at: .here, held: .seconds(Int64.max)))
        #expect(bench.times("db.client.connection.use_time") == [.max])
        #expect(bench.backend.timers.map(\.displayUnit) == [.seconds, .seconds, .seconds])
    }
}
