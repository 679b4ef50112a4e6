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

    /// Opens connections until so many are there, and waits for them.
    ///
    /// - Throws: Why not.
    func warmUp(_ count: Int, at site: CallSite) async throws {
        let leases = await withTaskGroup(of: Result<Lease, any Error>.self) { group in
            for _ in 0..<min(count, figures.limit) {
                group.addTask {
                    do { return .success(try await self.lease(at: site)) } catch { return .failure(error) }
                }
            }
            // Held until all are there, so that each is another one; awaited to the last, so that none is lost.
            var leases: [Result<Lease, any Error>] = []
            for await lease in group {
                leases.append(lease)
                if case .failure = lease { group.cancelAll() }
            }
            return leases
        }
        for case .success(let lease) in leases { giveBack(lease, .unused) }
        for case .failure(let error) in leases { throw error }
    }

    /// Replaces all connections; those that are leased when they come back, or at once if they are to be broken off.
    func evict(breakingOff: Bool) {
        change(telling: { .evicted }) { $0.decisions.evict(breakingOff: breakingOff, now: now) }
    }

    func resize(size: Int, overflow: Int, minimumIdle: Int) {
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

    /// Lets no more leases begin, and waits until every connection is closed; those that are leased are broken off when the
    /// grace is over.
    func close(grace: Duration) async {
        change(telling: { .closing }) { $0.decisions.close(grace: grace, now: now) }
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

    /// Lets no more leases begin, and waits for nothing.
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
