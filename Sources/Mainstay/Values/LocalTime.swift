// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A time of day to the microsecond, without a date and without a time zone: SQL's `TIME`.
///
/// It holds `00:00:00` to `23:59:59.999999`. PostgreSQL's `24:00:00`, leap seconds and the durations that MariaDB's
/// `TIME` can also hold are outside.
public struct LocalTime: Sendable, Hashable {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The microseconds since midnight, 0 to 86,399,999,999.
    public let microsecondsSinceMidnight: Int64

    /// The beginning of the day.
    public static let midnight = LocalTime(unchecked: 0)

    init(unchecked microseconds: Int64) {
        microsecondsSinceMidnight = microseconds
    }

    /// Creates the time that lies a number of microseconds after midnight.
    ///
    /// - Parameter microsecondsSinceMidnight: 0 to 86,399,999,999.
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the day has no such time.
    public init(microsecondsSinceMidnight: Int64) throws(DatabaseError) {
        guard 0..<Self.microsecondsPerDay ~= microsecondsSinceMidnight else { throw Self.noSuchTime }
        self.microsecondsSinceMidnight = microsecondsSinceMidnight
    }

    /// Creates a time.
    ///
    /// - Parameters:
    ///   - hour: The hour, 0 to 23.
    ///   - minute: The minute, 0 to 59.
    ///   - second: The second, 0 to 59.
    ///   - microsecond: The microsecond, 0 to 999,999.
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the day has no such time.
    public init(hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0) throws(DatabaseError) {
        guard 0..<24 ~= hour, 0..<60 ~= minute, 0..<60 ~= second, 0..<1_000_000 ~= microsecond else {
            throw Self.noSuchTime
        }
        let seconds = Int64((hour * 60 + minute) * 60 + second)
        microsecondsSinceMidnight = seconds * 1_000_000 + Int64(microsecond)
    }

    /// The hour, 0 to 23.
    public var hour: Int { Int(microsecondsSinceMidnight / 3_600_000_000) }

    /// The minute, 0 to 59.
    public var minute: Int { Int(microsecondsSinceMidnight / 60_000_000 % 60) }

    /// The second, 0 to 59.
    public var second: Int { Int(microsecondsSinceMidnight / 1_000_000 % 60) }

    /// The microsecond, 0 to 999,999.
    public var microsecond: Int { Int(microsecondsSinceMidnight % 1_000_000) }

    private static var noSuchTime: DatabaseError { DatabaseError(.invalidValue, "the day has no such time") }
}

extension LocalTime: Comparable {
    /// Whether the first time lies before the second.
    public static func < (lhs: LocalTime, rhs: LocalTime) -> Bool {
        lhs.microsecondsSinceMidnight < rhs.microsecondsSinceMidnight
    }
}
