// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Executes one statement that reads, and copies its rows.
    ///
    /// It is a `read { }` scope of one statement: the server refuses to write, and it is run again where such a scope is. Its
    /// isolation is the server's default, for one statement sees one moment at every level but `READ UNCOMMITTED`. For
    /// `INSERT … RETURNING` use ``write(isolation:timeout:retry:fileID:line:_:)``. All of it is done on the connection's own thread
    /// and outside of the task, so a type that reads itself from a row finds no task-local values there.
    ///
    /// - Throws: ``DatabaseError``.
    public func query(
        _ sql: SQL,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Row] {
        try await readOnce(fileID, line) { session in try session.query(sql).all() }
    }

    /// Executes one statement that reads one column, and reads its rows into single values.
    ///
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func query<Value: SQLDecodable & Sendable>(
        _ sql: SQL,
        as type: Value.Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Value] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Executes one statement that reads, and reads its rows into tuples.
    ///
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func query<
        First: SQLDecodable & Sendable,
        Second: SQLDecodable & Sendable,
        each Other: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (First, Second, repeat each Other).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(First, Second, repeat each Other)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Executes one statement that reads, and reads its rows into `Decodable` values by their columns' names.
    ///
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func query<Output: Decodable & Sendable>(
        _ sql: SQL,
        decoding type: Output.Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [Output] {
        try await readOnce(fileID, line) { session in try session.query(sql, decoding: type).all() }
    }

    /// A `read { }` scope whose only statement is its transaction: begun and ended in the same round trip, where the database can.
    @usableFromInline
    func readOnce<Output: Sendable>(
        _ fileID: StaticString,
        _ line: UInt,
        _ body: @escaping @Sendable (isolated Session) throws -> Output
    ) async throws -> Output {
        try await managed(
            Scope(
                .read,
                readers,
                at: CallSite(fileID: fileID, line: line),
                TransactionOptions(access: .readOnly),
                timeout: configuration.scopeTimeout,
                retry: configuration.retry,
                isOneQuery: true
            ),
            onLane: body
        )
    }

    /// Executes one statement in a transaction of its own, and discards its rows.
    ///
    /// - Parameters:
    ///   - sql: The statement.
    ///   - isolation: What the transaction may see of others; by default ``DatabaseConfiguration/isolation``. A counter that many
    ///     change by `n = n + 1` waits less at ``IsolationLevel/readCommitted``, which loses nothing of a statement that reads
    ///     no rows but those that it changes.
    ///   - fileID: The source file of the call, by which errors and reports name it.
    ///   - line: The line of the call.
    /// - Throws: ``DatabaseError``; `commitOutcomeUnknown` if the connection was lost while the commit was under way.
    @discardableResult
    public func execute(
        _ sql: SQL,
        isolation: IsolationLevel? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> Completion {
        let scope = Scope(
            .write,
            writers,
            at: CallSite(fileID: fileID, line: line),
            TransactionOptions(isolation: isolation ?? configuration.isolation, access: .readWrite),
            timeout: configuration.scopeTimeout,
            retry: configuration.retry
        )
        return try await managed(scope, onLane: { session in try session.execute(sql) })
    }
}
