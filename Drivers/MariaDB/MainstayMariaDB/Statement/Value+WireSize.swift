// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Value {
    /// How many bytes the value has at most as the server receives it.
    var wireSize: Int {
        switch self {
        case .null: 1
        case .bool, .int16, .int32, .int64, .uint64, .float, .double, .date, .time, .dateTime, .timestamp: 16
        case .text(let text), .json(let text): text.utf8.count + 16
        case .bytes(let bytes): bytes.count + 16
        case .uuid: 64
        case .decimal: 96
        case .array: 0
        }
    }
}

extension ArraySlice<[Value]> {
    /// The longest beginning whose values together have no more bytes than the limit, and at least one set.
    func prefix(
        fitting limit: Int,
        check: ([Value]) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> ArraySlice<[Value]> {
        var size = 0
        var end = startIndex
        while end < endIndex {
            try check(self[end])
            size += self[end].reduce(0) { $0 + $1.wireSize }
            guard size <= limit || end == startIndex else { break }
            end += 1
        }
        return self[..<end]
    }
}
