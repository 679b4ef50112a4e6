// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Time, chance and threads, which tests bring along.
struct PoolEnvironment: Sendable {
    /// Tells the time and sleeps.
    var clock = MonotonicClock(ContinuousClock())
    /// A number from 0 up to 1, for jitter.
    var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
    /// Makes a lane with a name.
    var makeLane: @Sendable (String) throws(DatabaseError) -> any Lane = { (name) throws(DatabaseError) in
        try ThreadLane(name: name)
    }
    /// How long to wait between attempts to connect.
    var backoff = Backoff(first: .milliseconds(50), limit: .seconds(5))
}
