// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging

extension Database {
    /// What came of an attempt.
    fileprivate enum Attempt<Output: Sendable>: Sendable {
        /// The connection was dead before anything was called or sent.
        case foundDead
        case ended(Result<Output, any Error>, hasCommitted: Bool)
    }

    /// Runs a function and commits what it did.
    func managed<Output: Sendable>(
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
    func run<Output: Sendable>(
        _ scope: Scope,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async throws -> Output {
        collector.add { $0.scopes += 1 }
        let deadline = scope.timeout.map { environment.clock.now() + $0 }
        var failures: [DatabaseError] = []
        while true {
            let (result, hasCommitted) = await attempt(scope, until: deadline, after: failures, body)
            guard case .failure(let error) = result else { return try result.get() }
            let failure = FailedAttempt(
                error,
                of: scope.kind,
                number: failures.count + 1,
                hasCommitted: hasCommitted,
                isCancelled: Task.isCancelled,
                remaining: deadline.map { $0 - environment.clock.now() }
            )
            guard case .runAgain(let pause, let reason) = scope.retry.decide(failure, random: environment.random) else {
                throw (error as? DatabaseError)?.after(failures) ?? error
            }
            willRunAgain(scope, reason, attempt: failures.count + 2)
            // Who is cancelled while waiting for another attempt is told why the first one failed.
            guard (try? await environment.clock.sleepUntil(environment.clock.now() + pause)) != nil else {
                throw reason.after(failures)
            }
            failures.append(reason)
        }
    }

    private func willRunAgain(_ scope: Scope, _ reason: DatabaseError, attempt: Int) {
        configuration.logger.notice(
            "scope is run again",
            metadata: [
                "database": "\(driver.location)", "scope": "\(scope.site)", "attempt": "\(attempt)",
                "error": "\(reason)",
            ]
        )
        collector.add {
            $0.retries += 1
            $0.retriesByReason[reason.rootCode, default: 0] += 1
        }
        scope.pool.tell(.repeated(at: scope.site, because: reason, attempt: attempt))
        // A server that only reads is no longer the primary: all connections to it are of no use.
        if reason.rootCode == .readOnly { scope.pool.evict(breakingOff: false) }
    }

    /// Leases a connection, runs a function with a session on it, and returns the connection.
    private func attempt<Output: Sendable>(
        _ scope: Scope,
        until deadline: Duration?,
        after failures: [DatabaseError],
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async -> (Result<Output, any Error>, hasCommitted: Bool) {
        do {
            var lease = try await scope.pool.lease(at: scope.site, until: deadline)
            while true {
                let session = session(on: lease.connection, for: scope, until: deadline, after: failures)
                let attempt = await HeldLease.with(lease, of: scope.pool) { [lease] in
                    await session.perform(in: self, lease, of: scope.pool, body)
                }
                if case .ended(let result, let hasCommitted) = attempt { return (result, hasCommitted) }
                // The wait goes on where it was, and ends by its deadline.
                lease = try await scope.pool.lease(at: scope.site, until: deadline, insteadOf: lease)
            }
        } catch let error as DatabaseError where error.code == .acquireTimeout && scope.timeout != nil {
            guard let deadline, environment.clock.now() >= deadline else { return (.failure(error), false) }
            return (.failure(DatabaseError.scopeTimeout(scope.timeout).causedBy(error)), false)
        } catch {
            return (.failure(error), false)
        }
    }

    private func session(
        on connection: PooledConnection,
        for scope: Scope,
        until deadline: Duration?,
        after failures: [DatabaseError]
    ) -> Session {
        let idle = IdleSession()
        let period = scope.keepsAlive ? connection.keepAlivePeriod : nil
        let cancellation = Cancellation(
            connection,
            environment,
            keepAlive: period.map { Cancellation.KeepAlive(period: $0, ping: idle.ping) }
        )
        connection.watch.begin(cancellation)
        let session = Session(
            connection,
            options: scope.options,
            policy: policy(of: scope, until: deadline, after: failures),
            cancellation: cancellation
        )
        if period != nil { idle.session = session }
        return session
    }

    private func policy(of scope: Scope, until deadline: Duration?, after failures: [DatabaseError]) -> SessionPolicy {
        let pool = scope.pool
        return SessionPolicy(
            limits: SessionLimits(
                deadline: deadline,
                scopeTimeout: scope.timeout,
                statementTimeout: configuration.statementTimeout
            ),
            commitResolution: configuration.commitResolution,
            isOneQuery: scope.isOneQuery,
            attempt: failures.count + 1,
            lastFailure: failures.last,
            resolved: { [collector, logger = configuration.logger, location = driver.location] outcome, duration in
                logger.warning(
                    "a COMMIT was not answered",
                    metadata: [
                        "database": "\(location)", "scope": "\(scope.site)", "outcome": "\(outcome)",
                        "after": "\(duration.forPeople)",
                    ]
                )
                collector.add { $0.note(outcome) }
                pool.tell(.commitResolved(outcome, after: duration))
            }
        )
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
