// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// One of the ways in which databases tell a text's words from its comments and literals.
///
/// The same text is a COMMIT on one database and a SELECT on another: `/*! SELECT */ COMMIT`. A text is judged in all the ways in
/// which any of them reads it.
struct SQLReading: OptionSet, Sendable {
    let rawValue: UInt8

    /// Comments nest (PostgreSQL).
    static let nestsComments = Self(rawValue: 1 << 0)
    /// What is in `/*! */` and `/*M! */` is executed (MariaDB, if it is of the version that follows).
    static let opensVersionComments = Self(rawValue: 1 << 1)
    /// `#` begins a comment, `--` does only before white space, and a backslash escapes a quote (MariaDB).
    static let hasBackslashes = Self(rawValue: 1 << 2)
    /// `$tag$` encloses a literal, and a backslash escapes a quote in `E''` (PostgreSQL).
    static let hasDollarQuotes = Self(rawValue: 1 << 3)

    /// The ways in which databases read scripts: PostgreSQL, SQLite, and MariaDB of a version below and above of all that are named.
    private static let all: [Self] = [
        [.nestsComments, .hasDollarQuotes], [], [.hasBackslashes], [.hasBackslashes, .opensVersionComments],
    ]

    /// The ways in which a text may be read. One where it has nothing that databases read differently.
    static func all(of text: String) -> [Self] {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "#"), UInt8(ascii: "$"): return all
            case UInt8(ascii: "*") where previous == UInt8(ascii: "/"): return all
            case UInt8(ascii: "-") where previous == byte: return all
            default: previous = byte
            }
        }
        return [[]]
    }
}
