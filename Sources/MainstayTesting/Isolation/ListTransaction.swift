// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A transaction as its caller saw it.
public struct ListTransaction: Sendable, Hashable {
    /// What the caller was told.
    public enum Outcome: String, Sendable, Hashable {
        /// It was committed.
        case done
        /// It was rolled back.
        case failed
        /// It was committed or rolled back, and nobody knows which.
        case unknown
    }

    /// What it did, in order.
    public var operations: [ListOperation]
    /// What its caller was told.
    public var outcome: Outcome
    /// Who ran it. A process runs one transaction after the other.
    public var process: Int
    /// When it began, as a place in the order of all beginnings and ends.
    public var began: Int
    /// When its caller was told the outcome, in the same order.
    public var ended: Int

    /// Creates a transaction.
    public init(
        _ operations: [ListOperation],
        _ outcome: Outcome = .done,
        process: Int = 0,
        began: Int,
        ended: Int
    ) {
        self.operations = operations
        self.outcome = outcome
        self.process = process
        self.began = began
        self.ended = ended
    }

    /// The elements that it appends to a list, in order.
    func appended(to key: Int) -> [Int] {
        operations.compactMap { if case .append(let element, key) = $0 { element } else { nil } }
    }

    /// What it read, and is known.
    var reads: [(key: Int, list: [Int])] {
        operations.compactMap {
            if case .read(let key, let list?) = $0 { (key, list) } else { nil }
        }
    }
}
