// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordStore {
    func insert(_ rows: [Int], without postponed: [Int: ColumnSet]) throws(DatabaseError) {
        // Rows that leave the same columns to the database go together.
        var groups: [(absent: ColumnSet, handles: [Tracked<R>], records: [R])] = []
        for row in rows {
            let handle = writing.inserts[row]
            try handle.resolveLinks()
            if let key = handle.record.recordKey { try requireNoOther(key, than: handle) }
            var record = handle.record
            if let columns = postponed[row] {
                writing.postponed[row] = (columns, record)
                record = R(record, without: columns)
            }
            let absent = try R.absent(in: record)
            if let index = groups.firstIndex(where: { $0.absent == absent }) {
                groups[index].handles.append(handle)
                groups[index].records.append(record)
            } else {
                groups.append((absent, [handle], [record]))
            }
        }
        for group in groups {
            if group.absent.isEmpty {
                try insertWhole(group.records)
                for (handle, record) in zip(group.handles, group.records) { inserted(handle, record) }
            } else {
                try requireReturning()
                for records in try Insertion.parts(group.records, absent: group.absent) {
                    try insert(records.map { (group.handles[$0], group.records[$0]) }, absent: group.absent)
                }
            }
        }
    }

    /// Inserts records of which the database makes nothing.
    private func insertWhole(_ records: [R]) throws(DatabaseError) {
        try BulkInsertion(unit, schema).execute(records.count, schema.all) { (rows, columns) throws(DatabaseError) in
            try R.values(of: records[rows], in: columns)
        }
    }

    /// Inserts records and reads what the database makes of them.
    private func insert(_ rows: [(handle: Tracked<R>, record: R)], absent: ColumnSet) throws(DatabaseError) {
        let given = schema.all.subtracting(absent)
        for range in context.dialect.batches(of: rows.count, columns: given.count) {
            let batch = rows[range]
            let insertion = try Insertion(batch.map { $0.record }, given, in: unit)
            let isAlone = batch.count == 1
            // The order of the rows that RETURNING gives is not promised: each is recognized by what was inserted.
            let marks = isAlone ? [] : insertion.marks
            let columns = absent.union(marks)
            let sql: SQL = "\(insertion.statement) RETURNING \(schema.names(of: columns))"
            let returned = try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
                var returned: [R] = []
                while try context.step(entry) {
                    let base = batch[batch.startIndex + min(returned.count, batch.count - 1)].record
                    returned.append(
                        try R(from: RecordRow(entry.statement, schema, columns: columns), replacingIn: base)
                    )
                }
                return returned
            }.0
            guard returned.count == batch.count else {
                throw DatabaseError(
                    .other,
                    "\(batch.count) records of \(schema.name) were inserted, and the database returned \(returned.count)",
                    hint: "a trigger or rule leaves rows out; insert such rows by a statement"
                )
            }
            let order = isAlone ? [0] : try insertion.order(of: returned, marks)
            for (place, index) in order.enumerated() {
                let row = batch[batch.startIndex + index]
                inserted(row.handle, R(row.record, with: absent, of: returned[place]))
            }
        }
    }

    private func inserted(_ handle: Tracked<R>, _ record: R) {
        handle.wrote(record, isWhole: true)
        remap(handle, from: nil, to: record.recordKey)
    }

    private func requireReturning() throws(DatabaseError) {
        guard !context.dialect.capabilities.contains(.insertReturning) else { return }
        throw DatabaseError(
            .unsupported,
            "\(context.dialect.name) has no INSERT … RETURNING, by which a record learns what the database made",
            hint: "give such values yourself: an @ID that is not optional, and no nil in @Generated properties"
        )
    }

    /// Writes the references that were left out of the inserts.
    func link(_ rows: [Int]) throws(DatabaseError) {
        var changes: [Change] = []
        for row in rows {
            let handle = writing.inserts[row]
            if let (columns, record) = writing.postponed[row] {
                handle.value = R(handle.record, with: columns, of: record)
            }
            try handle.resolveLinks(asChange: true)
            let key = try handle.originalKey() ?? []
            if let change = try Change(handle, handle.changedColumns(), key) { changes.append(change) }
        }
        try update(changes)
    }
}

extension Record {
    /// The values of columns, record after record.
    @inlinable
    static func values(of records: some Collection<Self>, in columns: [Int]) throws(DatabaseError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(records.count * columns.count)
        for record in records {
            for index in columns { values.append(try record.columnValue(at: index)) }
        }
        return values
    }

    /// The columns whose value the database is to make: those of which it can, and the record has none.
    @inlinable
    static func absent(in record: Self) throws(DatabaseError) -> ColumnSet {
        var absent = ColumnSet()
        for index in schema.generatedIndices {
            if case .null = try record.columnValue(at: index) { absent.insert(index) }
        }
        return absent
    }
}
