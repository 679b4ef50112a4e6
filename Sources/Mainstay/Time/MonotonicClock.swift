// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A clock as the pool and the retry policy see it: durations since an origin.
package struct MonotonicClock: Sendable {
    /// The time since the origin.
    package let now: @Sendable () -> Duration
    /// Sleeps until a time since the origin. Throws if the task is cancelled.
    package let sleepUntil: @Sendable (Duration) async throws -> Void

    /// The system's clock, which is asked twice for each lease.
    package init(_ base: ContinuousClock) {
        let origin = ContinuousClock.now
        now = { origin.duration(to: ContinuousClock.now) }
        sleepUntil = { try await base.sleep(until: origin.advanced(by: $0), tolerance: nil) }
    }

    package init<Base: Clock>(_ base: Base) where Base.Duration == Duration {
        let origin = base.now
        now = { origin.duration(to: base.now) }
        sleepUntil = { try await base.sleep(until: origin.advanced(by: $0), tolerance: nil) }
    }

    /// A clock of one's own.
    package init(
        now: @escaping @Sendable () -> Duration,
        sleepUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleepUntil = sleepUntil
    }
}
