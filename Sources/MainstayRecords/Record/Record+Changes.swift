// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

extension Record {
    /// The columns in which two records differ.
    ///
    /// Compared as they are bound, so that a property need not be `Equatable`, and exactly: 0 and -0 differ, and so do two ways to
    /// write the same character, which are equal strings in Swift.
    @inlinable
    public static func changes(from old: Self, to new: Self) throws(DatabaseError) -> ColumnSet {
        var changes = ColumnSet()
        for index in schema.columns.indices {
            if !(try old.columnValue(at: index)).isIdentical(to: try new.columnValue(at: index)) {
                changes.insert(index)
            }
        }
        return changes
    }
}

extension Value {
    /// Whether the other value is the same in every bit.
    @usableFromInline
    func isIdentical(to other: Value) -> Bool {
        switch (self, other) {
        case (.text(let left), .text(let right)), (.json(let left), .json(let right)):
            left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
        case (.array(let left, let leftType), .array(let right, let rightType)):
            leftType == rightType && left.count == right.count && zip(left, right).allSatisfy { $0.isIdentical(to: $1) }
        default: self == other
        }
    }
}
