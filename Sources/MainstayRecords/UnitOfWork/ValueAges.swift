// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Tells values that were read in this transaction from stale ones, by the time at which they were read.
///
/// The end of a transaction makes all of them stale at once, and the rollback to a savepoint those that were read since it was
/// set, without a look at any of them.
@usableFromInline
struct ValueAges: Equatable {
    /// What is noted of values that are read now.
    @usableFromInline private(set) var now = 0
    private var transactionStart = 0
    private var savepoints: [Int] = []
    private var undone: [ClosedRange<Int>] = []

    /// What is noted of values that are stale in any case.
    static let stale = -1

    func isStale(_ time: Int) -> Bool {
        time < transactionStart || undone.contains { $0.contains(time) }
    }

    mutating func savepointBegan() {
        now += 1
        savepoints.append(now)
    }

    mutating func savepointEnded(isKept: Bool) {
        guard let start = savepoints.popLast(), !isKept else { return }
        if let last = undone.last, last.upperBound >= start - 1 {
            undone.removeAll { $0.lowerBound >= start }
            let first = undone.last.map { $0.upperBound >= start - 1 ? $0.lowerBound : start } ?? start
            if first < start { undone.removeLast() }
            undone.append(first...now)
        } else {
            undone.append(start...now)
        }
        now += 1
    }

    /// Everything that was read is stale, and savepoints go on.
    mutating func expireAll() {
        now += 1
        transactionStart = now
    }

    mutating func transactionEnded() {
        expireAll()
        savepoints = []
        undone = []
    }
}
