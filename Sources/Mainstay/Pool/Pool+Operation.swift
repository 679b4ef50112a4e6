// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension Pool {
    private var now: Duration { environment.clock.now() }

    // MARK: - While it runs

    /// Opens connections ahead from now on, without waiting for them.
    func start() {
        change { $0.decisions.start(now: now) }
    }

    /// Opens connections until so many are there, and waits for them, no longer than a scope waits for one.
    ///
    /// - Throws: Why not.
    func warmUp(_ count: Int, at site: CallSite) async throws {
        let (id, refusal) = state.withLock { ($0.newWaiter(), $0.refusalAfterFork(environment.forks())) }
        if let refusal { throw refusal }
        let now = now
        let deadline = now + configuration.acquireTimeout
        let waiter = PoolState.Waiter(id: id, since: now, deadline: deadline, site: site, holds: nil)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                change { state in
                    state.warmUps[id] = continuation
                    return state.decisions.warmUp(waiter, count: count, now: now)
                }
                // The handler may have run before the waiter was known.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Replaces all connections; those that are leased when they come back, or at once if they are to be broken off.
    func evict(breakingOff: Bool) {
        change(telling: { .evicted }) { $0.decisions.evict(breakingOff: breakingOff, now: now) }
    }

    func resize(size: Int, overflow: Int?, minimumIdle: Int?) {
        change(telling: { .resized }) { state in
            state.decisions.resize(size: size, overflow: overflow, minimumIdle: minimumIdle, now: now)
        }
    }

    func suspend() {
        change(telling: { .suspended }) { $0.decisions.suspend(now: now) }
    }

    func resume() {
        change(telling: { .resumed }) { $0.decisions.resume(now: now) }
    }

    // MARK: - Closing

    /// Lets no more leases begin, and waits for nothing. What is leased is broken off when the grace is over.
    func refuse(grace: Duration) {
        endLeases { $0.refuse(grace: grace, now: now) }
    }

    /// Lets no more leases begin, and waits until every connection is closed; those that are leased are broken off when the
    /// grace is over.
    func close(grace: Duration) async {
        endLeases { $0.close(grace: grace, now: now) }
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                // After a fork the connections are the parent's, and nobody here could close them.
                let isDrained = state.decisions.isDrained || environment.forks() != state.forks
                if !isDrained { state.drained.append(continuation) }
                return isDrained
            }
            if isDrained { continuation.resume() }
        }
        alarm.cancel()
    }

    /// Changes the state to one in which no more leases begin, and tells observers if it was not one.
    private func endLeases(_ event: (inout PoolState) -> [PoolState.Action]) {
        var isFirst = false
        change(telling: { isFirst ? .closing : nil }) { state in
            isFirst = !state.decisions.isRefusing
            return event(&state.decisions)
        }
    }

    /// Lets no more leases begin, and waits for nothing; connections are closed as they come back.
    func abandon() {
        // The alarm goes on for what is still running, and ends with the pool.
        change { $0.decisions.close(grace: nil, now: now) }
    }

    // MARK: - What it does

    /// The connections by what they are doing, and what was done so far.
    var figures: PoolFigures { state.withLock { $0.figures } }

    /// Tells observers, if there are any, what happened. The lock is not held.
    func tell(_ kind: PoolEvent.Kind) {
        guard !observers.isEmpty else { return }
        observers.tell(PoolEvent(role: role, kind: kind, figures: figures))
    }
}
