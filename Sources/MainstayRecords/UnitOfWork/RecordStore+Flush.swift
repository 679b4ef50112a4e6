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
        let (updates, changed) = try changed()
        writing = Writing(
            inserts: pending,
            updates: updates,
            changed: changed,
            deletes: try sorted(deleting.filter { $0.phase == .deleting })
        )
        var changes = StoreChanges()
        for handle in writing.inserts {
            try handle.resolveLinks()
            changes.inserts.append(try row(handle, key: key(of: handle.record)))
        }
        for handle in writing.updates { changes.updates.append(try row(handle, key: nil)) }
        for handle in writing.deletes {
            // What counts of a row that is to be deleted is what the database has.
            changes.deletes.append(try row(handle, key: key(of: handle.original), isDeleted: true))
        }
        return changes
    }

    /// The handles whose record differs from what is written, in the order of their keys, so that two transactions that change the
    /// same rows wait for each other instead of falling into a deadlock.
    private func changed() throws(DatabaseError) -> ([Tracked<R>], [(columns: ColumnSet, key: [Value])]) {
        var handles: [Tracked<R>] = []
        var changed: [(columns: ColumnSet, key: [Value])] = []
        // One that was written, expired or put back meanwhile may be there twice.
        var seen: Set<ObjectIdentifier> = []
        for handle in dirty where handle.phase == .persistent && handle.isChanged {
            guard seen.insert(ObjectIdentifier(handle)).inserted else { continue }
            try handle.resolveLinks()
            let isWaiting = handle.hasLinks && handle.links.contains { $0.key() == nil }
            let columns = try handle.changedColumns()
            if isWaiting || !columns.isEmpty {
                handles.append(handle)
                changed.append((columns, try handle.originalKey() ?? []))
            } else {
                handle.wrote(handle.record, isWhole: false)
            }
        }
        let order = changed.indices.sorted { Value.precede(changed[$0].key, changed[$1].key) }
        return (order.map { handles[$0] }, order.map { changed[$0] })
    }

    private func sorted(_ handles: [Tracked<R>]) throws(DatabaseError) -> [Tracked<R>] {
        var keys: [[Value]] = []
        for handle in handles { keys.append(try handle.originalKey() ?? []) }
        return keys.indices.sorted { Value.precede(keys[$0], keys[$1]) }.map { handles[$0] }
    }

    private func row(
        _ handle: Tracked<R>,
        key: Value?,
        isDeleted: Bool = false
    ) throws(DatabaseError) -> StoreChanges.Row {
        var references: [(column: Int, old: Value?, new: Value?)] = []
        for index in schema.references {
            let new = isDeleted ? nil : try handle.record.columnValue(at: index)
            references.append((index, try handle.original.columnValue(at: index), new))
        }
        let hasLinks = handle.hasLinks && !isDeleted
        let links = hasLinks ? handle.links.filter { $0.key() == nil }.map { ($0.column, $0.target) } : []
        return StoreChanges.Row(handle: handle, links: links, references: references, key: key)
    }

    /// The value of a key of one column.
    private func key(of record: R) throws(DatabaseError) -> Value? {
        guard let key = record.recordKey else { return nil }
        let values = try R.keyValues(key)
        return values.count == 1 ? values[0] : nil
    }

    // MARK: - Writing

    /// The condition by which a row is found, `"id" = ?`, with the version that it is to have.
    func identity(of record: R, isVersioned: Bool = true) throws(DatabaseError) -> SQL {
        guard let key = record.recordKey else {
            throw DatabaseError(.misuse, "a record of \(schema.name) has no key to be found by")
        }
        var terms = schema.conditions(try bound(R.keyValues(key)))
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
            case (.text(let left), .text(let right)) where !left.hasBytes(of: right):
                return left.utf8.lexicographicallyPrecedes(right.utf8)
            case (.uuid(let left), .uuid(let right)) where left != right: return left.uuidString < right.uuidString
            default: continue
            }
        }
        return false
    }
}
