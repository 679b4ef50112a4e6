// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A column that gets the key of another record as soon as there is one.
struct Link<R: Record> {
    let column: Int
    /// The handle that is referred to.
    let target: any FlushTarget
    /// Sets the column if the key is known.
    let resolved: () -> ((inout R) -> Void)?
}

/// A handle that others can refer to.
protocol FlushTarget: TrackedRecord {
    /// Whether it is to be inserted.
    var isPending: Bool { get }
}

extension Tracked: FlushTarget {
    var isPending: Bool { phase == .pending }

    /// Has a reference refer to another record, whose key is filled in when it is known: after that record was inserted.
    ///
    /// ```swift
    /// let order = try session.add(Order(total: 10))
    /// order.link(\.userID, to: user)
    /// ```
    ///
    /// - Parameters:
    ///   - reference: A property with `@References`.
    ///   - target: The other record; by the next flush it is in the session.
    public func link<Value, Target: Record>(
        _ reference: KeyPath<R.Columns, RecordReference<R, Value, Target>>,
        to target: Tracked<Target>
    ) {
        let column = R.columns(of: R.schema.tableName)[keyPath: reference]
        let assign = column.assign
        if let key = target.record.recordKey, !target.isPending {
            value = { record in
                var record = record
                assign(&record, key)
                return record
            }(record)
            return
        }
        link(
            Link(column: column.index, target: target) { [unowned target] in
                guard let key = target.record.recordKey else { return nil }
                return { assign(&$0, key) }
            }
        )
        // A row that is there already has to be written again.
        value = record
    }
}
