// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension IsolationHistory {
    /// The history as elle-cli reads it: `elle-cli --model list-append --consistency-models snapshot-isolation
    /// history.json`.
    ///
    /// An array with an object for the beginning and one for the end of each transaction. A process whose transaction
    /// has an unknown outcome never comes back, so its later transactions get another number.
    ///
    /// Source of the format: the histories of https://github.com/ligurio/elle-cli.
    public var elleJSON: String {
        var transactions = transactions
        let end = (transactions.map { max($0.began, $0.ended) }.max() ?? 0) + 1
        var nextProcess = (transactions.map(\.process).max() ?? -1) + 1
        if let finalLists {
            let reads = finalLists.sorted { $0.key < $1.key }.map { ListOperation.read($0.key, $0.value) }
            transactions.append(ListTransaction(reads, process: nextProcess, began: end, ended: end + 1))
            nextProcess += 1
        }
        transactions.sort { $0.began < $1.began }
        var numbers: [Int: Int] = [:]
        var lines: [(time: Int, text: String)] = []
        for transaction in transactions {
            let process = numbers[transaction.process] ?? transaction.process
            func add(_ time: Int, _ type: String, _ value: String) {
                lines.append((time, #""type":"\#(type)","f":"txn","process":\#(process),"value":[\#(value)]"#))
            }
            let invoked = transaction.operations.map { $0.json(isRead: false) }.joined(separator: ",")
            add(transaction.began, "invoke", invoked)
            switch transaction.outcome {
            case .done:
                add(
                    transaction.ended,
                    "ok",
                    transaction.operations.map { $0.json(isRead: true) }.joined(separator: ",")
                )
            case .failed:
                add(transaction.ended, "fail", invoked)
            case .unknown:
                add(transaction.ended, "info", invoked)
                numbers[transaction.process] = nextProcess
                nextProcess += 1
            }
        }
        lines.sort { $0.time < $1.time }
        let objects = lines.enumerated().map { index, line in
            #"{"index":\#(index),"time":\#(line.time),\#(line.text)}"#
        }
        return "[\(objects.joined(separator: ",\n"))]\n"
    }
}

extension ListOperation {
    fileprivate func json(isRead: Bool) -> String {
        switch self {
        case .append(let element, let key):
            return #"["append",\#(key),\#(element)]"#
        case .read(let key, let list):
            let text = list.map { "[\($0.map(String.init).joined(separator: ","))]" }
            return #"["r",\#(key),\#(isRead ? text ?? "null" : "null")]"#
        }
    }
}
