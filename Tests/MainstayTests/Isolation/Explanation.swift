// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting

/// Whether a history can be explained at all, by trying every order: what the checker must agree with.
struct Explanation {
    /// A transaction takes its snapshot, and commits.
    enum Event: Hashable {
        case begin(Int)
        case commit(Int)
    }

    let history: IsolationHistory

    /// Whether some order of the transactions, one after the other, gives what was read and what is there at the end.
    ///
    /// - Parameter isStrict: Whether who began after the end of another one comes after it.
    func isSerializable(isStrict: Bool) -> Bool {
        exists(isStrict) { [.begin($0), .commit($0)] }
    }

    /// Whether some order of snapshots and commits does, where no two transactions that overlap append to the same
    /// list.
    func isSnapshot(isStrict: Bool) -> Bool {
        exists(isStrict) {
            [.begin($0)]
        } next: {
            [.commit($0)]
        }
    }

    private func exists(
        _ isStrict: Bool,
        first: (Int) -> [Event],
        next: (Int) -> [Event] = { _ in [] }
    ) -> Bool {
        func search(_ events: [Event], waiting: [Int], open: [Int]) -> Bool {
            if waiting.isEmpty, open.isEmpty { return explains(events) }
            for index in waiting {
                let mayBegin = history.transactions.indices.allSatisfy {
                    !isStrict || history.transactions[$0].ended > history.transactions[index].began
                        || events.contains(.commit($0))
                }
                guard mayBegin else { continue }
                let rest = waiting.filter { $0 != index }
                let opened = next(index).isEmpty ? open : open + [index]
                if search(events + first(index), waiting: rest, open: opened) { return true }
            }
            for index in open
            where search(events + next(index), waiting: waiting, open: open.filter { $0 != index }) { return true }
            return false
        }
        return search([], waiting: Array(history.transactions.indices), open: [])
    }

    private func explains(_ events: [Event]) -> Bool {
        var lists: [Int: [Int]] = [:]
        var snapshots: [Int: [Int: [Int]]] = [:]
        for event in events {
            switch event {
            case .begin(let index):
                snapshots[index] = lists
            case .commit(let index):
                var seen = snapshots[index, default: [:]]
                var changed: Set<Int> = []
                for operation in history.transactions[index].operations {
                    switch operation {
                    case .append(let element, let key):
                        seen[key, default: []].append(element)
                        changed.insert(key)
                    case .read(let key, let list):
                        if seen[key, default: []] != list ?? [] { return false }
                    }
                }
                for key in changed {
                    // The first who changes a row wins.
                    if snapshots[index]?[key] ?? [] != lists[key] ?? [] { return false }
                    lists[key] = seen[key]
                }
            }
        }
        return (history.finalLists ?? [:]).allSatisfy { lists[$0.key, default: []] == $0.value }
    }
}
