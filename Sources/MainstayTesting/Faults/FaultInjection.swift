// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// A fault that waits for its trigger, and tells of it.
public final class FaultInjection: Sendable {
    private struct Waiter {
        let id: Int
        let count: Int
        let resume: @Sendable (Bool) -> Void
    }

    private struct State {
        var begun = 0
        var done = 0
        var lastID = 0
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    init() {}

    /// How often the fault has happened. Whoever has noticed the fault sees it counted.
    public var count: Int { state.withLock { $0.begun } }

    /// Whether the fault has happened.
    public var hasFired: Bool { count > 0 }

    /// Waits until the fault has happened, and blocks the thread meanwhile.
    ///
    /// - Parameters:
    ///   - timeout: For how long at most.
    ///   - times: How often it must have happened.
    /// - Returns: Whether it has.
    public func wait(timeout: Duration = .seconds(10), times: Int = 1) -> Bool {
        let semaphore = DispatchSemaphore(value: 0)
        let outcome = Atomic(false)
        withExtendedLifetime(outcome) {
            whenFired(timeout, times) {
                outcome.store($0, ordering: .relaxed)
                semaphore.signal()
            }
            semaphore.wait()
        }
        return outcome.load(ordering: .relaxed)
    }

    /// Waits until the fault has happened.
    ///
    /// - Parameters:
    ///   - timeout: For how long at most.
    ///   - times: How often it must have happened.
    /// - Returns: Whether it has.
    public func fired(within timeout: Duration = .seconds(10), times: Int = 1) async -> Bool {
        await withCheckedContinuation { continuation in
            whenFired(timeout, times) { continuation.resume(returning: $0) }
        }
    }

    /// Lets the fault happen, once more.
    func fire(_ fault: () -> Void) {
        state.withLock { $0.begun += 1 }
        fault()
        let waiters = state.withLock { state in
            state.done += 1
            let due = state.waiters.filter { $0.count <= state.done }
            state.waiters.removeAll { $0.count <= state.done }
            return due
        }
        waiters.forEach { $0.resume(true) }
    }

    /// Calls a function, once: when the fault has happened so often, or after a while.
    private func whenFired(_ timeout: Duration, _ count: Int, _ resume: @escaping @Sendable (Bool) -> Void) {
        let id: Int? = state.withLock { state in
            guard state.done < count else { return nil }
            state.lastID += 1
            state.waiters.append(Waiter(id: state.lastID, count: count, resume: resume))
            return state.lastID
        }
        guard let id else { return resume(true) }
        DispatchQueue.global().asyncAfter(deadline: .now() + (timeout / .seconds(1))) { [self] in
            let waiter = state.withLock { state in
                let index = state.waiters.firstIndex { $0.id == id }
                return index.map { state.waiters.remove(at: $0) }
            }
            waiter?.resume(false)
        }
    }
}
