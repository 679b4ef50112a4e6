// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension TextScanner {
    /// Reads `YYYY-MM-DD` as days since 1970-01-01. Years above 9999 may have a plus (PostgreSQL writes none), and
    /// years below 0 have a minus.
    mutating func date(_ options: TemporalOptions) throws(TextFault) -> Int32 {
        var year = try self.year()
        try expect(UInt8(ascii: "-"))
        let month = try twoDigits()
        try expect(UInt8(ascii: "-"))
        let day = try twoDigits()
        if !options.isDisjoint(with: [.beforeChrist, .zeroDate]) {
            if options.contains(.zeroDate), year == 0, month == 0, day == 0 { return 0 }
            if options.contains(.beforeChrist) {
                guard year > 0 else { throw .noSuchDay }
                year = 1 - year
            }
        }
        guard CivilCalendar.hasDay(year: year, month: month, day: day) else { throw .noSuchDay }
        guard let days = CivilCalendar.days(year: year, month: month, day: day) else { throw .outOfRange }
        return days
    }

    /// Four to seven digits; the first of more than four is no zero; only more than four may have a plus.
    @inline(__always)
    private mutating func year() throws(TextFault) -> Int64 {
        let isNegative = take(UInt8(ascii: "-"))
        let hasPlus = !isNegative && take(UInt8(ascii: "+"))
        let isPadded = peek == UInt8(ascii: "0")
        let start = position
        var year: Int64 = 0
        while let digit = digit() {
            guard position - start <= 7 else { throw .malformed }
            year = year * 10 + Int64(digit)
        }
        let count = position - start
        guard count == 4 || (count > 4 && !isPadded), !hasPlus || count > 4, !isNegative || year > 0 else {
            throw .malformed
        }
        return isNegative ? -year : year
    }

    /// Reads `HH:MM:SS[.ffffff]` as microseconds since midnight.
    mutating func time(_ options: TemporalOptions) throws(TextFault) -> Int64 {
        let hour = try twoDigits()
        try expect(UInt8(ascii: ":"))
        let minute = try twoDigits()
        try expect(UInt8(ascii: ":"))
        let second = try twoDigits()
        let fraction = take(UInt8(ascii: ".")) ? try self.fraction() : 0
        let time = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
        guard hour < 24, minute < 60, second < 60 else {
            if options.contains(.endOfDay), time == LocalTime.microsecondsPerDay, hour == 24 { return 0 }
            throw .noSuchTime
        }
        return time
    }

    /// Reads what follows the point, at least one digit, as microseconds.
    @inline(__always)
    private mutating func fraction() throws(TextFault) -> Int64 {
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            count += 1
            if count <= 6 {
                value = value * 10 + Int64(digit)
            } else if digit != 0 {
                isTooFine = true
            }
        }
        guard count > 0 else { throw .malformed }
        while count < 6 {
            value *= 10
            count += 1
        }
        return value
    }

    /// Reads `Z`, `±HH`, `±HHMM`, `±HH:MM` or `±HH:MM:SS` as seconds east of Greenwich.
    ///
    /// Up to 15:59:59, which is what PostgreSQL takes; no place was ever further away.
    mutating func zone(_ options: TemporalOptions) throws(TextFault) -> Int64 {
        if take(UInt8(ascii: "Z")) { return 0 }
        if isAtEnd {
            guard options.contains(.assumingUTC) else { throw .noZone }
            return 0
        }
        let isWest = take(UInt8(ascii: "-"))
        if !isWest { try expect(UInt8(ascii: "+")) }
        let hour = try twoDigits()
        var minute: Int64 = 0
        var second: Int64 = 0
        if take(UInt8(ascii: ":")) {
            minute = try twoDigits()
            if take(UInt8(ascii: ":")) { second = try twoDigits() }
        } else if !isAtEnd {
            minute = try twoDigits()
        }
        guard hour < 16, minute < 60, second < 60 else { throw .noSuchTime }
        let offset = (hour * 60 + minute) * 60 + second
        return isWest ? -offset : offset
    }

    /// Reads the space or `T` between a date and a time.
    @inline(__always)
    mutating func separator() throws(TextFault) {
        guard take(UInt8(ascii: " "), or: UInt8(ascii: "T")) else { throw .malformed }
    }
}
