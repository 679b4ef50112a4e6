// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// An anomaly that a history shows.
public struct IsolationFinding: Sendable, Hashable, CustomStringConvertible {
    /// What it is.
    public var anomaly: Anomaly
    /// The transactions that show it, by their indices in the history.
    public var transactions: [Int]
    /// The cycle, for anomalies that are one.
    public var cycle: [Dependency] = []
    /// What was seen, in a sentence.
    public var detail: String

    /// Whether it is one only because of the order in real time.
    public var isOfRealTime: Bool { cycle.contains { $0.kind == .follows } }

    init(_ anomaly: Anomaly, _ transactions: [Int], _ detail: String) {
        self.anomaly = anomaly
        self.transactions = transactions
        self.detail = detail
    }

    init(_ anomaly: Anomaly, cycle: [Dependency]) {
        self.anomaly = anomaly
        self.cycle = cycle
        transactions = cycle.map(\.first)
        detail = cycle.map(\.description).joined(separator: ", ")
    }

    /// As in `G-single: T1 -rw 1-> T2, T2 -wr 2-> T1`.
    public var description: String { "\(anomaly)\(isOfRealTime ? " in real time" : ""): \(detail)" }
}
