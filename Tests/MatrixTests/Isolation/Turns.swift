// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets a task wait in the middle of its work until others have got further.
final class Turns: Sendable {
    private struct State {
        var working = 0
        var ended = 0
        var waiting: [(until: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// Who need not wait any longer: enough others have ended, or nobody is left to do so.
        mutating func due() -> [CheckedContinuation<Void, Never>] {
            let all = waiting
            if working <= all.count {
                waiting = []
            } else {
                waiting.removeAll { $0.until <= ended }
            }
            return all.filter { one in working <= all.count || one.until <= ended }.map(\.continuation)
        }
    }

    private let state = Mutex(State())

    func begin() {
        state.withLock { $0.working += 1 }
    }

    func end() {
        let due = state.withLock { state in
            state.working -= 1
            state.ended += 1
            return state.due()
        }
        due.forEach { $0.resume() }
    }

    /// Waits until others have ended four times.
    func pass() async {
        await withCheckedContinuation { continuation in
            let due = state.withLock { state in
                state.waiting.append((state.ended + 4, continuation))
                return state.due()
            }
            due.forEach { $0.resume() }
        }
    }
}
