// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An alarm that is a task which sleeps.
///
/// One task sleeps at a time, and the alarm owns it: it is cancelled with ``cancel()`` or when the alarm goes.
final class TaskAlarm: Alarm {
    private struct State {
        var deadline: Duration?
        var task: Task<Void, Never>?
    }

    private let clock: MonotonicClock
    private let state = Mutex(State())

    init(_ clock: MonotonicClock) {
        self.clock = clock
    }

    deinit {
        cancel()
    }

    /// Calls a function at a time, or earlier if an earlier time was asked for already. The function is to ask again.
    func ring(at deadline: Duration, _ body: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if let earlier = state.deadline, earlier <= deadline { return }
            state.task?.cancel()
            state.deadline = deadline
            // Detached, for it is not the business of the task that happens to set it.
            state.task = Task.detached(priority: .high) { [weak self, clock] in
                // A cancelled alarm does not ring: another took its place.
                guard (try? await clock.sleepUntil(deadline)) != nil, let self, take(deadline) else { return }
                body()
            }
        }
    }

    /// Takes the alarm away from the task that rings, unless another took its place meanwhile.
    private func take(_ deadline: Duration) -> Bool {
        state.withLock { state in
            guard state.deadline == deadline else { return false }
            state.deadline = nil
            state.task = nil
            return true
        }
    }

    /// Does not ring any more.
    func cancel() {
        state.withLock { state in
            state.task?.cancel()
            state = State()
        }
    }
}
