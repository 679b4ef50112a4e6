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
        return RelatedRecords(column: index, records: try unit.store(Target.self).load(keys))
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
        try unit.flush(before: .statement)
        let column = R.columns(of: R.schema.tableName)[keyPath: reference]
        let key = try Target.keyColumn()
        var keys: [Mainstay.Value] = []
        for target in targets { keys.append(try target.record.columnValue(at: key)) }
        let store = unit.store(type)
        guard let base = targets.first?.record, keys.contains(where: \.mayEqualOthers) else {
            return ReferringRecords(key: key, records: try store.load(column.index, in: keys))
        }
        let on = column.on(RecordStore<R>.joined)
        return ReferringRecords(key: key, records: try store.load(joining: base, key, on: on, in: keys))
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
