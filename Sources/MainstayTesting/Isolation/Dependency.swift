// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Why a transaction comes before another one.
public struct Dependency: Sendable, Hashable, CustomStringConvertible {
    /// The kinds of reasons.
    public enum Kind: String, Sendable, Hashable {
        /// The second appended behind the first.
        case overwrites = "ww"
        /// The second read what the first appended.
        case reads = "wr"
        /// The first read a list to which the second then appended: an antidependency.
        case overtakes = "rw"
        /// The second began after the first had ended.
        case follows = "rt"
    }

    /// The transaction that comes first, by its index in the history.
    public var first: Int
    /// The transaction that comes second.
    public var second: Int
    /// Why.
    public var kind: Kind
    /// Whose list says so. Nil for real time.
    public var key: Int?

    /// As in `T3 -rw 1-> T5`.
    public var description: String {
        "T\(first) -\(kind.rawValue)\(key.map { " \($0)" } ?? "")-> T\(second)"
    }
}
