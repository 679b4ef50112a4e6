// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// How the values of a column are read.
enum ColumnKind: UInt8 {
    case bool, int16, int32, int64, oid, float, double
    case text, character, bytes, uuid, date, time, dateTime, timestamp, json, jsonb, numeric
    /// An array, whose elements' kind is the column's other half.
    case array
}

/// How the values of a column are read, and those inside of them.
struct ColumnReader {
    let kind: ColumnKind
    /// The kind of an array's elements.
    let element: ColumnKind

    /// How a value of a kind that is no array is read.
    init(of kind: ColumnKind) {
        self.init(kind: kind, element: kind)
    }

    /// Text as the server writes it, for types that are not known: enums, intervals, addresses, ranges and so on.
    static let unknown = ColumnReader(kind: .text, element: .text)

    /// How a type is read in the server's binary format, or nil if only its text is understood.
    init?(_ type: Oid) {
        if let kind = ColumnKind(type) {
            self.init(kind: kind, element: kind)
        } else if let element = ColumnKind(elementOf: type) {
            self.init(kind: .array, element: element)
        } else {
            return nil
        }
    }

    private init(kind: ColumnKind, element: ColumnKind) {
        self.kind = kind
        self.element = element
    }
}

// The numbers are those of the server's catalog `pg_type`, where they never change.
extension ColumnKind {
    /// The kind of a type that is no array.
    init?(_ type: Oid) {
        switch type {
        case 16: self = .bool
        case 17: self = .bytes
        case 18: self = .character
        case 19, 25, 1042, 1043, 705, 2278: self = .text // name, text, bpchar, varchar, unknown, void
        case 20: self = .int64
        case 21: self = .int16
        case 23: self = .int32
        case 26: self = .oid
        case 114: self = .json
        case 700: self = .float
        case 701: self = .double
        case 1082: self = .date
        case 1083: self = .time
        case 1114: self = .dateTime
        case 1184: self = .timestamp
        case 1700: self = .numeric
        case 2950: self = .uuid
        case 3802: self = .jsonb
        default: return nil
        }
    }

    /// The kind of the elements of a type that is an array.
    init?(elementOf type: Oid) {
        switch type {
        case 1000: self = .bool
        case 1001: self = .bytes
        case 1002: self = .character
        case 1003, 1009, 1014, 1015: self = .text // name[], text[], bpchar[], varchar[]
        case 1005: self = .int16
        case 1007: self = .int32
        case 1016: self = .int64
        case 1028: self = .oid
        case 199: self = .json
        case 1021: self = .float
        case 1022: self = .double
        case 1182: self = .date
        case 1183: self = .time
        case 1115: self = .dateTime
        case 1185: self = .timestamp
        case 1231: self = .numeric
        case 2951: self = .uuid
        case 3807: self = .jsonb
        default: return nil
        }
    }
}
