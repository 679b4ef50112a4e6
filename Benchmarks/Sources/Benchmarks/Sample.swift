// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import Foundation

/// What it took to do a piece of work once, and what came of it.
struct Sample {
    /// In seconds.
    var wall: Double
    /// Of all threads of the process, in seconds.
    var cpu: Double
    /// Of all threads of the process, in user space; nil where the machine counts none.
    var instructions: Double?
    /// What both sides must agree on: a sum of what was read, or a number of rows.
    var result: Double

    /// Does a piece of work of this process and measures it.
    static func of(_ work: () async throws -> Double) async rethrows -> Sample {
        let (start, cpu, instructions) = (ContinuousClock.now, processorTime(), peer_instructions())
        let result = try await work()
        let wall = ContinuousClock.now - start
        return Sample(
            wall: wall / .seconds(1),
            cpu: processorTime() - cpu,
            instructions: instructions < 0 ? nil : Double(peer_instructions() - instructions),
            result: result
        )
    }

    private static func processorTime() -> Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_utime.seconds + usage.ru_stime.seconds
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
