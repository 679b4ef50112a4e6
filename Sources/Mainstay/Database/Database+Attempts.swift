// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging

/// What came of an attempt at a scope.
enum Attempt<Output: Sendable>: Sendable {
    /// The lease's connection was dead before anything was called or sent.
    case foundDead(Lease)
    case ended(Result<Output, any Error>, hasCommitted: Bool = false)
}

extension Database {
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

    /// Runs a function that waits for nothing but the database, and commits what it did.
    func managed<Output: Sendable>(
        _ scope: Scope,
        onLane body: @escaping @Sendable (isolated Session) throws -> Output
    ) async throws -> Output {
        try await run(scope) { earlier, deadline, failures in
            await LaneAttempt(self, scope, until: deadline, after: failures) { session in
                let output = try body(session)
                try session.commit()
                return output
            }.run(insteadOf: earlier)
        }
    }

    func run<Output: Sendable>(
        _ scope: Scope,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async throws -> Output {
        try await run(scope) { earlier, deadline, failures in
            await attempt(scope, insteadOf: earlier, until: deadline, after: failures, body)
        }
    }

    /// Makes attempts until one succeeds, the retry policy gives up, or none may be made again.
    ///
    /// - Parameter attempt: Makes one, by a deadline and after failures, instead of one whose connection was found dead.
    private func run<Output: Sendable>(
        _ scope: Scope,
        attempt: (_ insteadOf: Lease?, _ deadline: Duration?, _ failures: EarlierFailures) async -> Attempt<Output>
    ) async throws -> Output {
        try requireNoScope(around: scope)
        collector.add { $0.scopes += 1 }
        let deadline = scope.timeout.map { environment.clock.now() + $0 }
        var failures = EarlierFailures()
        // The wait for another connection goes on where it was, and ends by its deadline.
        var dead: Lease?
        var place = try await firstPlace(of: scope, until: deadline)
        defer { place.map(conflicts.leave) }
        while true {
            let result: Result<Output, any Error>
            let hasCommitted: Bool
            switch await attempt(dead, deadline, failures) {
            case .foundDead(let lease):
                dead = lease
                continue
            case .ended(let ended, hasCommitted: let committed):
                dead = nil
                (result, hasCommitted) = (ended, committed)
            }
            guard case .failure(let error) = result else {
                if place == nil, scope.kind != .unmanaged { conflicts.ranFree(at: scope.site, metConflict: false) }
                return try result.get()
            }
            let now = environment.clock.now()
            let failure = FailedAttempt(
                error,
                of: scope.kind,
                number: failures.count - failures.conflicts + 1,
                conflicts: failures.conflicts + 1,
                sinceFirstConflict: failures.firstConflict.map { now - $0 } ?? .zero,
                hasCommitted: hasCommitted,
                isCancelled: Task.isCancelled,
                remaining: deadline.map { $0 - now }
            )
            guard case .runAgain(let pause, let reason) = scope.retry.decide(failure, random: environment.random) else {
                throw failure.told?.after(failures.kept) ?? error
            }
            willRunAgain(scope, reason, attempt: failures.count + 2)
            failures.append(reason, now: now)
            // Who is cancelled while waiting for another attempt is told why the last one failed.
            do {
                if reason.isConflict, try await takesNewPlace(&place, scope, until: deadline, after: failures) {
                    continue
                }
                try await environment.clock.sleepUntil(now + pause)
            } catch {
                throw reason.after(failures.withoutLatest)
            }
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
        insteadOf earlier: Lease?,
        until deadline: Duration?,
        after failures: EarlierFailures,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async -> Attempt<Output> {
        do {
            let lease = try await scope.pool.lease(at: scope.site, until: deadline, insteadOf: earlier)
            let session = session(on: lease.connection, for: scope, until: deadline, after: failures)
            return await HeldLease.with(lease, of: scope.pool, in: self) {
                await session.perform(in: self, lease, of: scope.pool, body)
            }
        } catch {
            return .ended(.failure(refusal(error, of: scope, until: deadline)))
        }
    }

    /// Why there is no lease for a scope, if its own time was over sooner than the pool's.
    func refusal(_ error: any Error, of scope: Scope, until deadline: Duration?) -> any Error {
        guard let refusal = error as? DatabaseError, refusal.code == .acquireTimeout, scope.timeout != nil,
            let deadline, environment.clock.now() >= deadline
        else { return error }
        return StopReason.scopeTimeout(scope.timeout).error.causedBy(refusal)
    }

    /// A session for an attempt.
    func session(
        on connection: PooledConnection,
        for scope: Scope,
        until deadline: Duration?,
        after failures: EarlierFailures
    ) -> Session {
        let period = scope.keepsAlive ? connection.keepAlivePeriod : nil
        let idle = period.map { _ in IdleSession() }
        let cancellation = Cancellation(
            connection,
            environment,
            keepAlive: idle.flatMap { idle in period.map { Cancellation.KeepAlive(period: $0, ping: idle.ping) } }
        )
        connection.watch.begin(cancellation)
        let session = Session(
            connection,
            options: scope.options,
            policy: policy(of: scope, until: deadline, after: failures),
            cancellation: cancellation
        )
        idle?.session = session
        return session
    }

    private func policy(of scope: Scope, until deadline: Duration?, after failures: EarlierFailures) -> SessionPolicy {
        let pool = scope.pool
        return SessionPolicy(
            limits: SessionLimits(
                deadline: deadline,
                scopeTimeout: scope.timeout,
                statementTimeout: configuration.statementTimeout
            ),
            commitResolution: configuration.commitResolution,
            isManaged: scope.kind != .unmanaged,
            isOneQuery: scope.isOneQuery,
            attempt: failures.count + 1,
            lastFailure: failures.latest,
            resolved: { [collector, driver, logger = configuration.logger] outcome, duration in
                logger.warning(
                    "a COMMIT was not answered",
                    metadata: [
                        "database": "\(driver.location)", "scope": "\(scope.site)", "outcome": "\(outcome)",
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
    func perform<Output: Sendable>(
        in database: Database,
        _ lease: Lease,
        of pool: Pool,
        _ body: @Sendable (isolated Session) async throws -> Output
    ) async -> Attempt<Output> {
        guard isAlive(lease, of: pool) else { return .foundDead(lease) }
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
        return .ended(result, hasCommitted: end(in: database, lease, of: pool))
    }

    /// The same with a function that waits for nothing but the database.
    func perform<Output: Sendable>(
        in database: Database,
        _ lease: Lease,
        of pool: Pool,
        onLane body: @Sendable (isolated Session) throws -> Output
    ) -> Attempt<Output> {
        guard isAlive(lease, of: pool) else { return .foundDead(lease) }
        let result = Result { try body(self) }
        return .ended(result, hasCommitted: end(in: database, lease, of: pool))
    }

    private func isAlive(_ lease: Lease, of pool: Pool) -> Bool {
        guard lease.isToBeLookedAt, !lease.connection.looksAlive() else { return true }
        context.endLease()
        pool.foundDead(lease)
        pool.giveBack(lease, .lost)
        return false
    }

    /// Ends the session and gives its connection back.
    ///
    /// - Returns: Whether it has committed something.
    private func end(in database: Database, _ lease: Lease, of pool: Pool) -> Bool {
        let statements = context.statements
        database.collector.add {
            $0.sessions += 1
            $0.statements += statements
        }
        if let cancellation = context.cancellation, cancellation.leaseEnds() {
            context.abandon()
            pool.quarantine(lease)
            cancellation.onceOver { pool.cancelEnded(lease) }
            return context.transaction.hasCommitted
        }
        // The caller waits for the rollback, so that its locks are gone when the error arrives, and not for more.
        if context.isRollbackNeeded { pool.ending(lease) }
        context.close()
        // Given back before the caller goes on, so that its next scope finds it.
        pool.giveBack(lease, lease.connection.condition(isUsed: statements > 0))
        return context.transaction.hasCommitted
    }
}
