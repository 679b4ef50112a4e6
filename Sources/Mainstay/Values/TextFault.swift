// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Why a text could not be read, as the scanners of this folder tell each other.
///
/// A plain enum keeps the way of the good texts free of allocations; only the outermost initializer makes a
/// ``DatabaseError`` of it.
enum TextFault: Error {
    /// The text has not the form that was asked for.
    case malformed
    /// The calendar has no such day.
    case noSuchDay
    /// The day has no such time.
    case noSuchTime
    /// The text has no time zone, and none was to be assumed.
    case noZone
    /// The text has more than six fraction digits, and not only zeros from the seventh on.
    case tooFine
    /// The text is good, but what it says lies outside of the type's range.
    case outOfRange
}
