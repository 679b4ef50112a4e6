// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// An instant to the microsecond: SQL's `TIMESTAMP WITH TIME ZONE`; on MariaDB a `DATETIME` in UTC.
///
/// Databases keep no zone with an instant but write it in the zone of the session; a `Timestamp` is always in UTC. It
/// holds every microsecond from `-290308-12-21 19:59:05.224192Z` to `+294247-01-10 04:00:54.775807Z`, while
/// Foundation's `Date` can tell microseconds apart for 272 years before and after 2001 only.
public struct Timestamp: Sendable, Hashable {
    /// The microseconds since 1970-01-01 00:00:00 UTC, negative before it, without leap seconds.
    public var microsecondsSinceEpoch: Int64

    /// Creates the instant that lies a number of microseconds after 1970-01-01 00:00:00 UTC, or before it if the number
    /// is negative.
    public init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
    }
}

extension Timestamp: Comparable {
    /// Whether the first instant is earlier than the second.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.microsecondsSinceEpoch < rhs.microsecondsSinceEpoch
    }
}
