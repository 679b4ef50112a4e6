// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A column's type in words that every dialect translates: `\(type: .timestamp)` in a `CREATE TABLE`.
///
/// The guide *Types* has the table of what each becomes. Types that only one database has are written as plain SQL.
public enum ColumnType: Sendable, Hashable {
    /// A primary key of 64 bits that the database generates; it includes `PRIMARY KEY`.
    case generatedKey
    /// True or false.
    case bool
    /// A signed integer of 16 bits.
    case int16
    /// A signed integer of 32 bits.
    case int32
    /// A signed integer of 64 bits.
    case int64
    /// An unsigned integer of 64 bits, without the upper half on databases that lack `unsignedIntegers`.
    case uint64
    /// A binary floating-point number of 32 bits.
    case float
    /// A binary floating-point number of 64 bits.
    case double
    /// Text of any length.
    case text
    /// Text of at most so many characters, which also MariaDB can index; 1...16383.
    case varchar(Int)
    /// Bytes of any length.
    case bytes
    /// A UUID.
    case uuid
    /// A calendar date.
    case date
    /// A time of day to the microsecond.
    case time
    /// A date and time without zone, to the microsecond.
    case dateTime
    /// An instant to the microsecond.
    case timestamp
    /// An exact decimal number of so many digits, of which so many follow the point. SQLite keeps it as text.
    case decimal(precision: Int, scale: Int)
    /// JSON.
    case json
}
