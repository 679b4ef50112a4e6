// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The elements of an array cell. A driver makes one when it meets an array and keeps it until its cursor moves on.
public final class CellArray {
    /// The elements, in order; of a PostgreSQL array with several dimensions each element is an array again.
    public let elements: [Cell]

    /// Creates an array of cells.
    ///
    /// - Parameters:
    ///   - elements: The elements, whose buffers stay valid until the cursor moves on.
    public init(_ elements: [Cell]) {
        self.elements = elements
    }
}
