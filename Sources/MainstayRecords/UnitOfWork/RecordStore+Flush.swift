// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension RecordStore {
    func changes() throws(DatabaseError) -> StoreChanges {
        writing = Writing(
            inserts: pending,
            updates: try changed(),
            deletes: try sorted(deleting.filter { $0.phase == .deleting }) { $0.written ?? $0.record }
        )
        var changes = StoreChanges()
        for handle in writing.inserts { changes.inserts.append(try row(handle)) }
        for handle in writing.updates { changes.updates.append(try row(handle)) }
        for handle in writing.deletes { changes.deletes.append(try deletion(handle)) }
        return changes
    }

    /// The handles whose record differs from what is written, in the order of their keys, so that two transactions that change the
    /// same rows wait for each other instead of falling into a deadlock.
    private func changed() throws(DatabaseError) -> [Tracked<R>] {
        var changed: [Tracked<R>] = []
        // One that was written, expired or put back meanwhile may be there twice.
        var seen: Set<ObjectIdentifier> = []
        for handle in dirty where handle.phase == .persistent && seen.insert(ObjectIdentifier(handle)).inserted {
            try handle.resolveLinks()
            guard let written = handle.written else { continue }
            let waits = handle.links.contains { $0.key() == nil }
            let changes = try R.changes(from: written, to: handle.record)
            if waits || !changes.isEmpty {
                changed.append(handle)
            } else {
                handle.wrote(handle.record, isWhole: false)
            }
        }
        return try sorted(changed) { $0.written ?? $0.record }
    }

    private func sorted(
        _ handles: [Tracked<R>],
        by record: (Tracked<R>) -> R
    ) throws(DatabaseError) -> [Tracked<R>] {
        guard handles.count > 1 else { return handles }
        var keyed: [(key: [Value], handle: Tracked<R>)] = []
        for handle in handles {
            let key = try record(handle).recordKey.map { (key) throws(DatabaseError) in try R.keyValues(key) }
            keyed.append((key ?? [], handle))
        }
        return keyed.sorted { Value.precede($0.key, $1.key) }.map { $0.handle }
    }

    private func row(_ handle: Tracked<R>) throws(DatabaseError) -> StoreChanges.Row {
        try handle.resolveLinks()
        return try row(
            handle,
            handle.links.filter { $0.key() == nil }.map { ($0.column, $0.target) },
            old: handle.written ?? handle.record,
            new: handle.record
        )
    }

    /// What counts of a row that is to be deleted is what the database has.
    private func deletion(_ handle: Tracked<R>) throws(DatabaseError) -> StoreChanges.Row {
        try row(handle, [], old: handle.written ?? handle.record, new: nil)
    }

    private func row(
        _ handle: Tracked<R>,
        _ links: [(column: Int, target: any FlushTarget)],
        old: R,
        new: R?
    ) throws(DatabaseError) -> StoreChanges.Row {
        var references: [(column: Int, old: Value?, new: Value?)] = []
        for (index, column) in schema.columns.enumerated() where column.reference != nil {
            references.append((index, try old.columnValue(at: index), try new?.columnValue(at: index)))
        }
        let key = try (new ?? old).recordKey.map { (key) throws(DatabaseError) in try R.keyValues(key) }
        return StoreChanges.Row(
            handle: handle,
            links: links,
            references: references,
            key: key?.count == 1 ? key?.first : nil
        )
    }

    // MARK: - Writing

    /// How many rows a statement holds: powers of two, so that few statements are prepared for any number of rows.
    func batches<Element>(_ elements: [Element], columns: Int) -> [ArraySlice<Element>] {
        // Rows without any column are inserted one by one.
        let limit = columns == 0 ? 1 : max(1, min(1024, context.dialect.parameterLimit / columns))
        var batches: [ArraySlice<Element>] = []
        var start = 0
        while start < elements.count {
            var size = 1
            while size * 2 <= min(limit, elements.count - start) { size *= 2 }
            batches.append(elements[start..<start + size])
            start += size
        }
        return batches
    }

    /// The condition by which a row is found, `"id" = ?`, with the version that it is to have.
    func identity(of record: R, isVersioned: Bool = true) throws(DatabaseError) -> SQL {
        guard let key = record.recordKey else {
            throw DatabaseError(.misuse, "a record of \(schema.name) has no key to be found by")
        }
        var terms = schema.conditions(try R.keyValues(key))
        if isVersioned, let version = schema.version {
            terms.append(schema.equation(version, try record.columnValue(at: version)))
        }
        return "\(terms, separator: " AND ")"
    }
}

extension Value {
    /// Orders keys, where that is possible; others keep the order that they have.
    fileprivate static func precede(_ left: [Value], _ right: [Value]) -> Bool {
        for (left, right) in zip(left, right) {
            switch (left, right) {
            case (.int16(let left), .int16(let right)) where left != right: return left < right
            case (.int32(let left), .int32(let right)) where left != right: return left < right
            case (.int64(let left), .int64(let right)) where left != right: return left < right
            case (.uint64(let left), .uint64(let right)) where left != right: return left < right
            case (.text(let left), .text(let right)) where left != right: return left < right
            case (.uuid(let left), .uuid(let right)) where left != right: return left.uuidString < right.uuidString
            default: continue
            }
        }
        return false
    }
}
