// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ListOrders {
    /// The anomalies that single reads show, without a cycle.
    func findings(_ history: IsolationHistory) -> [IsolationFinding] {
        var findings = lostUpdates(history)
        for (index, transaction) in history.transactions.enumerated() where transaction.outcome == .done {
            findings += inconsistencies(index, transaction)
            for (key, list) in transaction.reads { findings += anomalies(of: list, key, history, reader: index) }
        }
        guard let finalLists = history.finalLists else { return findings }
        for (key, list) in finalLists.sorted(by: { $0.key < $1.key }) {
            findings += anomalies(of: list, key, history, reader: nil)
        }
        for (index, transaction) in history.transactions.enumerated() where transaction.outcome == .done {
            for case .append(let element, let key) in transaction.operations
            where !finalLists[key, default: []].contains(element) {
                findings.append(
                    IsolationFinding(
                        .lostAppend,
                        [index],
                        "T\(index) appended \(element) to \(key), and it is not there"
                    )
                )
            }
        }
        return findings
    }

    /// What is wrong with a list, whoever read it.
    private func anomalies(
        of list: [Int],
        _ key: Int,
        _ history: IsolationHistory,
        reader: Int?
    ) -> [IsolationFinding] {
        var findings: [IsolationFinding] = []
        func add(_ anomaly: Anomaly, _ others: [Int], _ detail: String) {
            let who = reader.map { "T\($0)" } ?? "the end"
            findings.append(
                IsolationFinding(
                    anomaly,
                    (reader.map { [$0] } ?? []) + others,
                    "\(who) reads \(key): \(list), \(detail)"
                )
            )
        }
        var seen: Set<Int> = []
        for element in list {
            if !seen.insert(element).inserted { add(.duplicateElement, [], "with \(element) twice") }
            guard let writer = writer(of: element, in: key) else {
                add(.unknownElement, [], "and nobody appended \(element)")
                continue
            }
            if history.transactions[writer].outcome == .failed {
                add(.abortedRead, [writer], "and T\(writer), which appended \(element), failed")
            }
        }
        if let last = list.last, let writer = writer(of: last, in: key), writer != reader,
            let end = history.transactions[writer].appended(to: key).last, end != last
        {
            add(.intermediateRead, [writer], "and T\(writer) appended \(end) as well")
        }
        if !isPrefix(list, of: key) {
            add(.incompatibleOrder, [], "which is no beginning of \(orders[key, default: []])")
        }
        return findings
    }

    /// Whether a transaction reads its own writes, and reads the same each time.
    private func inconsistencies(_ index: Int, _ transaction: ListTransaction) -> [IsolationFinding] {
        var findings: [IsolationFinding] = []
        var appended: [Int: [Int]] = [:]
        var others: [Int: [Int]] = [:]
        for operation in transaction.operations {
            switch operation {
            case .append(let element, let key):
                appended[key, default: []].append(element)
            case .read(_, nil):
                continue
            case .read(let key, let list?):
                let own = transaction.appended(to: key)
                let expected = appended[key, default: []]
                if list.filter(own.contains) != expected {
                    findings.append(
                        IsolationFinding(
                            .internalInconsistency,
                            [index],
                            "T\(index) appended \(expected) to \(key) so far, and reads \(list)"
                        )
                    )
                }
                let rest = list.filter { !own.contains($0) }
                if let before = others[key], before != rest {
                    findings.append(
                        IsolationFinding(
                            .fuzzyRead,
                            [index],
                            "T\(index) reads \(before) of others in \(key), then \(rest)"
                        )
                    )
                }
                others[key] = rest
            }
        }
        return findings
    }

    /// Transactions that read the same state of a list and appended to it.
    private func lostUpdates(_ history: IsolationHistory) -> [IsolationFinding] {
        struct State: Hashable {
            var key: Int
            var list: [Int]
        }
        var changers: [State: [Int]] = [:]
        for (index, transaction) in history.transactions.enumerated() where transaction.outcome == .done {
            var states: Set<State> = []
            for (place, operation) in transaction.operations.enumerated() {
                guard case .read(let key, let list?) = operation,
                    transaction.operations[place...].contains(where: {
                        if case .append(_, key) = $0 { true } else { false }
                    })
                else { continue }
                states.insert(State(key: key, list: list))
            }
            for state in states { changers[state, default: []].append(index) }
        }
        return changers.filter { $1.count > 1 }
            .map { state, changers in
                IsolationFinding(
                    .lostUpdate,
                    changers,
                    "\(changers.map { "T\($0)" }.joined(separator: ", ")) read \(state.key): \(state.list) and appended"
                )
            }
            .sorted { $0.transactions.lexicographicallyPrecedes($1.transactions) }
    }
}
