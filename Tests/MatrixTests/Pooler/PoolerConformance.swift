// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

/// The conformance suite through pgbouncer.
@Suite(.timeLimit(.minutes(5))) struct PoolerConformance {
    @Test(arguments: runs(of: .scopes, .statements, .results, .types, .transactions, .errors, .cancellation))
    func conforms(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: hurtRuns)
    func survives(_ run: ConformanceRun) async throws {
        try await run()
    }

    /// In session mode it is the same as without, and left for when there is time.
    private static let hurtRuns = runs(of: .connections, .faults, .deadlines).filter { run in
        ServerFaultTests.isLong || run.backend.name == PoolerBackend(.transaction)?.name
    }

    private static func runs(of topics: ConformanceCase.Topic...) -> [ConformanceRun] {
        PoolerBackend.all.flatMap { backend in
            let left = backend.mode == .transaction ? leftOut.union(leftOutInTransactionMode) : leftOut
            return topics.flatMap { ConformanceRun.all(of: $0, on: [backend]) }.filter { run in
                !left.contains(run.conformanceCase.name)
            }
        }
    }

    private static let leftOut: Set<String> = [
        // pgbouncer itself refuses a log-in of which it does not get the first message at once.
        "fault: a slow line that delivers byte by byte",
        // The server's process may be another client's by then, and is not ended: it may still commit.
        "fault: the line falls silent, commits leave rows: COMMIT, not received",
    ]

    private static let leftOutInTransactionMode: Set<String> = [
        // They set something in the session, which is refused: see `PoolerRefusalTests`.
        "rule 8: nothing of a session reaches the next",
        "fault: the connection of an unmanaged session dies between two transactions",
        // A session of the server that ends while it rests is the pooler's, which opens another.
        "a connection that died while it rested is replaced before anything is sent",
    ]
}
