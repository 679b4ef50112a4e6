// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Testing

/// The checker on real databases: what a level forbids is not seen, whatever befalls the connections; what it allows
/// is.
@Suite(.serialized, .timeLimit(.minutes(15)))
struct CheckerWorkloadTests {
    /// Each round has lists of its own, which stay short.
    private static let rounds = ServerFaultTests.isLong ? 30 : 1

    @Test(arguments: IsolationRun.all)
    func `a level shows nothing that it forbids, through killed connections and unanswered commits`(
        _ run: IsolationRun
    ) async throws {
        for _ in 0..<Self.rounds {
            try await Chaos.with(run.backend) { chaos in
                let lists = DatabaseLists(chaos.database, isolation: run.isolation)
                try await lists.create()
                let workload = IsolationWorkload(lists, cancels: true)
                var faults = 0
                try await workload.run(tasks: 8) {
                    faults = try await chaos.rage(for: .seconds(1)) { workload.history().count(.done) >= 50 }
                }
                let report = IsolationReport(workload.history(finalLists: try await lists.lists()))
                print("isolation report: \(run.testDescription), \(run.model), \(faults) faults: \(report)")
                let violations = report.violations(of: run.model)
                #expect(violations.isEmpty, "\(violations.prefix(5))")
                #expect(workload.surprises.isEmpty)
            }
        }
    }

    /// Two tasks read a list, meet, and append to it.
    @Test(
        arguments: IsolationRun.interleaved,
        [DatabaseLists.Appending.byStatement, .byClient]
    )
    func `a lost update is seen where the level allows it`(
        _ run: IsolationRun,
        _ appending: DatabaseLists.Appending
    ) async throws {
        // A client who appends has to read for it.
        let reads: [ListOperation] = appending == .byStatement ? [.read(0, nil)] : []
        let history = try await meeting(run, appending, reads + [.append(1, to: 0)], reads + [.append(2, to: 0)])
        let report = IsolationReport(history)
        let isAllowed = run.backend.anomalies(at: run.isolation).contains(.lostUpdate)
        #expect(report.anomalies.contains(.lostUpdate) == isAllowed, "\(report)")
        // Only who writes back what was read loses the element itself.
        #expect(report.anomalies.contains(.lostAppend) == (isAllowed && appending == .byClient), "\(report)")
        #expect(report.violations(of: run.model).isEmpty || appending == .byClient, "\(report)")
    }

    /// Two tasks read each other's list, meet, and append to their own.
    @Test(arguments: IsolationRun.interleaved)
    func `write skew is seen where the level allows it`(_ run: IsolationRun) async throws {
        let history = try await meeting(
            run,
            .byStatement,
            [.read(0, nil), .append(1, to: 1)],
            [.read(1, nil), .append(2, to: 0)]
        )
        let report = IsolationReport(history)
        let isAllowed = run.backend.anomalies(at: run.isolation).contains(.writeSkew)
        #expect(report.anomalies == (isAllowed ? [.writeSkew] : []), "\(report)")
        #expect(report.violations(of: run.model).isEmpty)
    }

    /// Two transactions of which neither appends before both have read.
    private func meeting(
        _ run: IsolationRun,
        _ appending: DatabaseLists.Appending,
        _ first: [ListOperation],
        _ second: [ListOperation]
    ) async throws -> IsolationHistory {
        var history = IsolationHistory()
        try await run.backend.withDatabase(DatabaseConfiguration()) { database in
            let both = Rendezvous(of: 2)
            let lists = DatabaseLists(database, isolation: run.isolation, appending: appending) { await both.meet() }
            try await lists.create()
            let workload = IsolationWorkload(lists)
            async let one: Void = workload.transact(0, first)
            async let two: Void = workload.transact(1, second)
            _ = await (one, two)
            history = workload.history(finalLists: try await lists.lists())
            #expect(history.count(.done) == 2, "a conflict is run again")
        }
        return history
    }
}
