// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Testing

/// The proof that the checker sees faults of a session library: lists in a real database, behind a layer that is wrong.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CheckerFaultTests {
    @Test(arguments: PlantedFault.allCases)
    func `a planted fault is found`(_ fault: PlantedFault) async throws {
        let report = try await report(fault, rounds: 20) { report in
            report.violations(of: .strictSerializable).contains {
                $0.anomaly == fault.anomaly && $0.isOfRealTime == fault.isOfRealTime
            }
        }
        print("planted fault: \(fault.testDescription): \(report)")
        // Old reads are in order. Only a clock says that they are old.
        if fault.isOfRealTime { #expect(report.violations(of: .serializable).isEmpty, "\(report)") }
    }

    @Test func `without a fault nothing is found`() async throws {
        _ = try await report(nil, rounds: 2) { report in
            #expect(report.findings.isEmpty, "\(report)")
            return report.counts[.done] == 320
        }
    }

    /// Runs a workload, and once more as long as the report is not what is looked for.
    private func report(
        _ fault: PlantedFault?,
        rounds: Int,
        until isFound: (IsolationReport) -> Bool
    ) async throws -> IsolationReport {
        var report = IsolationReport(IsolationHistory())
        try await SQLiteBackend().withDatabase(DatabaseConfiguration()) { database in
            let lists = DatabaseLists(database, isolation: .serializable)
            try await lists.create()
            let workload = IsolationWorkload(FaultyLists(lists, fault), keys: 2)
            for _ in 0..<rounds {
                await workload.run(tasks: 8, transactions: 20)
                report = IsolationReport(workload.history(finalLists: try await lists.lists()))
                if isFound(report) { return }
            }
            Issue.record("not found: \(report)")
        }
        return report
    }
}
