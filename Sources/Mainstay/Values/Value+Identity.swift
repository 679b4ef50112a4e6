// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Value: Hashable {
    /// Whether a database is given the same bytes.
    ///
    /// This is stricter than Swift's `==` of what the values hold. Two ways to write the same character differ, though the strings
    /// are equal; so do 0 and -0, and 1 and 1.00. A NaN equals itself. Two types differ as well: a server is told the type.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null(let left), .null(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.int16(let left), .int16(let right)): left == right
        case (.int32(let left), .int32(let right)): left == right
        case (.int64(let left), .int64(let right)): left == right
        case (.uint64(let left), .uint64(let right)): left == right
        case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.text(let left), .text(let right)): left.hasBytes(of: right)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.uuid(let left), .uuid(let right)): left == right
        case (.date(let left), .date(let right)): left == right
        case (.time(let left), .time(let right)): left == right
        case (.dateTime(let left), .dateTime(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.decimal(let left), .decimal(let right)): left == right && left.exponent == right.exponent
        case (.json(let left), .json(let right)): left.hasBytes(of: right)
        case (.array(let left, let leftType), .array(let right, let rightType)): leftType == rightType && left == right
        default: false
        }
    }

    /// Hashes the bytes that a database is given.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null(let type): hasher.combine(type)
        case .bool(let value): hasher.combine(value)
        case .int16(let value): hasher.combine(value)
        case .int32(let value): hasher.combine(value)
        case .int64(let value): hasher.combine(value)
        case .uint64(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value.bitPattern)
        case .double(let value): hasher.combine(value.bitPattern)
        case .text(let text), .json(let text): text.hashBytes(into: &hasher)
        case .bytes(let bytes): hasher.combine(bytes)
        case .uuid(let uuid): hasher.combine(uuid)
        case .date(let date): hasher.combine(date)
        case .time(let time): hasher.combine(time)
        case .dateTime(let dateTime): hasher.combine(dateTime)
        case .timestamp(let timestamp): hasher.combine(timestamp)
        case .decimal(let decimal): hasher.combine(decimal)
        case .array(let values, _): hasher.combine(values)
        }
    }
}
