// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The type of a bound value, as far as a server needs to know it before it sees the value.
///
/// It is part of a prepared statement's identity: the same text with an `Int` and with a `String` is prepared twice.
public indirect enum ValueType: Sendable, Hashable {
    /// Not known: the server is to take what the context asks for.
    case any
    /// True or false.
    case bool
    /// A signed integer of 16 bits.
    case int16
    /// A signed integer of 32 bits.
    case int32
    /// A signed integer of 64 bits.
    case int64
    /// An unsigned integer of 64 bits.
    case uint64
    /// A binary floating-point number of 32 bits.
    case float
    /// A binary floating-point number of 64 bits.
    case double
    /// Text.
    case text
    /// Bytes.
    case bytes
    /// A UUID.
    case uuid
    /// A calendar date.
    case date
    /// A time of day without zone.
    case time
    /// A date and time without zone.
    case dateTime
    /// An instant.
    case timestamp
    /// An exact decimal number.
    case decimal
    /// JSON text.
    case json
    /// An array, where the database has arrays.
    case array(ValueType)
}
