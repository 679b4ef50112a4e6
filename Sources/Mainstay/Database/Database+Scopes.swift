// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging

extension Database {
    /// Runs a function in a transaction that reads.
    ///
    /// The transaction begins with the first statement and ends with the function. The server refuses writes. If the
    /// connection is lost or the transaction falls victim to a conflict, the function is run again from the top with a fresh
    /// session; so it should do nothing outside of the transaction that must not be done twice.
    ///
    /// - Parameters:
    ///   - isolation: What the transaction may see of others; nil leaves the server's default.
    ///   - fileID: The source file of the scope, by which errors and reports name it.
    ///   - line: The line of the scope.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; ``DatabaseError``.
    @discardableResult
    public func read<Result: Sendable>(
        isolation: IsolationLevel? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await managed(
            Scope(
                pool: readers,
                site: CallSite(fileID: fileID, line: line),
                options: TransactionOptions(isolation: isolation, access: .readOnly)
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
    ///   - isolation: What the transaction may see of others; nil leaves the server's default.
    ///   - fileID: The source file of the scope, by which errors and reports name it.
    ///   - line: The line of the scope.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; `transactionRolledBack` if the function swallowed an error that failed
    ///   the transaction; `commitOutcomeUnknown` if the connection was lost while COMMIT was under way; ``DatabaseError``.
    @discardableResult
    public func write<Result: Sendable>(
        isolation: IsolationLevel? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await managed(
            Scope(
                pool: writers,
                site: CallSite(fileID: fileID, line: line),
                options: TransactionOptions(isolation: isolation, access: .readWrite)
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
    ///   - fileID: The source file of the scope, by which errors and reports name it.
    ///   - line: The line of the scope.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; ``DatabaseError``.
    @discardableResult
    public func withSession<Result: Sendable>(
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        let site = CallSite(fileID: fileID, line: line)
        return try await run(Scope(pool: writers, site: site, options: TransactionOptions(), isManaged: false), body)
    }

    // MARK: - Attempts

    /// Which connection a scope wants, where it is, how its transactions begin, and whether it may run again.
    private struct Scope: Sendable {
        var pool: Pool
        var site: CallSite
        var options: TransactionOptions
        var isManaged = true
    }

    /// What came of an attempt.
    fileprivate enum Attempt<Output: Sendable>: Sendable {
        /// The connection was dead before anything was called or sent.
        case foundDead
        case ended(Result<Output, any Error>, hasCommitted: Bool)
    }

    /// Runs a function and commits what it did.
    private func managed<Output: Sendable>(
        _ scope: Scope,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async throws -> Output {
        try await run(scope) { (session: isolated Session) in
            let output = try await body(session)
            try session.commit()
            return output
        }
    }

    /// Runs a function until it succeeds, the retry policy gives up, or it may not run again.
    private func run<Output: Sendable>(
        _ scope: Scope,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async throws -> Output {
        collector.add { $0.scopes += 1 }
        var number = 1
        while true {
            let (result, hasCommitted) = try await attempt(scope, body)
            guard case .failure(let error) = result else { return try result.get() }
            guard scope.isManaged else { throw error }
            let decision = configuration.retry.decide(
                error,
                attempt: number,
                hasCommitted: hasCommitted,
                isReadOnly: scope.options.access == .readOnly,
                random: environment.random
            )
            guard case .runAgain(let pause) = decision, !Task.isCancelled else { throw error }
            configuration.logger.notice(
                "scope is run again",
                metadata: ["database": "\(driver.location)", "attempt": "\(number + 1)", "error": "\(error)"]
            )
            collector.add { $0.retries += 1 }
            // Who is cancelled while waiting for another attempt is told why the first one failed.
            guard (try? await environment.clock.sleepUntil(environment.clock.now() + pause)) != nil else { throw error }
            number += 1
        }
    }

    /// Leases a connection, runs a function with a session on it, and returns the connection.
    private func attempt<Output: Sendable>(
        _ scope: Scope,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async throws -> (Result<Output, any Error>, hasCommitted: Bool) {
        var lease = try await scope.pool.lease(at: scope.site)
        while true {
            let session = Session(
                lease.connection,
                options: scope.options,
                cancellation: Cancellation(lease.connection, makeLane: environment.makeLane)
            )
            let attempt = await HeldLease.with(lease, of: scope.pool) { [lease] in
                await session.perform(in: self, lease, of: scope.pool, body)
            }
            if case .ended(let result, let hasCommitted) = attempt { return (result, hasCommitted) }
            // The wait goes on where it was, and ends by its deadline.
            lease = try await scope.pool.lease(at: scope.site, insteadOf: lease)
        }
    }
}

extension Session {
    /// Runs a scope's function and gives the connection back. The whole of it is one stay on the lane.
    fileprivate func perform<Output: Sendable>(
        in database: Database,
        _ lease: Lease,
        of pool: Pool,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async -> Database.Attempt<Output> {
        if lease.isToBeLookedAt, !lease.connection.looksAlive() {
            pool.foundDead(lease)
            pool.giveBack(lease, .lost)
            return .foundDead
        }
        let result: Result<Output, any Error>
        do {
            result = .success(
                try await withTaskCancellationHandler {
                    try await body(self)
                } onCancel: { [cancellation = context.cancellation] in
                    cancellation?.request()
                }
            )
        } catch {
            result = .failure(error)
        }
        let statements = context.statements
        database.collector.add {
            $0.sessions += 1
            $0.statements += statements
        }
        if let cancellation = context.cancellation, cancellation.leaseEnds() {
            context.abandon()
            pool.quarantine(lease)
            cancellation.onceOver { pool.cancelEnded(lease) }
            return .ended(result, hasCommitted: context.transaction.hasCommitted)
        }
        // The caller waits for the rollback, so that its locks are gone when the error arrives, and not for more.
        if context.isRollbackNeeded { pool.ending(lease) }
        context.close()
        // Given back before the caller goes on, so that its next scope finds it.
        pool.giveBack(lease, lease.connection.condition(isUsed: statements > 0))
        return .ended(result, hasCommitted: context.transaction.hasCommitted)
    }
}
