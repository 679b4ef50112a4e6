// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordStore {
    func update(_ rows: [Int]) throws(DatabaseError) {
        var changes: [Change] = []
        for row in rows {
            let handle = writing.updates[row]
            var (columns, key) = writing.changed[row]
            if handle.hasLinks {
                // The keys of records that were inserted meanwhile.
                try handle.resolveLinks()
                columns = try handle.changedColumns()
            }
            if let change = try Change(handle, columns, key) { changes.append(change) }
        }
        try update(changes)
    }

    /// Updates the changed columns of some records.
    func update(_ changes: [Change]) throws(DatabaseError) {
        // Records whose changes are in the same columns go together.
        var groups: [(columns: ColumnSet, changes: [Int])] = []
        for index in changes.indices {
            let columns = changes[index].columns
            if let group = groups.firstIndex(where: { $0.columns == columns }) {
                groups[group].changes.append(index)
            } else {
                groups.append((columns, [index]))
            }
        }
        for group in groups {
            try update(groups.count == 1 ? changes : group.changes.map { changes[$0] }, group.columns)
        }
    }

    /// A record and what becomes of it.
    struct Change {
        let handle: Tracked<R>
        let columns: ColumnSet
        /// The key that the row has.
        let key: [Value]
        let new: R

        var old: R { handle.original }

        /// Nil if there is nothing to be written.
        init?(_ handle: Tracked<R>, _ columns: ColumnSet, _ key: [Value]) throws(DatabaseError) {
            var columns = columns
            var new = handle.record
            // What the database makes is not taken from it by a value that has none.
            for index in R.schema.generatedIndices where columns.contains(index) {
                guard case .null = try new.columnValue(at: index) else { continue }
                new = R(new, with: [index], of: handle.original)
                columns.remove(index)
            }
            guard !columns.isEmpty else {
                if handle.isChanged { handle.wrote(new, isWhole: false) }
                return nil
            }
            if let version = R.schema.version {
                // Who sets the version by hand gets the row's own, plus one.
                new = R(new, with: [version], of: handle.original)
                new.advanceVersion()
                columns.insert(version)
            }
            self.handle = handle
            self.columns = columns
            self.key = key
            self.new = new
        }
    }

    private func update(_ changes: [Change], _ columns: ColumnSet) throws(DatabaseError) {
        let isKeyChanged = columns.intersects(schema.keys)
        if isKeyChanged {
            for change in changes {
                if let key = change.new.recordKey { try requireNoOther(key, than: change.handle) }
            }
        }
        // What the database makes may have changed with the rest.
        let generated = schema.generated.subtracting(schema.keys).subtracting(columns)
        if !generated.isEmpty, context.dialect.capabilities.contains(.updateReturning) {
            for change in changes {
                guard let record = try returned(try statement(change, columns), generated, of: change) else {
                    throw try stale(changes, change)
                }
                updated(change, record, isKeyChanged: isKeyChanged)
            }
            return
        }
        guard let first = changes.first else { return }
        let statement = try statement(first, columns)
        var sets: [[Value]] = [statement.values]
        let indices = columns.indices
        for place in changes.indices.dropFirst() {
            sets.append(try values(changes[place], indices, as: statement.values))
        }
        let affected = try context.executeBatch(statement, sets: sets).affectedRows
        guard affected == changes.count else { throw try stale(changes) }
        for change in changes {
            let record = generated.isEmpty ? change.new : try read(generated, of: change)
            updated(change, record, isKeyChanged: isKeyChanged)
        }
    }

    private func statement(_ change: Change, _ columns: ColumnSet) throws(DatabaseError) -> SQL {
        var terms: [SQL] = []
        for index in columns.indices {
            terms.append(schema.equation(index, try unit.bound(change.new.columnValue(at: index), index, of: schema)))
        }
        return "UPDATE \(schema.tableSQL) SET \(terms, separator: ", ") WHERE \(try identity(of: change.old))"
    }

    /// The values of the statement for another change, without the statement around them.
    private func values(_ change: Change, _ columns: [Int], as first: [Value]) throws(DatabaseError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(first.count)
        for index in columns { values.append(try unit.bound(change.new.columnValue(at: index), index, of: schema)) }
        values += try bound(change.key)
        if let version = schema.version { values.append(try change.old.columnValue(at: version)) }
        // As the statement has them, which could otherwise mean something else.
        guard values.count == first.count, zip(values, first).allSatisfy({ $0.type == $1.type }) else {
            throw DatabaseError(
                .invalidParameter,
                "the columns of \(schema.name) have values of several types",
                hint: "an SQLEncodable type gives values of its sqlType only"
            )
        }
        return values
    }

    private func updated(_ change: Change, _ record: R, isKeyChanged: Bool) {
        if isKeyChanged { remap(change.handle, from: change.old.recordKey, to: record.recordKey) }
        change.handle.wrote(record, isWhole: false)
    }

    private func returned(_ statement: SQL, _ columns: ColumnSet, of change: Change) throws(DatabaseError) -> R? {
        let sql: SQL = "\(statement) RETURNING \(schema.names(of: columns))"
        return try Query(context, sql, .records(columns, in: change.new)).all().first
    }

    /// Reads columns that the database has made, where UPDATE can't return them.
    private func read(_ columns: ColumnSet, of change: Change) throws(DatabaseError) -> R {
        let condition = try identity(of: change.new, isVersioned: false)
        let sql: SQL = "SELECT \(schema.names(of: columns)) FROM \(schema.tableSQL) WHERE \(condition)"
        let record = try Query(context, sql, .records(columns, in: change.new)).all().first
        guard let record else { throw stale(change.old, isFresh: false) }
        return record
    }

    // MARK: - Stale records

    /// Finds out which of the updated records was stale.
    private func stale(_ changes: [Change], _ known: Change? = nil) throws(DatabaseError) -> DatabaseError {
        var first = known
        for change in changes where first == nil {
            let condition = try identity(of: change.new)
            let sql: SQL = "SELECT 1 FROM \(schema.tableSQL) WHERE \(condition)"
            let isThere = try !Query<Int>(context, sql, .values()).all().isEmpty
            if !isThere { first = change }
        }
        let change = first ?? changes[0]
        return try missing(change.old, isFresh: !change.handle.isStale)
    }

    /// The error for a record whose row was not found by its key and version.
    func missing(_ record: R, isFresh: Bool) throws(DatabaseError) -> DatabaseError {
        if let key = record.recordKey, let form = try otherForm(of: key) {
            return inOtherForm(.staleRecord, form, key)
        }
        return stale(record, isFresh: isFresh)
    }

    /// - Parameter isFresh: Whether the record was read in this transaction, so that reading it again helps.
    func stale(_ record: R, isFresh: Bool) -> DatabaseError {
        DatabaseError(
            .staleRecord,
            "a record of \(schema.name) was changed or deleted by somebody else since it was read",
            hint: "read it again and decide anew; refresh(_:locking:) keeps others from changing it meanwhile"
                + keyHint(record),
            sensitiveDetail: record.recordKey.map { "key \($0)" },
            isTransient: isFresh
        )
    }

    /// What else may be the matter where the database keeps dates and decimals as the text that somebody wrote.
    private func keyHint(_ record: R) -> String {
        guard !context.dialect.capabilities.contains(.strictColumnTypes), let key = record.recordKey,
            let values = try? R.keyValues(key), values.contains(where: \.type.isStoredAsText)
        else { return "" }
        return ". Or its key is stored in another form than the one that is bound; see the guide Types"
    }
}

extension ValueType {
    /// Whether a database without such a type keeps a text that can be written in several ways.
    fileprivate var isStoredAsText: Bool {
        switch self {
        case .date, .time, .dateTime, .timestamp, .decimal, .json: true
        default: false
        }
    }
}
