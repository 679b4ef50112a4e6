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
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; ``DatabaseError``.
    @discardableResult
    public func read<Result: Sendable>(
        isolation: IsolationLevel? = nil,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await managed(
            Scope(pool: readers, options: TransactionOptions(isolation: isolation, access: .readOnly)),
            body
        )
    }

    /// Runs a function in a transaction that reads and writes, and commits it.
    ///
    /// The transaction begins with the first statement; it is committed when the function returns and rolled back when it
    /// throws. If the connection is lost before COMMIT was sent, or the transaction falls victim to a conflict, the server
    /// has rolled it back, and the function is run again from the top with a fresh session; so it should do nothing outside
    /// of the transaction that must not be done twice.
    ///
    /// - Parameters:
    ///   - isolation: What the transaction may see of others; nil leaves the server's default.
    ///   - body: The function. It is isolated to the session, so its calls are synchronous; what it returns can't be bound
    ///     to the session.
    /// - Throws: What the function throws, unchanged; `transactionRolledBack` if the function swallowed an error that failed
    ///   the transaction; `commitOutcomeUnknown` if the connection was lost while COMMIT was under way; ``DatabaseError``.
    @discardableResult
    public func write<Result: Sendable>(
        isolation: IsolationLevel? = nil,
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await managed(
            Scope(pool: writers, options: TransactionOptions(isolation: isolation, access: .readWrite)),
            body
        )
    }

    /// Runs a function with a session whose transactions it commits and rolls back itself.
    ///
    /// Each transaction begins with a statement and ends with `commit()` or `rollback()`. What is not committed when the
    /// function ends is rolled back. The function is never run again.
    ///
    /// - Throws: What the function throws, unchanged; ``DatabaseError``.
    @discardableResult
    public func withSession<Result: Sendable>(
        _ body: @Sendable (isolated Session) async throws -> Result
    ) async throws -> Result {
        try await run(Scope(pool: writers, options: TransactionOptions(), isManaged: false), body)
    }

    // MARK: - Attempts

    /// Which connection a scope wants, how its transactions begin, and whether it may run again.
    private struct Scope: Sendable {
        var pool: Pool
        var options: TransactionOptions
        var isManaged = true
    }

    /// What came of an attempt.
    fileprivate struct Attempt<Output: Sendable>: Sendable {
        var result: Result<Output, any Error>
        /// Whether the function was called.
        var hasBegun: Bool
        var hasCommitted: Bool
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
        var deadConnections = 0
        while true {
            let attempt = try await attempt(scope, body)
            guard case .failure(let error) = attempt.result else { return try attempt.result.get() }
            if !attempt.hasBegun, (error as? DatabaseError)?.isTransient == true,
                deadConnections < Self.deadConnectionLimit
            {
                // Nothing was called and nothing sent. The next lease waits until the server can be reached.
                deadConnections += 1
                continue
            }
            guard scope.isManaged else { throw error }
            let decision = configuration.retry.decide(
                error,
                attempt: number,
                hasCommitted: attempt.hasCommitted,
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

    /// How many resting connections that turn out to be dead one scope puts up with: more than a pool should hold.
    private static let deadConnectionLimit = 100

    /// Leases a connection, runs a function with a session on it, and returns the connection.
    private func attempt<Output: Sendable>(
        _ scope: Scope,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async throws -> Attempt<Output> {
        let resource = try await scope.pool.lease()
        let session = Session(resource, options: scope.options)
        return await session.perform(in: self, returningTo: scope.pool, body)
    }
}

extension Session {
    /// Runs a scope's function and gives the connection back. The whole of it is one stay on the lane.
    fileprivate func perform<Output: Sendable>(
        in database: Database,
        returningTo pool: Pool,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async -> Database.Attempt<Output> {
        let result: Result<Output, any Error>
        var hasBegun = false
        do {
            do {
                if try context.replaceIfDead() { database.collector.add { $0.connectionsReplaced += 1 } }
            } catch {
                pool.becameUnreachable()
                throw error
            }
            hasBegun = true
            result = .success(try await body(self))
        } catch {
            result = .failure(error)
        }
        context.close()
        let statements = context.statements
        database.collector.add {
            $0.sessions += 1
            $0.statements += statements
        }
        let resource = context.resource
        if resource.isTouched {
            // Cleaning up takes a round trip, for which the caller does not wait.
            lane.run { pool.giveBack(resource) }
        } else {
            // Given back before the caller goes on, so that its next scope finds it.
            pool.giveBack(resource)
        }
        return Database.Attempt(
            result: result,
            hasBegun: hasBegun,
            hasCommitted: context.transaction.hasCommitted
        )
    }
}
