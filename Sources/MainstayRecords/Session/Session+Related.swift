// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

extension Session {
    /// Reads the records that others refer to, all of them by one statement.
    ///
    /// ```swift
    /// let orders = try session.query(Order.self).all()
    /// let users = try session.load(\.userID, of: orders)
    /// for order in orders { print(users[order]?.name ?? "nobody") }
    /// ```
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func load<R: Record, Value, Target: Record>(
        _ reference: KeyPath<R.Columns, RecordReference<R, Value, Target>>,
        of handles: [Tracked<R>]
    ) throws(DatabaseError) -> RelatedRecords<R, Target> {
        // What was linked just now has its key afterwards.
        try unit.flush(before: .statement)
        let index = R.columns(of: R.schema.tableName)[keyPath: reference].index
        var keys: [Mainstay.Value] = []
        for handle in handles { keys.append(try handle.record.columnValue(at: index)) }
        let related = try unit.store(Target.self).load(Target.keyColumn(), in: keys)
        return RelatedRecords(column: index, records: related.compactMapValues(\.first))
    }

    /// Reads the records that refer to others, all of them by one statement.
    ///
    /// ```swift
    /// let orders = try session.load(Order.self, by: \.userID, of: users)
    /// for user in users { print(user.name, orders[user].count) }
    /// ```
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func load<R: Record, Value, Target: Record>(
        _ type: R.Type,
        by reference: KeyPath<R.Columns, RecordReference<R, Value, Target>>,
        of targets: [Tracked<Target>]
    ) throws(DatabaseError) -> ReferringRecords<Target, R> {
        let index = R.columns(of: R.schema.tableName)[keyPath: reference].index
        try unit.flush(before: .statement)
        let key = try Target.keyColumn()
        var keys: [Mainstay.Value] = []
        for target in targets { keys.append(try target.record.columnValue(at: key)) }
        return ReferringRecords(key: key, records: try unit.store(type).load(index, in: keys))
    }
}

/// The records that others refer to.
public struct RelatedRecords<R: Record, Target: Record> {
    let column: Int
    let records: [Value: Tracked<Target>]

    /// The record that one refers to; nil if it refers to none.
    public subscript(handle: Tracked<R>) -> Tracked<Target>? {
        guard let key = try? handle.record.columnValue(at: column) else { return nil }
        return records[key]
    }
}

/// The records that refer to others.
public struct ReferringRecords<Target: Record, R: Record> {
    let key: Int
    let records: [Value: [Tracked<R>]]

    /// The records that refer to one.
    public subscript(target: Tracked<Target>) -> [Tracked<R>] {
        guard let key = try? target.record.columnValue(at: key) else { return [] }
        return records[key] ?? []
    }
}

@available(*, unavailable, message: "records stay in the scope of their session")
extension RelatedRecords: Sendable {}

@available(*, unavailable, message: "records stay in the scope of their session")
extension ReferringRecords: Sendable {}

extension Record {
    /// The column of a key of one column.
    fileprivate static func keyColumn() throws(DatabaseError) -> Int {
        guard schema.keys.count == 1, let index = schema.keys.indices.first else {
            throw DatabaseError(.unsupported, "\(schema.name) has a key of several columns, which no reference holds")
        }
        return index
    }
}

extension RecordStore {
    /// The handles of the rows in which a column has one of some values, by that value.
    fileprivate func load(_ column: Int, in keys: [Value]) throws(DatabaseError) -> [Value: [Tracked<R>]] {
        var unique: [Value] = []
        var seen: Set<Value> = []
        for key in keys {
            if case .null = key { continue }
            if seen.insert(key).inserted { unique.append(key) }
        }
        var found: [Value: [Tracked<R>]] = [:]
        var start = 0
        while start < unique.count {
            var batch = Array(unique[start..<min(unique.count, start + context.dialect.parameterLimit / 2)])
            start += batch.count
            // Filled up to a power of two with one of them, so that few statements are prepared for any number of keys.
            var size = 1
            while size < batch.count { size *= 2 }
            batch += Array(repeating: batch[0], count: size - batch.count)
            let name = schema.columns[column].name
            let sql: SQL =
                "SELECT \(SQL.names(schema.names)) FROM \(schema.tableSQL) WHERE \(identifier: name) IN \(SQL.list(batch)) ORDER BY \(SQL.names(schema.keyNames))"
            _ = try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
                while try context.step(entry) {
                    let row = try R(from: RecordRow(entry.statement, schema))
                    found[try row.columnValue(at: column), default: []].append(try load(row))
                }
            }
        }
        return found
    }
}

extension SQL {
    /// Values in parentheses, for IN.
    static func list(_ values: [Value]) -> SQL { .rows(values, of: values.map(\.type)) }
}
