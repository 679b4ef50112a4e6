// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MetricsTestKit
import Testing

@testable import Mainstay

/// The metrics that are Mainstay's own.
@Suite(.timeLimit(.minutes(1)))
struct OwnMetricsTests {
    private let bench = MetricsBench()

    @Test("Pings, by whether they were answered")
    func checks() {
        for isAlive in [true, false, true] { bench.record(.checked(isAlive: isAlive)) }
        #expect(bench.count("mainstay.pool.checks", ("mainstay.pool.check.alive", "yes")) == 2)
        #expect(bench.count("mainstay.pool.checks", ("mainstay.pool.check.alive", "no")) == 1)
    }

    @Test("Connections that were closed, by the reason", arguments: CloseReason.allCases)
    func closes(reason: CloseReason) {
        bench.record(.closed(reason))
        bench.record(.closed(reason))
        for other in CloseReason.allCases {
            let count = bench.count("mainstay.pool.closes", ("mainstay.pool.close.reason", other.rawValue))
            #expect(count == (other == reason ? 2 : 0), "\(other)")
        }
    }

    @Test("Connections that could not be opened, by the error's code, one of a driver's own included")
    func connectFailures() {
        let codes =
            [.cannotConnect, .cannotConnect, .tooManyConnections, .init(rawValue: "mine")] as [DatabaseError.Code]
        for code in codes {
            bench.record(.connectFailed(DatabaseError(code, "no"), after: .seconds(1)))
        }
        let label = "mainstay.pool.connect_failures"
        #expect(bench.count(label, ("error.type", "cannotConnect")) == 2)
        #expect(bench.count(label, ("error.type", "tooManyConnections")) == 1)
        #expect(bench.count(label, ("error.type", "mine")) == 1)
        #expect(bench.backend.counters.filter { $0.label == label }.count == 3)
    }

    @Test("Scopes that got no connection, by the error's code")
    func leaseFailures() {
        for code in [.acquireTimeout, .poolExhausted, .poolExhausted] as [DatabaseError.Code] {
            bench.record(.leaseFailed(at: .here, DatabaseError(code, "no"), waited: .seconds(1)))
        }
        let label = "mainstay.pool.lease_failures"
        #expect(bench.count(label, ("error.type", "poolExhausted")) == 2)
        #expect(bench.count(label, ("error.type", "acquireTimeout")) == 1)
    }

    @Test("Leases that were reported")
    func longLeases() {
        bench.record(.returned(at: .here, held: .seconds(9)))
        #expect(bench.count("mainstay.pool.long_leases") == 0)
        bench.record(.longLease(at: .here, held: .seconds(9)))
        #expect(bench.count("mainstay.pool.long_leases") == 1)
    }

    @Test("Outages, and no more than these")
    func outages() {
        bench.record(.closed(.lost))
        #expect(bench.count("mainstay.pool.outages") == 0)
        bench.record(.outage)
        #expect(bench.count("mainstay.pool.outages") == 1)
    }

    @Test("Resets, by whether the connection is clean")
    func resets() {
        for succeeded in [true, false, true] { bench.record(.reset(succeeded: succeeded)) }
        #expect(bench.count("mainstay.pool.resets", ("mainstay.pool.reset.succeeded", "yes")) == 2)
        #expect(bench.count("mainstay.pool.resets", ("mainstay.pool.reset.succeeded", "no")) == 1)
    }
}
