// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension ValueType {
    /// The type that the server is told, or 0 to let the context decide.
    ///
    /// Text and JSON go without a type, so that they fit columns of enums, UUIDs, dates, `json` and `jsonb` too. An
    /// integer has the type of its width: the server finds functions and operators by it.
    var oid: Oid {
        switch self {
        case .any, .text, .json: 0
        case .bool: 16
        case .int16: 21
        case .int32: 23
        case .int64: 20
        // There is no unsigned type.
        case .uint64, .decimal: 1700
        case .float: 700
        case .double: 701
        case .bytes: 17
        case .uuid: 2950
        case .date: 1082
        case .time: 1083
        case .dateTime: 1114
        case .timestamp: 1184
        case .array(let element): element.leaf.arrayOID
        }
    }

    /// The type of the elements of an array, however many dimensions it has: the server has one array type for all.
    var leaf: ValueType {
        if case .array(let element) = self { element.leaf } else { self }
    }

    /// The type that elements of this type have in an array, where each must have one.
    var elementOID: Oid {
        switch self {
        case .text: 25
        case .json: 3802
        default: oid
        }
    }

    private var arrayOID: Oid {
        switch self {
        case .any, .array: 0
        case .text: 1009
        case .json: 3807
        case .bool: 1000
        case .int16: 1005
        case .int32: 1007
        case .int64: 1016
        case .uint64, .decimal: 1231
        case .float: 1021
        case .double: 1022
        case .bytes: 1001
        case .uuid: 2951
        case .date: 1182
        case .time: 1183
        case .dateTime: 1115
        case .timestamp: 1185
        }
    }

    /// Whether values of this type travel as text.
    var isText: Bool {
        switch self {
        case .any, .text, .json, .uint64, .decimal: true
        case .array(let element): element.leaf == .any
        default: false
        }
    }
}
