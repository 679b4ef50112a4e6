// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

extension RecordQuery {
    /// Updates all rows of the query by one statement.
    ///
    /// ```swift
    /// try session.query(User.self).filter { $0.age < 18 }.update { $0.isMinor.set(true) }
    /// ```
    ///
    /// What the session has changed is written before. Handles of the type are read again afterwards, so that they are in step; a
    /// property with `@Version` counts the change.
    ///
    /// - Returns: The number of rows.
    /// - Throws: `misuse` for a query with an order, a limit or a lock, and if a key is assigned; ``/Mainstay/DatabaseError``.
    @discardableResult
    public func update(@AssignmentBuilder _ assignments: (R.Columns) -> [Assignment]) throws(DatabaseError) -> Int {
        try requirePlain()
        let schema = R.schema
        let assignments = assignments(R.columns(of: schema.tableName))
        guard !assignments.isEmpty else { return 0 }
        guard !assignments.contains(where: { schema.keys.contains($0.column) }) else {
            throw DatabaseError(
                .misuse,
                "an UPDATE of many rows does not change keys, by which the session knows them",
                hint: "change the keys of handles, or execute a statement"
            )
        }
        var terms = assignments.map { "\(identifier: schema.columns[$0.column].name) = \($0.sql)" as SQL }
        if let version = schema.version, !assignments.contains(where: { $0.column == version }) {
            terms.append(schema.counting(version))
        }
        return try change("UPDATE \(schema.tableSQL) SET \(terms, separator: ", ")\(filterSQL)")
    }

    /// Deletes all rows of the query by one statement.
    ///
    /// What the session has changed is written before. Handles of rows that are gone are ``TrackedState/deleted`` afterwards.
    ///
    /// - Returns: The number of rows.
    /// - Throws: `misuse` for a query with an order, a limit or a lock; ``/Mainstay/DatabaseError``.
    @discardableResult
    public func delete() throws(DatabaseError) -> Int {
        try requirePlain()
        return try change("DELETE FROM \(R.schema.tableSQL)\(filterSQL)")
    }

    private func change(_ sql: SQL) throws(DatabaseError) -> Int {
        let store = unit.store(R.self)
        try unit.flush()
        let affected = try unit.context.execute(unit.bound(sql)).affectedRows
        if affected > 0 { try store.readAgain() }
        return affected
    }

    private func requirePlain() throws(DatabaseError) {
        guard orderings.isEmpty, limit == nil, offset == nil, lock == nil else {
            throw DatabaseError(
                .misuse,
                "an UPDATE or DELETE of many rows has no order, limit or lock",
                hint: "say which rows by filter { }"
            )
        }
    }
}
