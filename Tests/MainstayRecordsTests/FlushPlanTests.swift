// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayRecords

/// The order of a flush, without a database.
@Suite struct FlushPlanTests {
    typealias Row = FlushPlan.Row
    typealias Link = FlushPlan.Link

    private func plan(
        _ references: [[Int]],
        inserts: [Row] = [],
        updates: [Row] = [],
        deletes: [Row] = []
    ) throws -> FlushPlan {
        try FlushPlan(references: references, inserts: inserts, updates: updates, deletes: deletes)
    }

    private func link(_ target: Int, column: Int = 0, isOptional: Bool = false) -> Link {
        Link(column: column, target: target, isOptional: isOptional)
    }

    @Test func `nothing to do is no step`() throws {
        #expect(try plan([[], [0]]).steps.isEmpty)
    }

    @Test func `tables that are referred to come first, and last in deletes`() throws {
        // Table 0 refers to 1, and 1 to 2.
        let rows = (0...2).map { Row(table: $0) }
        let plan = try plan([[1], [2], []], inserts: rows, deletes: rows)
        #expect(
            plan.steps == [
                .delete([0]), .delete([1]), .delete([2]), .insert([2]), .insert([1]), .insert([0]),
            ]
        )
    }

    @Test func `updates free values before inserts take them`() throws {
        let plan = try plan([[]], inserts: [Row(table: 0)], updates: [Row(table: 0)], deletes: [Row(table: 0)])
        #expect(plan.steps == [.delete([0]), .update([0]), .insert([0])])
    }

    @Test func `an update that refers to a new row of its own table comes after it`() throws {
        let updates = [Row(table: 0, links: [link(0)]), Row(table: 0)]
        let plan = try plan([[0]], inserts: [Row(table: 0)], updates: updates)
        #expect(plan.steps == [.update([1]), .insert([0]), .update([0])])
    }

    @Test func `an update that refers to a new row of another table comes after it`() throws {
        let plan = try plan([[1], []], inserts: [Row(table: 1)], updates: [Row(table: 0, links: [link(0)])])
        #expect(plan.steps == [.insert([0]), .update([0])])
    }

    @Test func `rows of one table are inserted along their links`() throws {
        // 0 refers to 1, 1 to 2; 3 to 2; 4 to nothing.
        let inserts = [
            Row(table: 0, links: [link(1)]), Row(table: 0, links: [link(2)]), Row(table: 0),
            Row(table: 0, links: [link(2)]), Row(table: 0),
        ]
        #expect(try plan([[0]], inserts: inserts).steps == [.insert([2, 4]), .insert([1, 3]), .insert([0])])
    }

    @Test func `a chain of a hundred thousand rows is no problem`() throws {
        let inserts = (0..<100_000).map { Row(table: 0, links: $0 == 99_999 ? [] : [link($0 + 1)]) }
        let steps = try plan([[0]], inserts: inserts).steps
        #expect(steps.count == 100_000)
        #expect(steps.first == .insert([99_999]))
        #expect(steps.last == .insert([0]))
    }

    @Test func `in a circle the optional reference waits`() throws {
        let inserts = [Row(table: 0, links: [link(1)]), Row(table: 1, links: [link(0, column: 3, isOptional: true)])]
        let plan = try plan([[1], [0]], inserts: inserts)
        #expect(plan.steps == [.insert([1]), .insert([0]), .link([1])])
        #expect(plan.postponed == [1: [3]])
    }

    @Test func `in a circle the optional reference waits, wherever the search begins`() throws {
        for shift in 0..<3 {
            // 0 → 1 → 2 → 0, one of which can wait.
            let inserts = (0..<3).map { row in
                Row(table: 0, links: [link((row + 1) % 3, column: 7, isOptional: row == shift)])
            }
            let plan = try plan([[0]], inserts: inserts)
            #expect(plan.postponed == [shift: [7]])
            let order = plan.steps.flatMap { step in if case .insert(let rows) = step { rows } else { [Int]() } }
            #expect(order == [shift, (shift + 2) % 3, (shift + 1) % 3])
            #expect(plan.steps.last == .link([shift]))
        }
    }

    @Test func `a row that refers to another twice waits for it once`() throws {
        let links = [link(1), link(1, column: 1)]
        let plan = try plan([[0]], inserts: [Row(table: 0, links: links), Row(table: 0)])
        #expect(plan.steps == [.insert([1]), .insert([0])])
    }

    @Test func `a circle in which no reference can wait is an error`() {
        let inserts = [Row(table: 0, links: [link(1)]), Row(table: 0, links: [link(0)])]
        #expect(throws: FlushPlan.Cycle.self) { try plan([[0]], inserts: inserts) }
    }

    @Test func `what an update moves away from is deleted after it`() throws {
        // Deleted: 0 of table 0, which an update leaves; 1 of table 1, to which 0 refers; 2 of table 0.
        let deletes = [Row(table: 0, deleted: [1]), Row(table: 1), Row(table: 0)]
        let plan = try plan([[1], [], [0]], updates: [Row(table: 2, deleted: [0])], deletes: deletes)
        #expect(plan.steps == [.update([0]), .delete([0, 2]), .delete([1])])
    }

    @Test func `what an update moves away from to a new row is deleted last, and so is what that refers to`() throws {
        let deletes = [Row(table: 0, deleted: [1]), Row(table: 1), Row(table: 0)]
        let updates = [Row(table: 2, links: [link(0)], deleted: [0])]
        let plan = try plan([[1], [], [0]], inserts: [Row(table: 0)], updates: updates, deletes: deletes)
        #expect(plan.steps == [.delete([2]), .insert([0]), .update([0]), .delete([0]), .delete([1])])
    }

    @Test func `in a circle all references between two rows wait, or none`() throws {
        for (first, second) in [(true, true), (true, false)] {
            let inserts = [
                Row(table: 0, links: [link(1, column: 1, isOptional: first), link(1, column: 2, isOptional: second)]),
                Row(table: 1, links: [link(0, column: 3)]),
            ]
            if second {
                let plan = try plan([[1], [0]], inserts: inserts)
                #expect(plan.postponed == [0: [1, 2]])
                #expect(plan.steps == [.insert([0]), .insert([1]), .link([0])])
            } else {
                #expect(throws: FlushPlan.Cycle.self) { try plan([[1], [0]], inserts: inserts) }
            }
        }
    }

    @Test func `a hundred thousand rows are no problem in a circle either`() throws {
        let count = 100_000
        let deletes = (0..<count).map { Row(table: 0, deleted: [($0 + 1) % count]) }
        #expect(try plan([[0]], deletes: deletes).steps.count == count)
    }

    @Test func `rows of one table are deleted against their references`() throws {
        // 0 is referred to by 1, and 1 by 2.
        let deletes = [Row(table: 0), Row(table: 0, deleted: [0]), Row(table: 0, deleted: [1])]
        #expect(try plan([[0]], deletes: deletes).steps == [.delete([2]), .delete([1]), .delete([0])])
    }

    @Test func `a circle of deletes is left to the database`() throws {
        let deletes = [Row(table: 0, deleted: [1]), Row(table: 0, deleted: [0])]
        let steps = try plan([[0]], deletes: deletes).steps
        let rows = steps.flatMap { step in if case .delete(let rows) = step { rows } else { [Int]() } }
        #expect(rows.sorted() == [0, 1])
    }

    @Test func `many circles along one chain are no problem`() throws {
        let count = 20_000
        let inserts = (0..<count).map { row in
            var links: [Link] = []
            if row + 1 < count { links.append(link(row + 1, column: 0, isOptional: true)) }
            if row > 0 { links.append(link(row - 1, column: 1, isOptional: true)) }
            return Row(table: 0, links: links)
        }
        let plan = try plan([[0]], inserts: inserts)
        let order = plan.steps.flatMap { step in if case .insert(let rows) = step { rows } else { [Int]() } }
        #expect(order.count == count)
        #expect(plan.postponed.count == count - 1)
    }

    @Test func `a plan that forgets a row, or its order, says so`() throws {
        let inserts = [Row(table: 0, links: [link(1)]), Row(table: 0)]
        let plan = try plan([[0]], inserts: inserts)
        #expect(plan.brokenPromise(inserts: inserts, updates: [], deletes: []) == nil)
        let more = inserts + [Row(table: 0)]
        #expect(plan.brokenPromise(inserts: more, updates: [], deletes: []) == "each row is written once")
        let turned = [Row(table: 0), Row(table: 0, links: [link(0)])]
        #expect(
            plan.brokenPromise(inserts: turned, updates: [], deletes: [])
                == "a row is referred to after it was inserted"
        )
    }

    /// Updates and deletes in any number: what a plan breaks stops the test.
    @Test(arguments: 0..<200)
    func `random updates and deletes keep every promise`(seed: Int) throws {
        var random = Xorshift(seed: seed)
        let tables = Int.random(in: 1...3, using: &random)
        let count = Int.random(in: 0...12, using: &random)
        func table() -> Int { Int.random(in: 0..<tables, using: &random) }
        let inserts = (0..<count).map { _ in Row(table: table()) }
        // Rows refer to later ones, so that there are no circles.
        let deletes = (0..<count).map { row in
            Row(table: table(), deleted: (row + 1..<max(row + 1, count)).filter { _ in Bool.random(using: &random) })
        }
        let updates = (0..<count).map { _ in
            Row(
                table: table(),
                links: inserts.indices.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }.map { link($0) },
                deleted: deletes.indices.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
            )
        }
        let all = (0..<tables).map { _ in Array(0..<tables) }
        let plan = try plan(all, inserts: inserts, updates: updates, deletes: deletes)
        #expect(plan.brokenPromise(inserts: inserts, updates: updates, deletes: deletes) == nil)
    }

    /// Every row is written once and after what it refers to, for random links that go one way.
    @Test(arguments: 0..<200)
    func `random plans keep every order`(seed: Int) throws {
        var random = Xorshift(seed: seed)
        let tables = Int.random(in: 1...4, using: &random)
        var references = (0..<tables).map { table in
            (0..<tables).filter { $0 >= table && Bool.random(using: &random) }
        }
        let count = Int.random(in: 0...30, using: &random)
        var inserts = (0..<count).map { _ in Row(table: Int.random(in: 0..<tables, using: &random)) }
        for row in inserts.indices {
            for target in row + 1..<max(row + 1, inserts.count) where Int.random(in: 0..<8, using: &random) == 0 {
                inserts[row].links.append(link(target))
                references[inserts[row].table].append(inserts[target].table)
            }
        }
        inserts.shuffleTogether(using: &random)
        let plan = try plan(references, inserts: inserts)
        let order = plan.steps.flatMap { step in if case .insert(let rows) = step { rows } else { [Int]() } }
        #expect(order.sorted() == Array(inserts.indices))
        var places: [Int: Int] = [:]
        for (place, row) in order.enumerated() { places[row] = place }
        for (row, insert) in inserts.enumerated() {
            for link in insert.links { #expect((places[link.target] ?? .max) < (places[row] ?? .min)) }
        }
    }
}

extension [FlushPlan.Row] {
    /// Changes the order of the rows and the numbers in their links alike.
    fileprivate mutating func shuffleTogether(using random: inout some RandomNumberGenerator) {
        let order = [Int](indices).shuffled(using: &random)
        var places: [Int: Int] = [:]
        for (place, row) in order.enumerated() { places[row] = place }
        self = order.map { row in
            var moved = self[row]
            for index in moved.links.indices { moved.links[index].target = places[moved.links[index].target] ?? 0 }
            return moved
        }
    }
}
