// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// In which order the changes of a flush are written.
///
/// A value that is made of what is to be done and what depends on what; nothing here knows a record or a database.
///
/// 1. Updates that move away from a row that is deleted; those that have to wait for an insert leave its delete for the end.
/// 2. Deletes, rows that refer to others first.
/// 3. Table by table, those that are referred to first: updates, then inserts, so that a value that must be unique is
///    freed before it is taken; then the updates that refer to a row inserted just now.
/// 4. References in a circle: the one that can be NULL is left out of the INSERT and written by an UPDATE afterwards.
struct FlushPlan: Equatable {
    /// A row to be inserted, updated or deleted.
    struct Row: Equatable {
        /// The number of its table.
        var table: Int
        /// The rows to be inserted before it, by the number among the inserts.
        var links: [Link] = []
        /// Of an update: the deleted rows that it moves away from. Of a delete: the deleted rows that it refers to.
        var deleted: [Int] = []
    }

    /// A column that refers to a row that is to be inserted.
    struct Link: Equatable {
        var column: Int
        var target: Int
        var isOptional: Bool
    }

    /// What is done at once, by the rows' numbers.
    enum Step: Equatable {
        case insert([Int])
        case update([Int])
        case delete([Int])
        /// Write the references that were left out of the inserts.
        case link([Int])
    }

    /// Records that refer to each other in a circle.
    struct Cycle: Error, Equatable {
        /// One of the rows.
        let insert: Int
    }

    private(set) var steps: [Step] = []
    /// The columns that are left out of the inserts, by row.
    private(set) var postponed: [Int: ColumnSet] = [:]

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - references: For each table those that it refers to.
    ///   - inserts: The rows to be inserted, in the order in which they were added.
    ///   - updates: The rows to be updated.
    ///   - deletes: The rows to be deleted.
    init(references: [[Int]], inserts: [Row], updates: [Row], deletes: [Row]) throws(Cycle) {
        let groups = Self.groups(references)
        let moving = updates.indices.filter { !updates[$0].deleted.isEmpty && updates[$0].links.isEmpty }
        append(moving, updates, Step.update, groups.flatMap { $0 })
        let (early, late) = Self.split(deletes, updates.filter { !$0.links.isEmpty })
        append(deletes, early, groups)
        let moved = Set(moving)
        for group in groups {
            let members = Set(group)
            let rows = inserts.indices.filter { members.contains(inserts[$0].table) }
            let depths = try depths(rows, inserts, members)
            let changed = updates.indices.filter { members.contains(updates[$0].table) && !moved.contains($0) }
            let waiting = Set(
                changed.filter { updates[$0].links.contains { members.contains(inserts[$0.target].table) } }
            )
            append(changed.filter { !waiting.contains($0) }, updates, Step.update, group)
            var byDepth: [Int: [Int]] = [:]
            for row in rows { byDepth[depths[row] ?? 0, default: []].append(row) }
            for depth in byDepth.keys.sorted() { append(byDepth[depth] ?? [], inserts, Step.insert, group) }
            append(changed.filter(waiting.contains), updates, Step.update, group)
            append(rows.filter { postponed[$0] != nil }, inserts, Step.link, group)
        }
        append(deletes, late, groups)
        checkInvariants(inserts: inserts, updates: updates, deletes: deletes)
    }

    private mutating func append(_ rows: [Int], _ all: [Row], _ step: ([Int]) -> Step, _ group: [Int]) {
        for table in group {
            let rows = rows.filter { all[$0].table == table }
            if !rows.isEmpty { steps.append(step(rows)) }
        }
    }

    // MARK: - Inserts

    /// How many rows of the same group of tables have to be inserted before each row, one after the other.
    private mutating func depths(_ rows: [Int], _ inserts: [Row], _ members: Set<Int>) throws(Cycle) -> [Int: Int] {
        var depths: [Int: Int] = [:]
        var open: Set<Int> = []
        for start in rows where depths[start] == nil {
            // A loop instead of a recursion: chains of records may be long.
            var stack = [start]
            while let row = stack.last {
                if depths[row] != nil {
                    stack.removeLast()
                    continue
                }
                open.insert(row)
                let links = inserts[row].links.filter {
                    members.contains(inserts[$0.target].table) && !(postponed[row]?.contains($0.column) ?? false)
                }
                if let next = links.first(where: { depths[$0.target] == nil }) {
                    guard open.contains(next.target) else {
                        stack.append(next.target)
                        continue
                    }
                    let from = try postpone(next.target, of: row, in: stack, inserts)
                    // Who waited for what was postponed is looked at again, and who waits for that one goes on waiting.
                    while let last = stack.last, last != from {
                        open.remove(last)
                        stack.removeLast()
                    }
                    continue
                }
                depths[row] = (links.map { (depths[$0.target] ?? 0) + 1 }.max() ?? 0)
                open.remove(row)
                stack.removeLast()
            }
        }
        return depths
    }

    /// Leaves the references of one row to another out that close a circle.
    ///
    /// - Returns: The row.
    private mutating func postpone(
        _ target: Int,
        of row: Int,
        in stack: [Int],
        _ inserts: [Row]
    ) throws(Cycle) -> Int {
        if cut(row, target, inserts) { return row }
        // Some other reference of the circle will do.
        let circle = stack.drop { $0 != target }
        for (from, to) in zip(circle, circle.dropFirst()) where cut(from, to, inserts) { return from }
        throw Cycle(insert: row)
    }

    /// Leaves out all references of one row to another, if none of them has to be there.
    private mutating func cut(_ row: Int, _ target: Int, _ inserts: [Row]) -> Bool {
        let known = postponed[row] ?? []
        let links = inserts[row].links.filter { $0.target == target && !known.contains($0.column) }
        guard !links.isEmpty, links.allSatisfy(\.isOptional) else { return false }
        for link in links { postponed[row, default: []].insert(link.column) }
        return true
    }

    // MARK: - Deletes

    /// Tells deletes that can come first from those that have to wait for an update.
    private static func split(_ deletes: [Row], _ updates: [Row]) -> (early: [Int], late: [Int]) {
        var late = Set(updates.flatMap(\.deleted))
        // What a late row refers to can't be deleted before it.
        var waiting = Array(late)
        while let row = waiting.popLast() {
            for target in deletes[row].deleted where late.insert(target).inserted { waiting.append(target) }
        }
        return (deletes.indices.filter { !late.contains($0) }, deletes.indices.filter(late.contains))
    }

    private mutating func append(_ deletes: [Row], _ rows: [Int], _ groups: [[Int]]) {
        let rows = Set(rows)
        for group in groups.reversed() {
            let members = Set(group)
            let depths = Self.deletionDepths(rows.filter { members.contains(deletes[$0].table) }.sorted(), deletes)
            var byDepth: [Int: [Int]] = [:]
            for (row, depth) in depths { byDepth[depth, default: []].append(row) }
            for depth in byDepth.keys.sorted() {
                let rows = (byDepth[depth] ?? []).sorted()
                for table in group.reversed() {
                    let rows = rows.filter { deletes[$0].table == table }
                    if !rows.isEmpty { steps.append(.delete(rows)) }
                }
            }
        }
    }

    /// How many rows have to be deleted before each, one after the other. In a circle there is no order; the database has the last
    /// word, whose constraints may be deferred.
    private static func deletionDepths(_ rows: [Int], _ deletes: [Row]) -> [Int: Int] {
        // Those that refer to others before these.
        var order: [Int] = []
        var seen: Set<Int> = []
        for start in rows where !seen.contains(start) {
            var stack = [(row: start, next: 0)]
            seen.insert(start)
            while let (row, next) = stack.last {
                let targets = deletes[row].deleted
                if next < targets.count {
                    stack[stack.count - 1].next += 1
                    if seen.insert(targets[next]).inserted { stack.append((targets[next], 0)) }
                } else {
                    order.append(row)
                    stack.removeLast()
                }
            }
        }
        order.reverse()
        let included = Set(rows)
        var places: [Int: Int] = [:]
        for (place, row) in order.enumerated() { places[row] = place }
        var depths: [Int: Int] = [:]
        for row in order where included.contains(row) {
            let depth = depths[row] ?? 0
            depths[row] = depth
            for target in deletes[row].deleted where included.contains(target) {
                guard (places[target] ?? 0) > (places[row] ?? 0) else { continue }
                depths[target] = max(depths[target] ?? 0, depth + 1)
            }
        }
        return depths
    }

    // MARK: - Tables

    /// The tables, those that are referred to first; those that refer to each other in a circle together.
    private static func groups(_ references: [[Int]]) -> [[Int]] {
        // Tarjan's strongly connected components. https://doi.org/10.1137/0201010
        var groups: [[Int]] = []
        var indices: [Int: Int] = [:]
        var lows: [Int: Int] = [:]
        var stack: [Int] = []
        func visit(_ table: Int) {
            indices[table] = indices.count
            lows[table] = indices[table]
            stack.append(table)
            for target in references[table] {
                if indices[target] == nil { visit(target) }
                if stack.contains(target) { lows[table] = min(lows[table] ?? 0, lows[target] ?? 0) }
            }
            guard lows[table] == indices[table], let start = stack.lastIndex(of: table) else { return }
            groups.append(stack[start...].sorted())
            stack.removeSubrange(start...)
        }
        for table in references.indices where indices[table] == nil { visit(table) }
        return groups
    }
}
