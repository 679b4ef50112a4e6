// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

extension Session {
    /// Inserts records past the session: no handles, and what the database makes is not read back. The fastest way to insert many:
    /// by COPY on PostgreSQL where that does the same as INSERT, and many rows a statement elsewhere.
    ///
    /// - Returns: Their number.
    /// - Throws: ``/Mainstay/DatabaseError``.
    @discardableResult
    public func bulkInsert<R: Record>(_ records: some Sequence<R>) throws(DatabaseError) -> Int {
        let store = unit.store(R.self)
        try unit.flush()
        var groups: [(absent: ColumnSet, records: [R])] = []
        var count = 0
        for record in records {
            let absent = try R.absent(in: record)
            if let index = groups.firstIndex(where: { $0.absent == absent }) {
                groups[index].records.append(record)
            } else {
                groups.append((absent, [record]))
            }
            count += 1
        }
        for group in groups { try store.load(group.records, absent: group.absent) }
        return count
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
                terms.append(schema.equation(index, try record.columnValue(at: index)))
            }
            if let version = schema.version { terms.append(schema.counting(version)) }
            let condition = try store.identity(of: record, isVersioned: false)
            statements.append("UPDATE \(schema.tableSQL) SET \(terms, separator: ", ") WHERE \(condition)")
        }
        defer { store.expireHandles() }
        return try context.executeBatch(statements).affectedRows
    }
}
