// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The anomalies that a history shows.
///
/// ```swift
/// let report = IsolationReport(history)
/// #expect(report.violations(of: .strictSerializable).isEmpty, "\(report)")
/// ```
///
/// What is reported did happen. What happened is not all reported: of the cycles in a set of transactions that all
/// depend on each other, the shortest of each anomaly is; and what nobody read is not known.
public struct IsolationReport: Sendable, Hashable, CustomStringConvertible {
    /// What was found.
    public let findings: [IsolationFinding]
    /// How many transactions were done, failed and have an unknown outcome.
    public let counts: [ListTransaction.Outcome: Int]

    /// Looks for anomalies.
    public init(_ history: IsolationHistory) {
        let orders = ListOrders(history)
        let dependencies = orders.dependencies()
        var findings = orders.findings(history)
        findings += DependencyGraph(dependencies).cycles(isStrict: false)
        findings += DependencyGraph(dependencies.union(history.realTime())).cycles(isStrict: true)
        self.findings = findings
        counts = Dictionary(grouping: history.transactions, by: \.outcome).mapValues(\.count)
    }

    /// What is not as a model says.
    public func violations(of model: ConsistencyModel) -> [IsolationFinding] {
        findings.filter(model.forbids)
    }

    /// The anomalies that were found, without those of real time.
    public var anomalies: Set<Anomaly> {
        Set(findings.lazy.filter { !$0.isOfRealTime }.map(\.anomaly))
    }

    /// One line of figures, and one for each of the first findings.
    public var description: String {
        let anomalies = Dictionary(grouping: findings) { "\($0.anomaly)\($0.isOfRealTime ? " in real time" : "")" }
            .sorted { $0.key < $1.key }
            .map { "\($0.key) \($0.value.count)" }
        let figures = """
            \(counts.values.reduce(0, +)) transactions, \(counts[.done, default: 0]) done, \
            \(counts[.failed, default: 0]) failed, \(counts[.unknown, default: 0]) unknown; \
            \(anomalies.isEmpty ? "no anomalies" : anomalies.joined(separator: ", "))
            """
        return ([figures] + findings.prefix(5).map(\.description)).joined(separator: "\n")
    }
}

extension IsolationHistory {
    /// Who began after whom had ended. What follows from two such edges is left out.
    func realTime() -> Set<Dependency> {
        let taking = transactions.indices.filter { transactions[$0].outcome != .failed }
        let ends = taking.filter { transactions[$0].outcome == .done }.sorted {
            transactions[$0].ended < transactions[$1].ended
        }
        var nextEnd = ends.startIndex
        // Those that have ended, without those that had ended before one of the others began.
        var frontier: [Int] = []
        var dependencies: Set<Dependency> = []
        for index in taking.sorted(by: { transactions[$0].began < transactions[$1].began }) {
            let began = transactions[index].began
            while nextEnd < ends.endIndex, transactions[ends[nextEnd]].ended < began {
                let ended = ends[nextEnd]
                frontier.removeAll { transactions[$0].ended < transactions[ended].began }
                frontier.append(ended)
                nextEnd += 1
            }
            for ended in frontier { dependencies.insert(Dependency(first: ended, second: index, kind: .follows)) }
        }
        return dependencies
    }
}
