// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

extension Session {
    /// Inserts records past the session: no handles, and what the database makes is not read back. The fastest way to insert many:
    /// by COPY on PostgreSQL where that does the same as INSERT, and many rows a statement elsewhere.
    ///
    /// No more than ten thousand records are kept at once, so that a lazy sequence may have any number of them.
    ///
    /// - Returns: Their number.
    /// - Throws: ``/Mainstay/DatabaseError``.
    @discardableResult
    @inlinable
    public func bulkInsert<R: Record>(_ records: some Sequence<R>) throws(DatabaseError) -> Int {
        var insertion = try bulkInsertion(R.schema)
        var part: [R] = []
        var count = 0
        for record in records {
            part.append(record)
            guard part.count == BulkInsertion.partSize else { continue }
            try insertion.insert(part)
            count += part.count
            part.removeAll(keepingCapacity: true)
        }
        try insertion.insert(part)
        return count + part.count
    }

    @usableFromInline
    func bulkInsertion(_ schema: RecordSchema) throws(DatabaseError) -> BulkInsertion {
        try unit.flush()
        return BulkInsertion(unit, schema)
    }

    /// Updates rows past the session, by their keys. Handles of the type become stale.
    ///
    /// - Parameters:
    ///   - records: The records, with keys.
    ///   - columns: The columns to be written; by default all but the key and those that the database makes.
    /// - Returns: The number of rows that were there. Versions are counted, but not compared.
    /// - Throws: `misuse` for a record without a key; ``/Mainstay/DatabaseError``.
    @discardableResult
    public func bulkUpdate<R: Record>(
        _ records: some Sequence<R>,
        @ColumnSetBuilder columns: (R.Columns) -> [Int]
    ) throws(DatabaseError) -> Int {
        try bulkUpdate(Array(records), ColumnSet(columns(R.columns(of: R.schema.tableName))))
    }

    /// Updates rows past the session, by their keys: all columns but the key and those that the database makes. Handles of the
    /// type become stale.
    ///
    /// - Returns: The number of rows that were there. Versions are counted, but not compared.
    /// - Throws: `misuse` for a record without a key; ``/Mainstay/DatabaseError``.
    @discardableResult
    public func bulkUpdate<R: Record>(_ records: some Sequence<R>) throws(DatabaseError) -> Int {
        try bulkUpdate(Array(records), R.schema.all.subtracting(R.schema.keys).subtracting(R.schema.generated))
    }

    private func bulkUpdate<R: Record>(_ records: [R], _ columns: ColumnSet) throws(DatabaseError) -> Int {
        let store = unit.store(R.self)
        let schema = R.schema
        try unit.flush()
        guard !columns.isEmpty else { return 0 }
        var statements: [SQL] = []
        for record in records {
            var terms: [SQL] = []
            for index in columns.indices where index != schema.version {
                terms.append(schema.equation(index, try unit.bound(record.columnValue(at: index), index, of: schema)))
            }
            if let version = schema.version { terms.append(schema.counting(version)) }
            let condition = try store.identity(of: record, isVersioned: false)
            statements.append("UPDATE \(schema.tableSQL) SET \(terms, separator: ", ") WHERE \(condition)")
        }
        defer { store.expireHandles() }
        return try context.executeBatch(statements).affectedRows
    }
}
