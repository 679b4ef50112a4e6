// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

/// The conformance suite on every database that is at hand, one test for each topic so that each can be run alone.
@Suite struct Matrix {
    @Test(arguments: ConformanceRun.all(of: .scopes, on: Backends.all))
    func scopes(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: ConformanceRun.all(of: .statements, on: Backends.all))
    func statements(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: ConformanceRun.all(of: .results, on: Backends.all))
    func results(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: ConformanceRun.all(of: .types, on: Backends.all))
    func types(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: ConformanceRun.all(of: .transactions, on: Backends.all))
    func transactions(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(.timeLimit(.minutes(5)), arguments: ConformanceRun.all(of: .isolation, on: Backends.all))
    func isolation(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: ConformanceRun.all(of: .errors, on: Backends.all))
    func errors(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(arguments: ConformanceRun.all(of: .connections, on: Backends.all))
    func connections(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(.timeLimit(.minutes(5)), arguments: ConformanceRun.all(of: .cancellation, on: Backends.all))
    func cancellation(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(.timeLimit(.minutes(5)), arguments: ConformanceRun.all(of: .deadlines, on: Backends.all))
    func deadlines(_ run: ConformanceRun) async throws {
        try await run()
    }

    /// The pool's promises, a minute of load among them: `Scripts/test --filter Pool` runs it as well.
    @Test(arguments: ConformanceRun.all(of: .pool, on: Backends.all))
    func realPool(_ run: ConformanceRun) async throws {
        try await run()
    }

    @Test(.timeLimit(.minutes(5)), arguments: ConformanceRun.all(of: .faults, on: Backends.all))
    func lineFaults(_ run: ConformanceRun) async throws {
        try await run()
    }

    /// A topic that the suite gets and nobody runs would be a test that can't fail.
    @Test func `every topic of the suite is run`() {
        let run: Set<ConformanceCase.Topic> = [
            .scopes, .statements, .results, .types, .transactions, .errors, .connections, .cancellation, .pool,
            .deadlines, .faults, .isolation,
        ]
        #expect(run == Set(ConformanceCase.Topic.allCases))
    }

    @Test(.enabled(if: Backends.isComplete || Backends.isRequired, "Scripts/test starts the servers"))
    func `all three databases are at hand`() {
        #expect(Backends.all.map(\.name) == ["SQLite", "PostgreSQL", "MariaDB"])
    }
}
