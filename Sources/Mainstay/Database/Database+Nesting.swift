// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Lets scopes begin inside of a scope of the same database, each on a connection and with a transaction of its own.
    ///
    /// ```swift
    /// try await database.write { session in
    ///     try session.execute("UPDATE orders SET state = 'shipped' WHERE id = \(id)")
    ///     // Stays, whatever becomes of the order.
    ///     try await database.separately {
    ///         try await database.execute("INSERT INTO attempts (order_id) VALUES (\(id))")
    ///     }
    /// }
    /// ```
    ///
    /// Without it, such a scope throws `nestedScope`: mostly it is a slip, for what it does is not undone with the scope around it, and
    /// it waits for ever for a row that the other has changed. That still holds here. On SQLite, whose writers take turns, a
    /// writing scope inside of another one throws `wouldDeadlock`.
    ///
    /// - Throws: What the function throws.
    @discardableResult
    public func separately<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await HeldLease.excused(body)
    }

    /// Refuses a scope inside of another one of the same database and task.
    ///
    /// - Throws: `nestedScope`.
    func requireNoScope(around scope: Scope) throws(DatabaseError) {
        guard let outer = HeldLease.scope(in: self) else { return }
        throw DatabaseError(
            .nestedScope,
            "the scope at \(scope.site) begins inside of the scope at \(outer), of the same database and task",
            hint: "use the session of the outer scope, or database.separately { } for a transaction of its own"
        )
    }
}
