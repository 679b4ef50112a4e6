// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

/// What the checker finds in histories made by hand.
@Suite struct CheckerTests {
    @Test(arguments: AnomalyExample.all)
    func `an anomaly is found in its smallest history, and not in the nearest valid one`(_ example: AnomalyExample) {
        #expect(example.isShown(by: example.shown), "\(IsolationReport(example.shown))")
        let report = IsolationReport(example.valid)
        #expect(report.findings.isEmpty, "\(report)")
    }

    /// Whatever is left out: then it is another history, and not this anomaly.
    @Test(arguments: AnomalyExample.all)
    func `no smaller history shows the anomaly`(_ example: AnomalyExample) {
        for (index, transaction) in example.shown.transactions.enumerated() {
            for place in transaction.operations.indices {
                var smaller = example.shown
                smaller.transactions[index].operations.remove(at: place)
                // A read of what nobody appended any more is no smaller history, but a broken one.
                guard !IsolationReport(smaller).anomalies.contains(.unknownElement) else { continue }
                #expect(!example.isShown(by: smaller), "without \(transaction.operations[place])")
            }
        }
    }

    @Test func `every anomaly of histories has an example`() {
        let scripted: Set<Anomaly> = [.observedTransactionVanishes, .predicateManyPreceders, .predicateWriteSkew]
        #expect(Set(AnomalyExample.all.map(\.anomaly)) == Set(Anomaly.allCases).subtracting(scripted))
    }

    @Test func `a finding names the transactions and why they depend on each other`() throws {
        let history = concurrent(
            [.append(1, to: 1), .append(2, to: 2)],
            [.read(1, [1]), .read(2, [])],
            final: [1: [1], 2: [2]]
        )
        let report = IsolationReport(history)
        #expect(report.findings.map(\.description) == ["G-single: T1 -rw 2-> T0, T0 -wr 1-> T1"])
        #expect(
            report.description
                == "2 transactions, 2 done, 0 failed, 0 unknown; G-single 1\nG-single: T1 -rw 2-> T0, T0 -wr 1-> T1"
        )
    }

    @Test func `a transaction of unknown outcome takes part if it was seen`() {
        let torn = concurrent(
            [.append(1, to: 1), .append(2, to: 2)],
            [.read(1, [1]), .read(2, [])],
            final: [1: [1], 2: [2]]
        )
        #expect(IsolationReport(torn.firstIs(.unknown)).anomalies == [.readSkew])
        let unseen = concurrent([.append(1, to: 1)], [.read(1, [])], final: [1: []])
        #expect(IsolationReport(unseen.firstIs(.unknown)).findings.isEmpty)
    }

    @Test func `what has an unknown outcome may take effect later`() {
        let late = sequential([.append(1, to: 1)], [.read(1, [])], [.read(1, [1])])
        #expect(IsolationReport(late).violations(of: .strictReadCommitted).isEmpty)
        #expect(IsolationReport(late).violations(of: .strictSnapshot).count == 1)
        #expect(IsolationReport(late.firstIs(.unknown)).findings.isEmpty)
    }

    @Test func `real time is also seen over others in between`() {
        let stale = sequential(
            [.append(1, to: 1)],
            [.append(2, to: 2)],
            [.append(3, to: 3)],
            [.read(1, [])],
            final: [
                1: [1], 2: [2], 3: [3],
            ]
        )
        let report = IsolationReport(stale)
        #expect(report.findings.map(\.anomaly) == [.readSkew])
        #expect(report.findings.first?.cycle.map(\.kind) == [.overtakes, .follows, .follows, .follows])
        #expect(report.violations(of: .serializable).isEmpty)
        #expect(report.violations(of: .strictSerializable) == report.findings)
    }

    @Test func `real time is also seen past others that began before`() {
        let early = ListTransaction([.append(1, to: 1)], began: 1, ended: 2)
        let long = ListTransaction([.read(2, [])], began: 0, ended: 3)
        let stale = ListTransaction([.read(1, [])], began: 4, ended: 5)
        let report = IsolationReport(IsolationHistory([early, long, stale], finalLists: [1: [1]]))
        #expect(report.findings.map(\.description) == ["G-single in real time: T2 -rw 1-> T0, T0 -rt-> T2"])
    }

    /// The first reads a part of the second, and the second a part of the third.
    @Test func `two cycles that share a transaction are not taken for one`() {
        let history = concurrent(
            [.read(1, []), .read(2, [1])],
            [.append(2, to: 1), .append(1, to: 2), .read(3, []), .read(4, [3])],
            [.append(4, to: 3), .append(3, to: 4)],
            final: [1: [2], 2: [1], 3: [4], 4: [3]]
        )
        #expect(IsolationReport(history).anomalies == [.readSkew])
    }

    @Test func `a long cycle is found, and no call stack is needed for many transactions`() {
        let count = 500
        var history = IsolationHistory(finalLists: [:])
        for index in 0..<count {
            let next = (index + 1) % count
            history.transactions.append(
                ListTransaction([.append(index, to: index), .read(next, [])], began: index, ended: count + index)
            )
            history.finalLists?[index] = [index]
        }
        let report = IsolationReport(history)
        #expect(report.findings.map(\.anomaly) == [.writeSkew])
        #expect(report.findings.first?.cycle.count == count)
    }

    @Test func `the levels forbid what their sources say`() {
        let always: Set<Anomaly> = [
            .internalInconsistency, .incompatibleOrder, .duplicateElement, .unknownElement, .lostAppend,
        ]
        let readCommitted: Set<Anomaly> = [.dirtyWrite, .abortedRead, .intermediateRead, .circularInformationFlow]
        let snapshot = readCommitted.union([.fuzzyRead, .lostUpdate, .readSkew, .longFork])
        let serializable = snapshot.union([.writeSkew])
        let expected: [(ConsistencyModel, ConsistencyModel, Set<Anomaly>)] = [
            (.readCommitted, .strictReadCommitted, readCommitted),
            (.snapshot, .strictSnapshot, snapshot),
            (.serializable, .strictSerializable, serializable),
        ]
        for (model, strict, forbidden) in expected {
            for example in AnomalyExample.all {
                let isForbidden = forbidden.union(always).contains(example.anomaly)
                let report = IsolationReport(example.shown)
                let finding = report.findings.first {
                    $0.anomaly == example.anomaly && $0.isOfRealTime == example.isOfRealTime
                }
                #expect(finding.map(model.forbids) == (isForbidden && !example.isOfRealTime), "\(model), \(example)")
                #expect(finding.map(strict.forbids) == isForbidden, "\(strict), \(example)")
            }
        }
    }

    @Test func `a history is written as elle-cli reads it`() {
        let history = IsolationHistory(
            [
                ListTransaction([.append(5, to: 1), .read(2, [])], process: 0, began: 0, ended: 3),
                ListTransaction([.append(6, to: 1)], .unknown, process: 1, began: 1, ended: 2),
                ListTransaction([.read(1, nil)], .failed, process: 1, began: 4, ended: 5),
            ],
            finalLists: [1: [5, 6]]
        )
        #expect(
            history.elleJSON == """
                [{"index":0,"time":0,"type":"invoke","f":"txn","process":0,"value":[["append",1,5],["r",2,null]]},
                {"index":1,"time":1,"type":"invoke","f":"txn","process":1,"value":[["append",1,6]]},
                {"index":2,"time":2,"type":"info","f":"txn","process":1,"value":[["append",1,6]]},
                {"index":3,"time":3,"type":"ok","f":"txn","process":0,"value":[["append",1,5],["r",2,[]]]},
                {"index":4,"time":4,"type":"invoke","f":"txn","process":3,"value":[["r",1,null]]},
                {"index":5,"time":5,"type":"fail","f":"txn","process":3,"value":[["r",1,null]]},
                {"index":6,"time":6,"type":"invoke","f":"txn","process":2,"value":[["r",1,null]]},
                {"index":7,"time":7,"type":"ok","f":"txn","process":2,"value":[["r",1,[5,6]]]}]

                """
        )
    }
}
