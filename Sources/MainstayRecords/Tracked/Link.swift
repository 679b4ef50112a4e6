// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// A column that gets the key of another record as soon as there is one.
struct Link<R: Record> {
    let column: Int
    /// The handle that is referred to.
    let target: any FlushTarget
    /// The key of the other record, if it is known.
    let key: () -> AnyHashable?
    /// Sets the column to a key.
    let assign: (inout R, AnyHashable) -> Void
    /// The column's value as long as nobody else has set it.
    var expected: Value
    /// Whether that is the key.
    var isResolved = false
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
        unlink(column.index)
        if let key = target.record.recordKey, !target.isPending {
            return change { column.assign(&$0, key) }
        }
        // A value that can't be bound is told by the flush.
        let expected = (try? record.columnValue(at: column.index)) ?? .null(.any)
        // A row that is there already has to be written again.
        change { _ in }
        link(
            Link(
                column: column.index,
                target: target,
                key: { [unowned target] in target.record.recordKey.map { AnyHashable($0) } },
                assign: { record, key in
                    if let key = key.base as? Target.Key { column.assign(&record, key) }
                },
                expected: expected
            )
        )
    }
}
