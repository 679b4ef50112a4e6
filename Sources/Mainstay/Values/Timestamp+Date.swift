// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Timestamp {
    // From 1970-01-01 to 2001-01-01, where Date counts from.
    private static let referenceDate: Int64 = 978_307_200

    /// Creates the instant of a date, rounded to the nearest microsecond.
    ///
    /// - Throws: ``DatabaseError`` with the code `overflow` if the date is infinite, not a number, or outside of the
    ///   range of a timestamp, about 292,000 years before and after 1970.
    public init(_ date: Date) throws(DatabaseError) {
        guard let microseconds = Self.microseconds(date) else {
            throw DatabaseError(.overflow, "a date outside of the range of Timestamp")
        }
        microsecondsSinceEpoch = microseconds
    }

    /// The date of this instant, if a `Date` can tell the instant from the microseconds next to it.
    ///
    /// A `Date` is a floating-point number of seconds since 2001: it can hold every microsecond of the years 1729 to
    /// 2272, and only some of the others, the fewer the further away.
    ///
    /// - Throws: ``DatabaseError`` with the code `overflow` if converting the date back would give another microsecond.
    public func date() throws(DatabaseError) -> Date {
        let (whole, fraction) = microsecondsSinceEpoch.quotientAndRemainder(dividingBy: 1_000_000)
        let seconds = Double(whole - Self.referenceDate) + Double(fraction) / 1e6
        let date = Date(timeIntervalSinceReferenceDate: seconds)
        guard Self.microseconds(date) == microsecondsSinceEpoch else {
            throw DatabaseError(
                .overflow,
                "Date can't tell the microseconds apart at this instant",
                hint: "Read Timestamp instead."
            )
        }
        return date
    }

    private static func microseconds(_ date: Date) -> Int64? {
        // Not timeIntervalSince1970: that is a sum, and a sum is rounded.
        let seconds = date.timeIntervalSinceReferenceDate
        // Every Int64 of microseconds lies within, and so does no NaN. What is added below can't overflow.
        guard abs(seconds) < 1e13 else { return nil }
        let whole = seconds.rounded(.down)
        let fraction = ((seconds - whole) * 1e6).rounded()
        return Microseconds.sinceEpoch(seconds: Int64(whole) + referenceDate, fraction: Int64(fraction))
    }
}
