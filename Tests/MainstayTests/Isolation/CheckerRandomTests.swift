// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Testing

/// The checker against every possible explanation of small histories, which were made at random by lists with little or
/// no isolation.
@Suite struct CheckerRandomTests {
    @Test(arguments: [3, 4])
    func `a level is violated if and only if nothing explains the history`(_ transactions: Int) {
        var random = SplitMix64(state: UInt64(transactions))
        var verdicts: [String: Int] = [:]
        for _ in 0..<(transactions == 3 ? 1500 : 400) {
            let history = Self.history(transactions, &random)
            let report = IsolationReport(history)
            let explanation = Explanation(history: history)
            let expected: [(ConsistencyModel, Bool)] = [
                (.serializable, explanation.isSerializable(isStrict: false)),
                (.strictSerializable, explanation.isSerializable(isStrict: true)),
                (.snapshot, explanation.isSnapshot(isStrict: false)),
                (.strictSnapshot, explanation.isSnapshot(isStrict: true)),
            ]
            for (model, isExplained) in expected {
                verdicts["\(model): \(isExplained)", default: 0] += 1
                #expect(report.violations(of: model).isEmpty == isExplained, "\(model): \(report)\n\(history.elleJSON)")
            }
        }
        // Both answers are common, or nothing is proved.
        #expect(verdicts.count == 8)
        #expect(verdicts.values.allSatisfy { $0 > 20 }, "\(verdicts)")
    }

    /// Transactions that take turns operation by operation, and read the lists as they are, or as they were when they
    /// began.
    private static func history(_ count: Int, _ random: inout SplitMix64) -> IsolationHistory {
        var lists: [Int: [Int]] = [1: [], 2: []]
        var transactions = (0..<count).map { ListTransaction([], process: $0, began: -1, ended: -1) }
        var lengths = transactions.indices.map { _ in Int.random(in: 1...3, using: &random) }
        var snapshots: [Int: [Int: [Int]]] = [:]
        var (element, time) = (0, 0)
        // How long a transaction keeps the turn.
        let steadiness = Int.random(in: 0...4, using: &random)
        var index = 0
        while let any = lengths.indices.filter({ lengths[$0] > 0 }).randomElement(using: &random) {
            if lengths[index] == 0 || Int.random(in: 0...steadiness, using: &random) == 0 { index = any }
            time += 1
            if transactions[index].began < 0 {
                transactions[index].began = time
                if Bool.random(using: &random) { snapshots[index] = lists }
            }
            let key = Int.random(in: 1...2, using: &random)
            if Bool.random(using: &random) {
                element += 1
                lists[key, default: []].append(element)
                snapshots[index]?[key]?.append(element)
                transactions[index].operations.append(.append(element, to: key))
            } else {
                let list = snapshots[index]?[key] ?? lists[key, default: []]
                transactions[index].operations.append(.read(key, list))
            }
            lengths[index] -= 1
            time += 1
            if lengths[index] == 0 { transactions[index].ended = time }
        }
        return IsolationHistory(transactions, finalLists: lists)
    }
}
