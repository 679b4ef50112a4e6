// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// What the values of a column are, and so how they lie in a row of the binary protocol.
///
/// See https://mariadb.com/kb/en/resultset-row/#binary-resultset-row.
enum ColumnKind: UInt8 {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64
    case float, double, decimal
    case text, bytes, json
    case date, time, dateTime, timestamp
    case null

    init(_ field: MYSQL_FIELD) {
        let isUnsigned = field.flags & UInt32(UNSIGNED_FLAG) != 0
        switch field.type {
        case MYSQL_TYPE_TINY: self = isUnsigned ? .uint8 : .int8
        case MYSQL_TYPE_SHORT: self = isUnsigned ? .uint16 : .int16
        case MYSQL_TYPE_YEAR: self = .uint16
        case MYSQL_TYPE_LONG, MYSQL_TYPE_INT24: self = isUnsigned ? .uint32 : .int32
        case MYSQL_TYPE_LONGLONG: self = isUnsigned ? .uint64 : .int64
        case MYSQL_TYPE_FLOAT: self = .float
        case MYSQL_TYPE_DOUBLE: self = .double
        case MYSQL_TYPE_DECIMAL, MYSQL_TYPE_NEWDECIMAL: self = .decimal
        case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE: self = .date
        case MYSQL_TYPE_TIME: self = .time
        case MYSQL_TYPE_DATETIME: self = .dateTime
        case MYSQL_TYPE_TIMESTAMP: self = .timestamp
        case MYSQL_TYPE_NULL: self = .null
        // MySQL's own type; MariaDB's JSON is a LONGTEXT.
        case MYSQL_TYPE_JSON: self = .json
        case MYSQL_TYPE_BIT, MYSQL_TYPE_GEOMETRY: self = .bytes
        // All that is left has a character set, and 63 is that of bytes.
        default: self = field.charsetnr == 63 ? .bytes : .text
        }
    }
}
