// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Compares the properties of a key as the database is given them. Only the code of ``Record(_:schema:columns:)`` calls it.
public enum KeyBytes {
    /// Whether both are bound to the same bytes.
    @inlinable
    public static func areSame<Part: SQLEncodable & Hashable>(_ left: Part, _ right: Part) -> Bool {
        if isExact(Part.self) { return left == right }
        if let left = left as? String, let right = right as? String { return left.hasBytes(of: right) }
        guard let bound = try? left.sqlValue, let other = try? right.sqlValue else { return left == right }
        return bound == other
    }

    /// Hashes the bytes to which it is bound.
    @inlinable
    public static func hash<Part: SQLEncodable & Hashable>(_ part: Part, into hasher: inout Hasher) {
        if isExact(Part.self) {
            hasher.combine(part)
        } else if let text = part as? String {
            text.hashBytes(into: &hasher)
        } else if let bound = try? part.sqlValue {
            hasher.combine(bound)
        }
    }

    /// Whether Swift takes two values of a type for equal just if their bytes are: where the type is known, the answer is too.
    @inlinable
    static func isExact<Part>(_ type: Part.Type) -> Bool {
        type == Int64.self || type == Int.self || type == Int32.self || type == UUID.self
    }
}
