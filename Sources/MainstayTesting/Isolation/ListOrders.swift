// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The order of each list's elements, who appended them, and the dependencies that follow.
struct ListOrders {
    /// An element of a list.
    private struct Element: Hashable {
        var key: Int
        var value: Int
    }

    /// The elements of each list in the order in which they were appended, as far as anybody read them.
    let orders: [Int: [Int]]
    private let transactions: [ListTransaction]
    private let writers: [Element: Int]

    init(_ history: IsolationHistory) {
        transactions = history.transactions
        var writers: [Element: Int] = [:]
        var orders: [Int: [Int]] = [:]
        for (index, transaction) in history.transactions.enumerated() {
            for case .append(let value, let key) in transaction.operations {
                writers[Element(key: key, value: value)] = index
            }
            guard transaction.outcome == .done else { continue }
            // The longest read says most.
            for (key, list) in transaction.reads where list.count > orders[key, default: []].count {
                orders[key] = list
            }
        }
        self.writers = writers
        self.orders = orders.merging(history.finalLists ?? [:]) { $1 }
    }

    /// The transaction that appended an element.
    func writer(of value: Int, in key: Int) -> Int? {
        writers[Element(key: key, value: value)]
    }

    /// Whether a list is the beginning of the list that is known.
    func isPrefix(_ list: [Int], of key: Int) -> Bool {
        orders[key, default: []].starts(with: list)
    }

    /// What reads and overwrites tell about the order of transactions. A transaction of unknown outcome takes part if
    /// somebody read what it appended; one that failed doesn't.
    func dependencies() -> Set<Dependency> {
        var dependencies: Set<Dependency> = []
        for (key, order) in orders {
            let writers = order.compactMap { committedWriter(of: $0, in: key) }
            for (first, second) in zip(writers, writers.dropFirst()) where first != second {
                dependencies.insert(Dependency(first: first, second: second, kind: .overwrites, key: key))
            }
        }
        for (reader, transaction) in transactions.enumerated() where transaction.outcome == .done {
            for (key, list) in transaction.reads where isPrefix(list, of: key) {
                let before = list.last { committedWriter(of: $0, in: key).map { $0 != reader } ?? false }
                if let before, let writer = committedWriter(of: before, in: key) {
                    dependencies.insert(Dependency(first: writer, second: reader, kind: .reads, key: key))
                }
                let after = orders[key, default: []][list.count...].lazy.compactMap { committedWriter(of: $0, in: key) }
                if let writer = after.first, writer != reader {
                    dependencies.insert(Dependency(first: reader, second: writer, kind: .overtakes, key: key))
                }
            }
        }
        return dependencies
    }

    private func committedWriter(of value: Int, in key: Int) -> Int? {
        writer(of: value, in: key).flatMap { transactions[$0].outcome == .failed ? nil : $0 }
    }
}
