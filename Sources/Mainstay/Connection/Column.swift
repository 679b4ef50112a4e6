// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A column of a result.
public struct Column: Sendable, Hashable {
    /// The column's name, or the alias that the statement gives it.
    public var name: String
    /// Whether the column is declared to hold bytes, where the database has the capability ``Capabilities/byteColumns``.
    public var isBytes: Bool

    /// Creates a column.
    public init(name: String, isBytes: Bool = false) {
        self.name = name
        self.isBytes = isBytes
    }
}
