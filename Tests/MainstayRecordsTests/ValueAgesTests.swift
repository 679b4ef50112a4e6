// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayRecords

/// Which values are stale.
@Suite struct ValueAgesTests {
    @Test func `the end of a transaction makes everything stale`() {
        var ages = ValueAges()
        let first = ages.now
        #expect(!ages.isStale(first))
        #expect(ages.isStale(ValueAges.stale))
        ages.transactionEnded()
        #expect(ages.isStale(first) && !ages.isStale(ages.now))
    }

    @Test func `the rollback to a savepoint makes stale what was read since`() {
        var ages = ValueAges()
        let before = ages.now
        ages.savepointBegan()
        let within = ages.now
        ages.savepointBegan()
        let inner = ages.now
        ages.savepointEnded(isKept: true)
        let later = ages.now
        ages.savepointEnded(isKept: false)
        #expect([within, inner, later].allSatisfy(ages.isStale))
        #expect(!ages.isStale(before) && !ages.isStale(ages.now))
    }

    @Test func `what was read after everything was expired is undone with its savepoint`() {
        var ages = ValueAges()
        ages.savepointBegan()
        let before = ages.now
        ages.expireAll()
        let within = ages.now
        #expect(ages.isStale(before) && !ages.isStale(within))
        ages.savepointEnded(isKept: false)
        #expect(ages.isStale(within) && !ages.isStale(ages.now))
    }

    /// Against a model that remembers each value.
    @Test(arguments: 0..<100)
    func `random savepoints`(seed: Int) {
        var random = Xorshift(seed: seed)
        var ages = ValueAges()
        var levels: [Set<Int>] = [[]]
        var stale: Set<Int> = []
        var times: [Int] = []
        for value in 0..<200 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                ages.savepointBegan()
                levels.append([])
            case 1 where levels.count > 1:
                let isKept = Bool.random(using: &random)
                ages.savepointEnded(isKept: isKept)
                let ended = levels.removeLast()
                if isKept { levels[levels.count - 1].formUnion(ended) } else { stale.formUnion(ended) }
            default: break
            }
            times.append(ages.now)
            levels[levels.count - 1].insert(value)
            for (value, time) in times.enumerated() { #expect(ages.isStale(time) == stale.contains(value)) }
        }
    }
}
