// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

/// The smallest history that shows an anomaly, and the nearest one that doesn't.
struct AnomalyExample: Sendable, CustomTestStringConvertible {
    let name: String
    let anomaly: Anomaly
    var isOfRealTime = false
    let shown: IsolationHistory
    let valid: IsolationHistory

    var testDescription: String { "\(anomaly)\(isOfRealTime ? " in real time" : ""): \(name)" }

    /// Whether a history shows the anomaly.
    func isShown(by history: IsolationHistory) -> Bool {
        IsolationReport(history).findings.contains { $0.anomaly == anomaly && $0.isOfRealTime == isOfRealTime }
    }
}

/// Transactions that all run at the same time.
func concurrent(_ transactions: [ListOperation]..., final: [Int: [Int]]? = nil) -> IsolationHistory {
    let transactions = transactions.enumerated().map { index, operations in
        ListTransaction(operations, process: index, began: index, ended: 1000 + index)
    }
    return IsolationHistory(transactions, finalLists: final)
}

/// Transactions of which each begins when the one before has ended.
func sequential(_ transactions: [ListOperation]..., final: [Int: [Int]]? = nil) -> IsolationHistory {
    let transactions = transactions.enumerated().map { index, operations in
        ListTransaction(operations, began: 2 * index, ended: 2 * index + 1)
    }
    return IsolationHistory(transactions, finalLists: final)
}

extension IsolationHistory {
    /// The same with another outcome of its first transaction.
    func firstIs(_ outcome: ListTransaction.Outcome) -> IsolationHistory {
        var history = self
        history.transactions[0].outcome = outcome
        return history
    }
}

extension AnomalyExample {
    static let all: [AnomalyExample] = [
        AnomalyExample(
            name: "two lists are written in different orders",
            anomaly: .dirtyWrite,
            shown: concurrent(
                [.append(1, to: 1), .append(2, to: 2)],
                [.append(3, to: 1), .append(4, to: 2)],
                final: [1: [1, 3], 2: [4, 2]]
            ),
            valid: concurrent(
                [.append(1, to: 1), .append(2, to: 2)],
                [.append(3, to: 1), .append(4, to: 2)],
                final: [1: [1, 3], 2: [2, 4]]
            )
        ),
        AnomalyExample(
            name: "what failed is read",
            anomaly: .abortedRead,
            shown: concurrent([.append(1, to: 1)], [.read(1, [1])]).firstIs(.failed),
            valid: concurrent([.append(1, to: 1)], [.read(1, [1])]).firstIs(.unknown)
        ),
        AnomalyExample(
            name: "what failed is there at the end",
            anomaly: .abortedRead,
            shown: concurrent([.append(1, to: 1)], final: [1: [1]]).firstIs(.failed),
            valid: concurrent([.append(1, to: 1)], final: [1: [1]]).firstIs(.unknown)
        ),
        AnomalyExample(
            name: "the first of two elements is read alone",
            anomaly: .intermediateRead,
            shown: concurrent([.append(1, to: 1), .append(2, to: 1)], [.read(1, [1])]),
            valid: concurrent([.append(1, to: 1), .append(2, to: 1)], [.read(1, [1, 2])])
        ),
        AnomalyExample(
            name: "each reads what the other appended",
            anomaly: .circularInformationFlow,
            shown: concurrent([.append(1, to: 1), .read(2, [2])], [.append(2, to: 2), .read(1, [1])]),
            valid: concurrent([.append(1, to: 1), .read(2, [2])], [.append(2, to: 2), .read(1, [])])
        ),
        AnomalyExample(
            name: "both read the same and append",
            anomaly: .lostUpdate,
            shown: concurrent([.read(1, []), .append(1, to: 1)], [.read(1, []), .append(2, to: 1)]),
            valid: concurrent([.read(1, []), .append(1, to: 1)], [.read(1, [1]), .append(2, to: 1)])
        ),
        AnomalyExample(
            name: "one appends between the read and the append of another",
            anomaly: .lostUpdate,
            shown: concurrent([.read(1, []), .append(1, to: 1)], [.append(2, to: 1)], final: [1: [2, 1]]),
            valid: concurrent([.read(1, []), .append(1, to: 1)], [.append(2, to: 1)], final: [1: [1, 2]])
        ),
        AnomalyExample(
            name: "one list is read after a transaction and the other before it",
            anomaly: .readSkew,
            shown: concurrent(
                [.append(1, to: 1), .append(2, to: 2)],
                [.read(1, [1]), .read(2, [])],
                final: [1: [1], 2: [2]]
            ),
            valid: concurrent(
                [.append(1, to: 1), .append(2, to: 2)],
                [.read(1, []), .read(2, [])],
                final: [1: [1], 2: [2]]
            )
        ),
        AnomalyExample(
            name: "two readers see two writers in different orders",
            anomaly: .longFork,
            shown: concurrent(
                [.append(1, to: 1)],
                [.append(2, to: 2)],
                [.read(1, [1]), .read(2, [])],
                [.read(1, []), .read(2, [2])]
            ),
            valid: concurrent(
                [.append(1, to: 1)],
                [.append(2, to: 2)],
                [.read(1, [1]), .read(2, [])],
                [.read(1, [1]), .read(2, [2])]
            )
        ),
        AnomalyExample(
            name: "each appends to what the other read",
            anomaly: .writeSkew,
            shown: concurrent(
                [.read(1, []), .append(1, to: 2)],
                [.read(2, []), .append(2, to: 1)],
                final: [1: [2], 2: [1]]
            ),
            valid: concurrent(
                [.read(1, []), .append(1, to: 2)],
                [.read(2, [1]), .append(2, to: 1)],
                final: [1: [2], 2: [1]]
            )
        ),
        AnomalyExample(
            name: "a list is read twice",
            anomaly: .fuzzyRead,
            shown: concurrent([.append(1, to: 1)], [.read(1, []), .read(1, [1])]),
            valid: concurrent([.append(1, to: 1)], [.read(1, [1]), .read(1, [1])])
        ),
        AnomalyExample(
            name: "a transaction doesn't read what it appended",
            anomaly: .internalInconsistency,
            shown: concurrent([.append(1, to: 1), .read(1, [])]),
            valid: concurrent([.append(1, to: 1), .read(1, [1])])
        ),
        AnomalyExample(
            name: "a transaction reads what it will append",
            anomaly: .internalInconsistency,
            shown: concurrent([.read(1, [1]), .append(1, to: 1)]),
            valid: concurrent([.read(1, []), .append(1, to: 1)])
        ),
        AnomalyExample(
            name: "two reads have no common order",
            anomaly: .incompatibleOrder,
            shown: concurrent([.append(1, to: 1)], [.append(2, to: 1)], [.read(1, [1])], [.read(1, [2])]),
            valid: concurrent([.append(1, to: 1)], [.append(2, to: 1)], [.read(1, [1])], [.read(1, [1, 2])])
        ),
        AnomalyExample(
            name: "an element is there twice",
            anomaly: .duplicateElement,
            shown: concurrent([.append(1, to: 1)], final: [1: [1, 1]]),
            valid: concurrent([.append(1, to: 1)], final: [1: [1]])
        ),
        AnomalyExample(
            name: "an element comes from nowhere",
            anomaly: .unknownElement,
            shown: concurrent([.read(1, [1])]),
            valid: concurrent([.read(1, [])])
        ),
        AnomalyExample(
            name: "an element is gone",
            anomaly: .lostAppend,
            shown: concurrent([.append(1, to: 1)], final: [1: []]),
            valid: concurrent([.append(1, to: 1)], final: [1: []]).firstIs(.unknown)
        ),
        AnomalyExample(
            name: "what was done is not seen",
            anomaly: .readSkew,
            isOfRealTime: true,
            shown: sequential([.append(1, to: 1)], [.read(1, [])], final: [1: [1]]),
            valid: concurrent([.append(1, to: 1)], [.read(1, [])], final: [1: [1]])
        ),
        AnomalyExample(
            name: "what comes later is written before",
            anomaly: .dirtyWrite,
            isOfRealTime: true,
            shown: sequential([.append(1, to: 1)], [.append(2, to: 1)], final: [1: [2, 1]]),
            valid: concurrent([.append(1, to: 1)], [.append(2, to: 1)], final: [1: [2, 1]])
        ),
        AnomalyExample(
            name: "what comes later is read",
            anomaly: .circularInformationFlow,
            isOfRealTime: true,
            shown: sequential([.read(1, [1])], [.append(1, to: 1)]),
            valid: sequential([.append(1, to: 1)], [.read(1, [1])])
        ),
    ]
}
