// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Time, chance, threads and the process, which tests bring along.
package struct PoolEnvironment: Sendable {
    /// Tells the time and sleeps.
    package var clock = MonotonicClock(ContinuousClock())
    /// A number from 0 up to 1, for jitter.
    package var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
    /// Makes a lane with a name.
    package var makeLane: @Sendable (String) throws(DatabaseError) -> any Lane = { (name) throws(DatabaseError) in
        try ThreadLane(name: name)
    }
    /// Makes an alarm on a clock.
    package var makeAlarm: @Sendable (MonotonicClock) -> any Alarm = { TaskAlarm($0) }
    /// How long to wait between attempts to connect.
    package var backoff = Backoff(first: .milliseconds(50), limit: .seconds(5))
    /// Blocks the calling thread, a lane's, for a time.
    package var pause: @Sendable (Duration) -> Void = { duration in
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return }
        Thread.sleep(forTimeInterval: Double(seconds) + Double(attoseconds) * 1e-18)
    }
    /// How often the process is the child of a fork.
    package var forks: @Sendable () -> Int = { ForkCount.current }

    package init() {}
}
