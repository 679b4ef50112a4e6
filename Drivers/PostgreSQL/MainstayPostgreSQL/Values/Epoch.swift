// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// PostgreSQL counts from 2000-01-01, and keeps the outermost numbers for its infinities.
enum Epoch {
    private static let days: Int32 = 10_957
    private static let microseconds: Int64 = 946_684_800_000_000

    static func date(_ days: Int32) throws(DatabaseError) -> LocalDate {
        let (sum, overflow) = days.addingReportingOverflow(Self.days)
        guard days != .min, !overflow else { throw beyond("LocalDate") }
        return LocalDate(daysSinceEpoch: sum)
    }

    /// The microseconds since 1970. Both infinities are beyond what can be counted.
    static func microseconds(_ microseconds: Int64, _ type: String) throws(DatabaseError) -> Int64 {
        let (sum, overflow) = microseconds.addingReportingOverflow(Self.microseconds)
        guard microseconds != .min, !overflow else { throw beyond(type) }
        return sum
    }

    static func time(_ microseconds: Int64) throws(DatabaseError) -> LocalTime {
        guard microseconds != 86_400_000_000 else {
            throw DatabaseError(.overflow, "24:00:00, the end of the day, is outside of the range of LocalTime")
        }
        return try LocalTime(microsecondsSinceMidnight: microseconds)
    }

    static func fromDate(_ date: LocalDate) throws(DatabaseError) -> Int32 {
        let (difference, overflow) = date.daysSinceEpoch.subtractingReportingOverflow(Self.days)
        guard !overflow, difference != .min else { throw tooEarly }
        return difference
    }

    static func fromMicroseconds(_ microseconds: Int64) throws(DatabaseError) -> Int64 {
        let (difference, overflow) = microseconds.subtractingReportingOverflow(Self.microseconds)
        guard !overflow, difference != .min else { throw tooEarly }
        return difference
    }

    private static func beyond(_ type: String) -> DatabaseError {
        DatabaseError(
            .overflow,
            "\(type) has no infinity",
            hint: "ask the database with isfinite() first, or read a text"
        )
    }

    private static var tooEarly: DatabaseError {
        DatabaseError(.invalidParameter, "the date lies before those that PostgreSQL knows")
    }
}
