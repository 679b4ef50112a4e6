// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A date of the calendar, without a time and without a time zone: SQL's `DATE`.
///
/// The calendar is the proleptic Gregorian one, which reckons backwards as if it had always been in use; PostgreSQL,
/// MariaDB and SQLite do the same. Years are astronomical: year 0 is 1 BC, year -1 is 2 BC.
///
/// It holds every date from `-5877641-06-23` to `+5881580-07-11`.
public struct LocalDate: Sendable, Hashable {
    /// The days since 1970-01-01, negative before it.
    public var daysSinceEpoch: Int32

    /// Creates the date that lies a number of days after 1970-01-01, or before it if the number is negative.
    public init(daysSinceEpoch: Int32) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// Creates a date.
    ///
    /// - Parameters:
    ///   - year: The astronomical year, -5,877,641 to 5,881,580.
    ///   - month: The month, 1 to 12.
    ///   - day: The day of the month, 1 to 31.
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the calendar has no such day, as with February 30,
    ///   and `overflow` if it lies outside of the range.
    public init(year: Int, month: Int, day: Int) throws(DatabaseError) {
        guard CivilCalendar.years ~= year else { throw Self.outOfRange }
        let (year, month, day) = (Int64(year), Int64(month), Int64(day))
        guard CivilCalendar.hasDay(year: year, month: month, day: day) else { throw Self.noSuchDay }
        guard let days = CivilCalendar.days(year: year, month: month, day: day) else { throw Self.outOfRange }
        daysSinceEpoch = days
    }

    /// The astronomical year: 0 is 1 BC.
    public var year: Int { Int(CivilCalendar.civil(days: daysSinceEpoch).year) }

    /// The month, 1 to 12.
    public var month: Int { Int(CivilCalendar.civil(days: daysSinceEpoch).month) }

    /// The day of the month, 1 to 31.
    public var day: Int { Int(CivilCalendar.civil(days: daysSinceEpoch).day) }

    private static var noSuchDay: DatabaseError { DatabaseError(.invalidValue, "the calendar has no such day") }
    private static var outOfRange: DatabaseError { DatabaseError(.overflow, "outside of the range of LocalDate") }
}

extension LocalDate: Comparable {
    /// Whether the first date lies before the second.
    public static func < (lhs: LocalDate, rhs: LocalDate) -> Bool {
        lhs.daysSinceEpoch < rhs.daysSinceEpoch
    }
}
