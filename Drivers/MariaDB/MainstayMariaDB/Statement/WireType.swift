// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// How a bound value travels in the binary protocol.
struct WireType: Equatable {
    let type: enum_field_types
    let isUnsigned: Bool
    /// The number of bytes of a number. Nil for what Connector/C reads through a pointer: text, bytes, dates and times.
    let size: Int?

    private init(_ type: enum_field_types, size: Int? = nil, isUnsigned: Bool = false) {
        self.type = type
        self.size = size
        self.isUnsigned = isUnsigned
    }

    /// - Throws: `unsupported` for arrays, which MariaDB does not have.
    init(_ type: ValueType) throws(DatabaseError) {
        switch type {
        case .any: self.init(MYSQL_TYPE_NULL)
        case .bool: self.init(MYSQL_TYPE_TINY, size: 1)
        case .int16: self.init(MYSQL_TYPE_SHORT, size: 2)
        case .int32: self.init(MYSQL_TYPE_LONG, size: 4)
        case .int64: self.init(MYSQL_TYPE_LONGLONG, size: 8)
        case .uint64: self.init(MYSQL_TYPE_LONGLONG, size: 8, isUnsigned: true)
        case .float: self.init(MYSQL_TYPE_FLOAT, size: 4)
        case .double: self.init(MYSQL_TYPE_DOUBLE, size: 8)
        case .text, .json, .uuid: self.init(MYSQL_TYPE_STRING)
        case .bytes: self.init(MYSQL_TYPE_BLOB)
        // Text that the server reads as an exact number. As plain text it would be compared as a floating-point number.
        case .decimal: self.init(MYSQL_TYPE_NEWDECIMAL)
        case .date: self.init(MYSQL_TYPE_DATE)
        case .time: self.init(MYSQL_TYPE_TIME)
        case .dateTime, .timestamp: self.init(MYSQL_TYPE_DATETIME)
        case .array:
            throw DatabaseError(
                .unsupported,
                "MariaDB has no arrays",
                hint: "bind JSON, or one parameter for each element: \\(list: values)"
            )
        }
    }
}
