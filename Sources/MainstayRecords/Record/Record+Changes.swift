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
            if try old.columnValue(at: index) != new.columnValue(at: index) {
                changes.insert(index)
            }
        }
        return changes
    }
}
