// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Random events against a pool, with a second opinion on what may and what must follow.
struct PoolStateRandomTests {
    private static let steps = 600

    @Test("No order of events breaks what a pool promises", arguments: 0..<60 as Range<UInt64>)
    func randomEvents(seed: UInt64) {
        var run = PoolStateRun(seed: seed)
        for _ in 0..<Self.steps where run.fault == nil {
            run.step()
        }
        run.drain()
        #expect(run.fault == nil, "seed \(seed): \(run.fault ?? "")\n\(run.history.suffix(20).joined(separator: "\n"))")
        #expect(run.deadlinesInThePast == 0, "seed \(seed)")
    }
}
