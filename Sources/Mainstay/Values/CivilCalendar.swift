// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The arithmetic of the proleptic Gregorian calendar: days since 1970-01-01 to year, month and day, and back.
///
/// Years are astronomical: year 0 is 1 BC. The algorithms are Howard Hinnant's (*chrono-compatible low-level date
/// algorithms*); they count years from March, so that the leap day is the last of its year and needs no table.
enum CivilCalendar {
    /// The years whose every date, and for the outermost ones some dates, can be counted in an `Int32` of days.
    static let years: ClosedRange<Int> = -5_877_641...5_881_580

    /// The dates of the years 0000 to 9999, which need no sign in ISO 8601.
    static let fourDigitYears: ClosedRange<Int32> = -719_528...2_932_896

    private static let daysPerEra: Int64 = 146_097
    // From 0000-03-01, where the first 400-year era begins, to 1970-01-01.
    private static let epoch: Int64 = 719_468

    /// The days from 1970-01-01 to this date, or nil if there is no such date or it does not fit into `Int32`.
    static func days(year: Int64, month: Int64, day: Int64) -> Int32? {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int32(exactly: era * daysPerEra + dayOfEra - epoch)
    }

    /// Year, month and day of a number of days since 1970-01-01.
    static func civil(days: Int32) -> (year: Int64, month: UInt32, day: UInt32) {
        let shifted = Int64(days) + epoch
        let era = (shifted >= 0 ? shifted : shifted - (daysPerEra - 1)) / daysPerEra
        // Never negative from here on, and short: UInt32 divides faster.
        let dayOfEra = UInt32(truncatingIfNeeded: shifted - era * daysPerEra)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            year: Int64(yearOfEra) + era * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    /// Whether the year has such a month, and the month such a day.
    static func hasDay(year: Int64, month: Int64, day: Int64) -> Bool {
        guard 1...12 ~= month, day >= 1 else { return false }
        if day <= 28 { return true }
        switch month {
        case 2: return day == 29 && isLeap(year)
        case 4, 6, 9, 11: return day <= 30
        default: return day <= 31
        }
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}
