// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordStore {
    /// Reads the row of a handle.
    ///
    /// - Returns: Nil if there is none.
    func read(_ key: R.Key, _ lock: RowLock? = nil) throws(DatabaseError) -> R? {
        let condition: SQL = "\(schema.conditions(try bound(R.keyValues(key))), separator: " AND ")"
        return try rows(condition, lock).first
    }

    /// Reads the rows that meet a condition.
    private func rows(_ condition: SQL, _ lock: RowLock? = nil) throws(DatabaseError) -> [R] {
        let locking = SQL.lock(lock, context.dialect)
        let sql: SQL = "SELECT \(SQL.names(schema.names)) FROM \(schema.tableSQL) WHERE \(condition)\(locking)"
        return try Query(context, sql, .records).all()
    }

    /// Reads the rows of all handles again, after something has changed them behind the session's back.
    func readAgain() throws(DatabaseError) {
        prune()
        let handles = map.values.filter { $0.phase == .persistent }
        guard !handles.isEmpty else { return }
        var found: Set<ObjectIdentifier> = []
        var hasOthers = false
        for row in try rows(of: handles.compactMap { $0.record.recordKey }) {
            guard let key = row.recordKey, let known = handle(key) else {
                hasOthers = true
                continue
            }
            found.insert(ObjectIdentifier(known))
            try known.load(row)
        }
        for handle in handles where !found.contains(ObjectIdentifier(handle)) {
            guard let key = handle.record.recordKey else { continue }
            // The database may have found a row by a key that it takes for the same, and that has other bytes.
            if hasOthers, let row = try read(key) {
                if try load(row, foundBy: key) === handle { try handle.load(row) }
            } else {
                try requireGone(key)
                vanished(handle)
            }
        }
    }

    /// Reads rows by their keys, as many as fit into a statement at a time.
    private func rows(of keys: [R.Key]) throws(DatabaseError) -> [R] {
        var rows: [R] = []
        let indices = schema.keys.indices
        // SQLite's expressions are at most 1,000 deep.
        let dialect = context.dialect
        for batch in dialect.batches(of: keys.count, columns: indices.count == 1 ? 1 : dialect.parameterLimit / 256) {
            var values: [[Value]] = []
            for key in keys[batch] { values.append(try bound(R.keyValues(key))) }
            let condition: SQL
            if indices.count == 1 {
                condition =
                    "\(identifier: schema.columns[indices[0]].name) IN \(SQL.list(values.compactMap(\.first)))"
            } else {
                let terms = values.map { "(\(schema.conditions($0), separator: " AND "))" as SQL }
                condition = "\(terms, separator: " OR ")"
            }
            rows += try self.rows(condition)
        }
        return rows
    }

    /// Makes the values of a handle those of its row.
    func refresh(_ handle: Tracked<R>, _ columns: ColumnSet?, _ lock: RowLock?) throws(DatabaseError) {
        try requirePersistent(handle)
        guard let key = handle.original.recordKey else { return }
        // Everything else is written; what is to be read again is not.
        let changed = dirty.contains { $0 === handle }
        dirty.removeAll { $0 === handle }
        defer { if changed, handle.isChanged { dirty.append(handle) } }
        try unit.flush()
        guard let fresh = try read(key, lock) else {
            if lock?.conflict == .skip {
                throw DatabaseError(.lockTimeout, "the row is locked by somebody else", isTransient: false)
            }
            try requireGone(key)
            vanished(handle)
            throw DatabaseError(
                .noRows,
                "the row of a record of \(schema.name) is gone",
                hint: "somebody has deleted it; the handle keeps its last values",
                sensitiveDetail: "key \(key)"
            )
        }
        if let columns { handle.overwrite(fresh, columns) } else { handle.overwrite(fresh) }
        remap(handle, from: key, to: handle.original.recordKey)
    }
}
