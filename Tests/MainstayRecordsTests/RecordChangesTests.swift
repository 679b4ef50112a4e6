// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

@testable import MainstayRecords

/// What counts as a change.
@Suite struct RecordChangesTests {
    private static let cases: [(Thing, Thing, ColumnSet)] = [
        (Thing(name: "a", weight: 1), Thing(name: "a", weight: 1), ColumnSet()),
        (Thing(name: "a", weight: 1), Thing(id: 1, name: "b", weight: 1), [0, 1]),
        (Thing(name: "a", weight: 0), Thing(name: "a", weight: -0.0), [2]),
        (Thing(name: "a", weight: .nan), Thing(name: "a", weight: .nan), []),
        // One character each, in two spellings.
        (Thing(name: "\u{E9}", weight: 1), Thing(name: "e\u{301}", weight: 1), [1]),
    ]

    @Test(arguments: cases)
    func `changes are exact`(old: Thing, new: Thing, columns: ColumnSet) throws {
        #expect(try Thing.changes(from: old, to: new) == columns)
    }

    @Test func `sets of columns`() {
        var set: ColumnSet = [0, 5, 127]
        #expect(set.indices == [0, 5, 127])
        #expect(set.count == 3)
        #expect([0, 5, 127].map(set.rank) == [0, 1, 2])
        set.remove(5)
        #expect(!set.contains(5) && set.contains(127))
        #expect(ColumnSet(first: 128).count == 128)
        #expect(ColumnSet(first: 3) == [0, 1, 2])
        #expect(set.union([1]) == [0, 1, 127])
        #expect(set.subtracting([127]) == [0])
        #expect(set.intersects([127]) && !set.intersects([5]))
    }
}
