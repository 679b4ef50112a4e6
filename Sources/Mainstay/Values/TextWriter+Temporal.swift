// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension TextWriter {
    /// Writes a date, as in `2026-11-21`, `+10000-01-01` or `-0001-12-31`.
    mutating func put(date days: Int32) {
        let date = CivilCalendar.civil(days: days)
        if date.year < 0 {
            put(UInt8(ascii: "-"))
        } else if date.year > 9_999 {
            put(UInt8(ascii: "+"))
        }
        put(atLeastFourDigits: UInt32(truncatingIfNeeded: date.year.magnitude))
        put(UInt8(ascii: "-"))
        put(twoDigits: date.month)
        put(UInt8(ascii: "-"))
        put(twoDigits: date.day)
    }

    /// Writes a time of 0 to 86,399,999,999 microseconds, as in `23:59:59` or `23:59:59.999999`.
    mutating func put(time microseconds: Int64, _ style: TemporalStyle) {
        let seconds = UInt32(truncatingIfNeeded: microseconds / 1_000_000)
        let fraction = UInt32(truncatingIfNeeded: microseconds % 1_000_000)
        put(twoDigits: seconds / 3_600)
        put(UInt8(ascii: ":"))
        put(twoDigits: seconds / 60 % 60)
        put(UInt8(ascii: ":"))
        put(twoDigits: seconds % 60)
        guard style.alwaysHasFraction || fraction != 0 else { return }
        put(UInt8(ascii: "."))
        put(twoDigits: fraction / 10_000)
        put(fourDigits: fraction % 10_000)
    }
}
