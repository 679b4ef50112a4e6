// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How long to wait between attempts: exponential, capped, with full jitter.
///
/// Full jitter spreads those who failed together over the whole interval, so that they do not come back together; see
/// *Exponential Backoff And Jitter*, AWS Architecture Blog, 2015.
public struct Backoff: Sendable, Hashable {
    /// The upper end of the first wait.
    public var first: Duration
    /// The upper end of every wait.
    public var limit: Duration

    /// Creates a backoff.
    public init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
    }

    /// The wait before an attempt: a random part of `first`, doubled with each attempt up to `limit`.
    ///
    /// - Parameters:
    ///   - attempt: 1 for the first repetition.
    ///   - random: A number from 0 up to 1.
    func pause(beforeAttempt attempt: Int, random: () -> Double) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 30)
        return min(first * (1 << doublings), limit) * random()
    }
}
