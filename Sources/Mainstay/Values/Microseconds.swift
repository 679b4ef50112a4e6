// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Arithmetic on microseconds since 1970 that can't trap.
enum Microseconds {
    /// The microseconds from the epoch to a time of a day, or nil if they can't be counted.
    ///
    /// - Parameters:
    ///   - days: The days since the epoch.
    ///   - time: The microseconds since midnight, 0 to 86,399,999,999.
    ///   - offset: Seconds to take away, less than a day.
    @inline(__always)
    static func sinceEpoch(days: Int32, time: Int64, minus offset: Int64 = 0) -> Int64? {
        sinceEpoch(seconds: Int64(days) * 86_400 + time / 1_000_000 - offset, fraction: time % 1_000_000)
    }

    /// The microseconds from the epoch, or nil if they can't be counted.
    ///
    /// - Parameters:
    ///   - seconds: Whole seconds, rounded down; at most a quarter of what `Int64` holds.
    ///   - fraction: The microseconds from there, 0 to 1,000,000.
    @inline(__always)
    static func sinceEpoch(seconds: Int64, fraction: Int64) -> Int64? {
        // Counted from the second nearer to zero, for the first second that fits in part does not fit as a whole.
        let isNegative = seconds < 0
        let (product, overflow) = (isNegative ? seconds + 1 : seconds).multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return nil }
        let (sum, sumOverflow) = product.addingReportingOverflow(isNegative ? fraction - 1_000_000 : fraction)
        return sumOverflow ? nil : sum
    }

    /// The day, and the microseconds since its midnight.
    @inline(__always)
    static func split(_ microseconds: Int64) -> (days: Int32, time: Int64) {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: LocalTime.microsecondsPerDay)
        let isEarlier = remainder < 0
        return (
            // At most 106,751,992 days, whatever the microseconds.
            days: Int32(truncatingIfNeeded: isEarlier ? quotient - 1 : quotient),
            time: isEarlier ? remainder + LocalTime.microsecondsPerDay : remainder
        )
    }
}
