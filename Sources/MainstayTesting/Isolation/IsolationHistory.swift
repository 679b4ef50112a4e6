// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a set of transactions on lists did and saw: what ``IsolationReport`` judges.
///
/// Lists show what plain values hide: who reads `[5, 7]` has seen that 7 came after 5. So the order of the writes and
/// all dependencies follow from the reads, as in P. Alvaro and K. Kingsbury, *Elle: Inferring Isolation Anomalies from
/// Experimental Observations*, 2020.
public struct IsolationHistory: Sendable, Hashable {
    /// All transactions, in any order.
    public var transactions: [ListTransaction]
    /// The lists when all was over, read without faults; nil if nobody read them.
    public var finalLists: [Int: [Int]]?

    /// Creates a history.
    public init(_ transactions: [ListTransaction] = [], finalLists: [Int: [Int]]? = nil) {
        self.transactions = transactions
        self.finalLists = finalLists
    }

    /// How many transactions had an outcome.
    public func count(_ outcome: ListTransaction.Outcome) -> Int {
        transactions.count { $0.outcome == outcome }
    }
}
