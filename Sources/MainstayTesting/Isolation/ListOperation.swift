// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a transaction does with one list. Keys and elements are numbers; no element is appended to a list twice.
public enum ListOperation: Sendable, Hashable, CustomStringConvertible {
    /// Appends an element to the list of a key.
    case append(Int, to: Int)
    /// Reads the list of a key. Nil if what was read isn't known.
    case read(Int, [Int]?)

    /// Whose list it is.
    public var key: Int {
        switch self {
        case .append(_, let key), .read(let key, _): key
        }
    }

    /// One line, as in `append 7 to 1` or `read 1: [5, 7]`.
    public var description: String {
        switch self {
        case .append(let element, let key): "append \(element) to \(key)"
        case .read(let key, let list): "read \(key): \(list.map { "\($0)" } ?? "?")"
        }
    }
}
