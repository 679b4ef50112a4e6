// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A date and a time of day to the microsecond, without a time zone: SQL's `TIMESTAMP WITHOUT TIME ZONE`, MariaDB's
/// `DATETIME`.
///
/// It is what a clock on the wall shows, and no instant: for that, see ``Timestamp``. It holds
/// `-290308-12-21 19:59:05.224192` to `+294247-01-10 04:00:54.775807`.
public struct LocalDateTime: Sendable, Hashable {
    /// The microseconds since 1970-01-01 00:00:00 on the same clock, negative before it.
    public var microsecondsSinceEpoch: Int64

    /// Creates the date and time that lie a number of microseconds after 1970-01-01 00:00:00 on the same clock, or
    /// before it if the number is negative.
    public init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
    }

    /// Puts a date and a time together.
    ///
    /// - Throws: ``DatabaseError`` with the code `overflow` if the date lies so far from 1970 that the microseconds
    ///   can't be counted, before the year -290,308 or after 294,247.
    public init(date: LocalDate, time: LocalTime) throws(DatabaseError) {
        guard let sum = Microseconds.sinceEpoch(days: date.daysSinceEpoch, time: time.microsecondsSinceMidnight) else {
            throw DatabaseError(.overflow, "outside of the range of LocalDateTime")
        }
        microsecondsSinceEpoch = sum
    }

    /// The date.
    public var date: LocalDate { LocalDate(daysSinceEpoch: Microseconds.split(microsecondsSinceEpoch).days) }

    /// The time of day.
    public var time: LocalTime { LocalTime(unchecked: Microseconds.split(microsecondsSinceEpoch).time) }
}

extension LocalDateTime: Comparable {
    /// Whether the first lies before the second on the same clock.
    public static func < (lhs: LocalDateTime, rhs: LocalDateTime) -> Bool {
        lhs.microsecondsSinceEpoch < rhs.microsecondsSinceEpoch
    }
}
