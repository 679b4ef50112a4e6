// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Mainstay
import Synchronization

/// The metrics of one pool, each of which is made once.
final class RoleMetrics: Sendable {
    private let maker: MetricsMaker
    private let meters: Mutex<FigureMeters>
    private let createTime: any TimerHandler
    private let waitTime: any TimerHandler
    private let useTime: any TimerHandler
    private let timeouts: any CounterHandler
    private let checks: [Bool: any CounterHandler]
    private let resets: [Bool: any CounterHandler]
    private let closes: [CloseReason: any CounterHandler]
    private let outages: any CounterHandler
    private let longLeases: any CounterHandler
    /// Codes are not known beforehand: drivers may add some.
    private let failures = Mutex<[Failure: any CounterHandler]>([:])

    /// What fails, and with what.
    private let commits: [TransactionOutcome: any CounterHandler]

    private struct Failure: Hashable {
        var label: String
        var code: DatabaseError.Code
    }

    init(_ maker: MetricsMaker) {
        func byOutcome(_ label: String, _ dimension: String) -> [Bool: any CounterHandler] {
            [true: maker.counter(label, (dimension, "yes")), false: maker.counter(label, (dimension, "no"))]
        }
        self.maker = maker
        meters = Mutex(FigureMeters(maker))
        createTime = maker.timer("db.client.connection.create_time")
        waitTime = maker.timer("db.client.connection.wait_time")
        useTime = maker.timer("db.client.connection.use_time")
        timeouts = maker.counter("db.client.connection.timeouts")
        checks = byOutcome("mainstay.pool.checks", "mainstay.pool.check.alive")
        resets = byOutcome("mainstay.pool.resets", "mainstay.pool.reset.succeeded")
        closes = Dictionary(
            uniqueKeysWithValues: CloseReason.allCases.map { reason in
                (reason, maker.counter("mainstay.pool.closes", ("mainstay.pool.close.reason", reason.rawValue)))
            }
        )
        outages = maker.counter("mainstay.pool.outages")
        longLeases = maker.counter("mainstay.pool.long_leases")
        let outcomes: [(TransactionOutcome, String)] = [
            (.committed, "committed"), (.rolledBack, "rolled_back"), (.unknown, "unknown"),
        ]
        commits = Dictionary(
            uniqueKeysWithValues: outcomes.map { outcome, name in
                (outcome, maker.counter("mainstay.scope.unanswered_commits", ("mainstay.commit.outcome", name)))
            }
        )
    }

    func record(_ event: PoolEvent) {
        meters.withLock { $0.show(event.figures) }
        switch event.kind {
        case .connected(let duration): createTime.recordNanoseconds(duration.nanoseconds)
        case .connectFailed(let error, _): failure("mainstay.pool.connect_failures", error).increment(by: 1)
        case .leased(_, let waited): waitTime.recordNanoseconds(waited.nanoseconds)
        case .leaseFailed(_, let error, _):
            failure("mainstay.pool.lease_failures", error).increment(by: 1)
            if error.code == .acquireTimeout { timeouts.increment(by: 1) }
        case .returned(_, let held): useTime.recordNanoseconds(held.nanoseconds)
        case .checked(let isAlive): checks[isAlive]?.increment(by: 1)
        case .reset(let succeeded): resets[succeeded]?.increment(by: 1)
        case .closed(let reason): closes[reason]?.increment(by: 1)
        case .longLease: longLeases.increment(by: 1)
        case .outage: outages.increment(by: 1)
        case .repeated(_, let error, _): failure("mainstay.scope.retries", error).increment(by: 1)
        case .commitResolved(let outcome, _): commits[outcome == .pending ? .unknown : outcome]?.increment(by: 1)
        case .waiting, .evicted, .resized, .suspended, .resumed, .closing: break
        }
    }

    private func failure(_ label: String, _ error: DatabaseError) -> any CounterHandler {
        failures.withLock { counters in
            let failure = Failure(label: label, code: error.code)
            if let counter = counters[failure] { return counter }
            let counter = maker.counter(label, ("error.type", error.code.rawValue))
            counters[failure] = counter
            return counter
        }
    }
}

extension Duration {
    /// The nearest below, and at most 292 years.
    fileprivate var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}
