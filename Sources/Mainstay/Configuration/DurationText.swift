// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Durations as they are written in URLs: a whole number and its unit, `500ms`, `30s`, `2m` or `1h`.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// The duration, or nil when the text is not one. A number without a unit is not one: it is seconds in one place
    /// and milliseconds in the next.
    static func parse(_ text: String) -> Duration? {
        let digits = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let suffix = text.utf8.dropFirst(digits.count)
        guard let number = Int64(Substring(digits)),
            let unit = units.first(where: { $0.suffix.utf8.elementsEqual(suffix) })
        else { return nil }
        let (milliseconds, isOverflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return isOverflow ? nil : .milliseconds(milliseconds)
    }

    /// The duration in its largest unit that leaves a whole number, or in Swift's words when it has none.
    static func render(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let (milliseconds, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (total, isTotalOverflow) = milliseconds.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        guard !isOverflow, !isTotalOverflow, attoseconds % 1_000_000_000_000_000 == 0 else {
            return duration.description
        }
        if total == 0 { return "0s" }
        let unit = units.last { total % $0.milliseconds == 0 }!
        return "\(total / unit.milliseconds)\(unit.suffix)"
    }
}
