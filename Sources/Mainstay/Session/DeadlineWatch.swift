// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes whoever watches over a connection's session when a time has come.
///
/// It belongs to the connection and not to the session: an alarm that one session has set serves those after it, so that most
/// statements with a deadline set none.
final class DeadlineWatch: Sendable {
    private struct State {
        weak var cancellation: Cancellation?
        /// Made with the first deadline.
        var alarm: (any Alarm)?
    }

    private let environment: PoolEnvironment
    private let state = Mutex(State())

    init(_ environment: PoolEnvironment) {
        self.environment = environment
    }

    /// A session's time is watched from now on.
    func begin(_ cancellation: Cancellation) {
        state.withLock { $0.cancellation = cancellation }
    }

    /// Has the session look at a time, if not at an earlier one already.
    func ring(at time: Duration) {
        let alarm = state.withLock { state in
            if let alarm = state.alarm { return alarm }
            let alarm = environment.makeAlarm(environment.clock)
            state.alarm = alarm
            return alarm
        }
        alarm.ring(at: time) { [weak self] in self?.rang() }
    }

    private func rang() {
        guard let cancellation = state.withLock({ $0.cancellation }),
            let next = cancellation.look(now: environment.clock.now())
        else { return }
        ring(at: next)
    }

    /// Nobody is woken any more.
    func end() {
        state.withLock { $0.alarm }?.cancel()
    }
}
