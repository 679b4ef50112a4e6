// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// Writes what a unit of work holds back, in the order of its plan.
struct Flush {
    private let unit: UnitOfWork
    private let stores: [any AnyRecordStore]

    init(_ unit: UnitOfWork) {
        self.unit = unit
        stores = unit.ordered.filter(\.hasChanges)
    }

    func run() throws(DatabaseError) {
        var changes: [StoreChanges] = []
        for store in stores { changes.append(try store.changes()) }
        let inserts = Rows(changes.map(\.inserts))
        let updates = Rows(changes.map(\.updates))
        let deletes = Rows(changes.map(\.deletes))
        let plan = try plan(inserts, updates, deletes, isFolding: true)
        for step in plan.steps {
            switch step {
            case .insert(let rows):
                var postponed: [Int: ColumnSet] = [:]
                for row in rows { postponed[inserts.place(row)] = plan.postponed[row] }
                try store(of: rows, inserts)?.insert(rows.map(inserts.place), without: postponed)
            case .update(let rows): try store(of: rows, updates)?.update(rows.map(updates.place))
            case .delete(let rows): try store(of: rows, deletes)?.delete(rows.map(deletes.place))
            case .link(let rows): try store(of: rows, inserts)?.link(rows.map(inserts.place))
            }
        }
        for store in stores { store.finishFlush() }
    }

    /// The rows of all stores under one number each.
    private struct Rows {
        let rows: [StoreChanges.Row]
        private let stores: [Int]
        private let starts: [Int]

        init(_ changes: [[StoreChanges.Row]]) {
            rows = changes.flatMap { $0 }
            stores = changes.indices.flatMap { Array(repeating: $0, count: changes[$0].count) }
            var starts = [0]
            for rows in changes { starts.append((starts.last ?? 0) + rows.count) }
            self.starts = starts
        }

        func store(_ row: Int) -> Int { stores[row] }
        /// The number that the row has in its store.
        func place(_ row: Int) -> Int { row - starts[stores[row]] }
    }

    private func store(of rows: [Int], _ all: Rows) -> (any AnyRecordStore)? {
        rows.first.map { stores[all.store($0)] }
    }

    // MARK: - The plan

    /// - Parameter isFolding: Whether keys that a collation may take for equal count as such. That only adds to the order, and where it
    ///   closes a circle it is left out.
    private func plan(
        _ inserts: Rows,
        _ updates: Rows,
        _ deletes: Rows,
        isFolding: Bool
    ) throws(DatabaseError) -> FlushPlan {
        var tables: [ObjectIdentifier: Int] = [:]
        for (index, store) in stores.enumerated() { tables[ObjectIdentifier(store.type)] = index }
        let references = stores.map { store in
            store.schema.columns.compactMap { $0.reference.flatMap { tables[ObjectIdentifier($0)] } }
        }
        var numbers: [ObjectIdentifier: Int] = [:]
        for (number, row) in inserts.rows.enumerated() { numbers[ObjectIdentifier(row.handle)] = number }
        let inserted = Keys(inserts, isFolding: isFolding)
        let deleted = Keys(deletes, isFolding: isFolding)

        func links(_ row: StoreChanges.Row, _ table: Int, of own: Int?) throws(DatabaseError) -> [FlushPlan.Link] {
            var links: [FlushPlan.Link] = []
            for (column, target) in row.links {
                guard let number = numbers[ObjectIdentifier(target)] else { throw target.notAdded }
                links.append(link(column, number, table))
            }
            for (column, _, new) in row.references where !row.links.contains(where: { $0.column == column }) {
                guard let target = target(column, table, tables), let new, let number = inserted[target, new]
                else { continue }
                // A row that refers to itself is inserted at once.
                if number != own { links.append(link(column, number, table)) }
            }
            return links
        }
        func deletedRows(_ row: StoreChanges.Row, _ table: Int, of own: Int?, movingOnly: Bool) -> [Int] {
            row.references.compactMap { column, old, new in
                guard let target = target(column, table, tables), let old, !movingOnly || new != old,
                    let number = deleted[target, old], number != own
                else { return nil }
                return number
            }
        }

        var rows: (inserts: [FlushPlan.Row], updates: [FlushPlan.Row]) = ([], [])
        for (number, row) in inserts.rows.enumerated() {
            let table = inserts.store(number)
            rows.inserts.append(FlushPlan.Row(table: table, links: try links(row, table, of: number)))
        }
        for (number, row) in updates.rows.enumerated() {
            let table = updates.store(number)
            rows.updates.append(
                FlushPlan.Row(
                    table: table,
                    links: try links(row, table, of: nil),
                    deleted: deletedRows(row, table, of: nil, movingOnly: true)
                )
            )
        }
        let removed = deletes.rows.enumerated().map { number, row in
            let table = deletes.store(number)
            return FlushPlan.Row(table: table, deleted: deletedRows(row, table, of: number, movingOnly: false))
        }
        do {
            return try FlushPlan(references: references, inserts: rows.inserts, updates: rows.updates, deletes: removed)
        } catch {
            if isFolding { return try self.plan(inserts, updates, deletes, isFolding: false) }
            throw DatabaseError(
                .referenceCycle,
                "records of \(stores[inserts.store(error.insert)].schema.name) and others refer to each other in a circle",
                hint: "make one of the properties with @References optional, so that it can be written afterwards"
            )
        }
    }

    /// The numbers of rows by their tables and keys.
    private struct Keys {
        private struct Key<Content: Hashable>: Hashable {
            let table: Int
            let content: Content
        }

        private var exact: [Key<Value>: Int] = [:]
        /// The same by what collations take for equal.
        private var folded: [Key<FoldedValue>: Int] = [:]

        init(_ rows: Rows, isFolding: Bool) {
            for (number, row) in rows.rows.enumerated() {
                guard let key = row.key else { continue }
                exact[Key(table: rows.store(number), content: key)] = number
                guard isFolding, let content = FoldedValue(key) else { continue }
                folded[Key(table: rows.store(number), content: content)] = number
            }
        }

        subscript(table: Int, value: Value) -> Int? {
            if let number = exact[Key(table: table, content: value)] { return number }
            guard !folded.isEmpty, let content = FoldedValue(value) else { return nil }
            return folded[Key(table: table, content: content)]
        }
    }

    private func target(_ column: Int, _ table: Int, _ tables: [ObjectIdentifier: Int]) -> Int? {
        stores[table].schema.columns[column].reference.flatMap { tables[ObjectIdentifier($0)] }
    }

    private func link(_ column: Int, _ target: Int, _ table: Int) -> FlushPlan.Link {
        FlushPlan.Link(column: column, target: target, isOptional: stores[table].schema.columns[column].isOptional)
    }
}

extension FlushTarget {
    fileprivate var notAdded: DatabaseError {
        DatabaseError(
            .misuse,
            "a record is linked to one of \(schema.name) that is not in the session",
            hint: "add(_:) that one as well"
        )
    }
}
