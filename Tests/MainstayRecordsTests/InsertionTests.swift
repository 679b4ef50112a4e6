// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

@testable import MainstayRecords

@Record("things")
struct Thing: Hashable {
    @ID var id: Int64?
    var name: String
    var weight: Double
}

/// How inserted rows are recognized when the database returns them.
@Suite struct InsertionTests {
    private func insertion(_ things: [Thing]) throws -> Insertion<Thing> {
        try Insertion(things, [1, 2])
    }

    @Test func `rows are recognized in any order`() throws {
        let things = ["a", "b", "c"].map { Thing(name: $0, weight: 1) }
        let insertion = try insertion(things)
        #expect(insertion.marks == [1])
        let returned = [2, 0, 1].map { Thing(id: Int64($0), name: things[$0].name, weight: 1) }
        #expect(try insertion.order(of: returned, insertion.marks) == [2, 0, 1])
        #expect(try insertion.order(of: things, insertion.marks) == [0, 1, 2])
    }

    @Test func `equal rows get one key each`() throws {
        let things = ["a", "b", "a"].map { Thing(name: $0, weight: 1) }
        let insertion = try insertion(things)
        let returned = ["b", "a", "a"].map { Thing(name: $0, weight: 1) }
        #expect(try insertion.order(of: returned, insertion.marks).sorted() == [0, 1, 2])
        #expect(try insertion.order(of: returned, insertion.marks).first == 1)
    }

    @Test func `a row that nobody inserted is an error, not a guess`() throws {
        let insertion = try insertion(["a", "b"].map { Thing(name: $0, weight: 1) })
        #expect(throws: DatabaseError.self) {
            try insertion.order(of: ["a", "B"].map { Thing(name: $0, weight: 1) }, insertion.marks)
        }
    }

    @Test func `rows that can't be told apart are inserted alone`() throws {
        let things = [Thing(name: "a", weight: 1), Thing(name: "a", weight: 2), Thing(name: "a", weight: 1)]
        #expect(try Insertion.parts(things, absent: [0]) == [[0, 2], [1]])
    }
}
