// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A column of a result.
public struct Column: Sendable, Hashable {
    /// The column's name, or the alias that the statement gives it.
    public var name: String

    /// Creates a column.
    public init(name: String) {
        self.name = name
    }
}
