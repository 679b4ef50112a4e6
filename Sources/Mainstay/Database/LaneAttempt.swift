// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An attempt at a scope whose function waits for nothing but the database, so that its lane is given the whole of it at once.
///
/// Any other scope is a task that goes to the lane and comes back: who waits for a lease is resumed on a thread of Swift's tasks, and
/// goes to the lane from there. Here, a lane that has ended one scope goes on with the next by itself, and wakes nobody in between:
/// under load that is half of what a statement costs.
final class LaneAttempt<Output: Sendable>: Sendable {
    private struct State {
        /// As long as the attempt waits for a lease.
        var waiter: PoolState.WaiterID?
        /// As soon as it has one.
        var cancellation: Cancellation?
        var isCancelled = false
    }

    private let database: Database
    private let scope: Scope
    private let deadline: Duration?
    private let failures: EarlierFailures
    private let body: @Sendable (isolated Session) throws -> Output
    private let state = Mutex(State())

    init(
        _ database: Database,
        _ scope: Scope,
        until deadline: Duration?,
        after failures: EarlierFailures,
        _ body: @escaping @Sendable (isolated Session) throws -> Output
    ) {
        self.database = database
        self.scope = scope
        self.deadline = deadline
        self.failures = failures
        self.body = body
    }

    /// Leases a connection, has its lane run the function with a session on it, and returns the connection.
    ///
    /// - Parameter earlier: A lease whose connection was found dead: its wait goes on.
    func run(insteadOf earlier: Lease?) async -> Attempt<Output> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in lease(insteadOf: earlier, continuation) }
        } onCancel: {
            cancel()
        }
    }

    private func lease(insteadOf earlier: Lease?, _ continuation: CheckedContinuation<Attempt<Output>, Never>) {
        let waiter = scope.pool.lease(at: scope.site, until: deadline, insteadOf: earlier) { [self] result in
            switch result {
            case .success(let lease):
                lease.connection.lane.run { [self] in continuation.resume(returning: perform(lease)) }
            case .failure(let error):
                continuation.resume(
                    returning: .ended(.failure(database.refusal(error, of: scope, until: deadline)))
                )
            }
        }
        guard let waiter else { return }
        // It may have a lease by now, or have been cancelled before it was known by what.
        let isCancelled = state.withLock { state in
            state.waiter = waiter
            return state.isCancelled
        }
        if isCancelled { scope.pool.cancel(waiter) }
    }

    /// On the lane.
    private func perform(_ lease: Lease) -> Attempt<Output> {
        let session = database.session(on: lease.connection, for: scope, until: deadline, after: failures)
        return session.assumeIsolated { [self] session in
            let cancellation = session.context.cancellation
            let isCancelled = state.withLock { state in
                state.cancellation = cancellation
                return state.isCancelled
            }
            if isCancelled { cancellation?.request() }
            return session.perform(in: database, lease, of: scope.pool, onLane: body)
        }
    }

    private func cancel() {
        let (waiter, cancellation) = state.withLock { state in
            state.isCancelled = true
            return (state.waiter, state.cancellation)
        }
        // Whoever has a lease waits no more: this does nothing then.
        if let waiter { scope.pool.cancel(waiter) }
        cancellation?.request()
    }
}
