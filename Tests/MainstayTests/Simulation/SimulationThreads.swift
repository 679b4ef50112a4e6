// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Threads for schedules, beside those of Swift's tasks: schedules wait for nothing, and would keep other tests waiting.
final class SimulationThreads: Sendable {
    private struct State {
        var next: UInt64
        var running = 0
        var faults: [UInt64: String] = [:]
    }

    /// How many seeds a thread takes at once.
    private static let part: UInt64 = 100
    private let end: UInt64
    private let body: @Sendable (UInt64) -> String?
    private let state: Mutex<State>

    private init(_ seeds: Range<UInt64>, _ body: @escaping @Sendable (UInt64) -> String?) {
        end = seeds.upperBound
        self.body = body
        state = Mutex(State(next: seeds.lowerBound))
    }

    /// Runs a function for each seed, and returns what it returned for those for which it returned something.
    static func run(
        _ seeds: Range<UInt64>,
        _ body: @escaping @Sendable (UInt64) -> String?
    ) async -> [UInt64: String] {
        let threads = SimulationThreads(seeds, body)
        return await withCheckedContinuation { continuation in
            threads.start { continuation.resume(returning: threads.state.withLock { $0.faults }) }
        }
    }

    private func start(_ done: @escaping @Sendable () -> Void) {
        let count = ProcessInfo.processInfo.activeProcessorCount
        state.withLock { $0.running = count }
        for _ in 0..<count {
            let thread = Thread { [self] in
                Self.giveWay()
                while let seeds = take() { seeds.forEach(perform) }
                let isLast = state.withLock { state in
                    state.running -= 1
                    return state.running == 0
                }
                if isLast { done() }
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Whoever waits for time to pass goes first.
    private static func giveWay() {
        #if os(Linux)
        // Without a quality of service here, and of the thread that calls alone, though POSIX says of the process.
        // https://man7.org/linux/man-pages/man2/setpriority.2.html
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #else
        Thread.current.qualityOfService = .background
        #endif
    }

    private func take() -> Range<UInt64>? {
        state.withLock { state in
            // A fault that is found a thousand times is found.
            guard state.next < end, state.faults.count < 10 else { return nil }
            let first = state.next
            state.next = min(end, first + Self.part)
            return first..<state.next
        }
    }

    private func perform(_ seed: UInt64) {
        guard let fault = body(seed) else { return }
        state.withLock { $0.faults[seed] = fault }
    }
}
