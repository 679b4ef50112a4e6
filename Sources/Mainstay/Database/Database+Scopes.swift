// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Runs a function in a transaction that reads.
    ///
    /// The transaction begins with the first statement and ends with the function. The server refuses writes. If the
    /// connection is lost or the transaction falls victim to a conflict, the function is run again from the top with a fresh
    /// session; so it should do nothing outside of the transaction that must not be done twice.
    ///
    /// - Parameters:
    ///   - isolation: What the transaction may see of others; by default ``DatabaseConfiguration/isolation``.
    ///   - timeout: How long all of it may take, waiting for a connection and attempts included; by default
    ///     ``DatabaseConfiguration/scopeTimeout``. See <doc:Retrying>.
    ///   - retry: Which failures are cured by running it again; by default ``DatabaseConfiguration/retry``.
    ///   - fileID: The source file of the scope, by which errors and reports name it.
    ///   - line: The line of the scope.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; ``DatabaseError``.
    @discardableResult
    public func read<Result: Sendable>(
        isolation: IsolationLevel? = nil,
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await managed(
            Scope(
                .read,
                readers,
                at: CallSite(fileID: fileID, line: line),
                TransactionOptions(isolation: isolation ?? configuration.isolation, access: .readOnly),
                timeout: timeout ?? configuration.scopeTimeout,
                retry: retry ?? configuration.retry
            ),
            body
        )
    }

    /// Runs a function in a transaction that reads and writes, and commits it.
    ///
    /// The transaction begins with the first statement; it is committed when the function returns and rolled back when it
    /// throws. If the connection is lost before COMMIT was sent, or the transaction falls victim to a conflict, the server
    /// has rolled it back, and the function is run again from the top with a fresh session; so it should do nothing outside
    /// of the transaction that must not be done twice. If the task is cancelled, so is the statement that runs, and what was
    /// done is rolled back.
    ///
    /// - Parameters:
    ///   - isolation: What the transaction may see of others; by default ``DatabaseConfiguration/isolation``.
    ///   - timeout: How long all of it may take, waiting for a connection and attempts included; by default
    ///     ``DatabaseConfiguration/scopeTimeout``. See <doc:Retrying>.
    ///   - retry: Which failures are cured by running it again; by default ``DatabaseConfiguration/retry``.
    ///   - fileID: The source file of the scope, by which errors and reports name it.
    ///   - line: The line of the scope.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; `transactionRolledBack` if the function swallowed an error that failed
    ///   the transaction; `commitOutcomeUnknown` if the connection was lost while COMMIT was under way; ``DatabaseError``.
    @discardableResult
    public func write<Result: Sendable>(
        isolation: IsolationLevel? = nil,
        timeout: Duration? = nil,
        retry: RetryPolicy? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await managed(
            Scope(
                .write,
                writers,
                at: CallSite(fileID: fileID, line: line),
                TransactionOptions(isolation: isolation ?? configuration.isolation, access: .readWrite),
                timeout: timeout ?? configuration.scopeTimeout,
                retry: retry ?? configuration.retry
            ),
            body
        )
    }

    /// Runs a function with a session whose transactions it commits and rolls back itself.
    ///
    /// Each transaction begins with a statement and ends with `commit()` or `rollback()`. What is not committed when the
    /// function ends is rolled back. The function is never run again.
    ///
    /// - Parameters:
    ///   - timeout: How long all of it may take, waiting for a connection and attempts included; by default
    ///     ``DatabaseConfiguration/scopeTimeout``. See <doc:Retrying>.
    ///   - keepsAlive: Whether the server is asked for signs of life while the function awaits something else between two
    ///     transactions, as often as ``PoolConfiguration/keepAlivePeriod`` says and the server demands. Within a transaction it is
    ///     not, for the server's own timeout of idle transactions protects others from it.
    ///   - fileID: The source file of the scope, by which errors and reports name it.
    ///   - line: The line of the scope.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; ``DatabaseError``.
    @discardableResult
    public func withSession<Result: Sendable>(
        timeout: Duration? = nil,
        keepsAlive: Bool = false,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await run(
            Scope(
                .unmanaged,
                writers,
                at: CallSite(fileID: fileID, line: line),
                TransactionOptions(),
                timeout: timeout ?? configuration.scopeTimeout,
                retry: .never,
                keepsAlive: keepsAlive
            ),
            body
        )
    }
}
