// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

/// Runs tasks, lanes and alarms one job at a time on the thread that asks for it, the next one picked by a seed, on a clock
/// that goes on only when nothing is left to run.
///
/// Whatever is given to it runs the same way each time for the same seed, so that a fault which depends on the order of events
/// can be found, named by its seed and seen again. Everything must run on it: a task that leaves it for another executor is
/// beyond its control.
///
/// `@unchecked Sendable`: all of it is touched only by the thread that calls `run`, on which the jobs run too, and before that
/// by the one that makes it.
package final class SimulatedScheduler: TaskExecutor, @unchecked Sendable {
    private enum Job {
        case task(UnownedJob)
        case lane(SimulatedLane)
        case work(@Sendable () -> Void)
    }

    /// What is due at a time.
    private struct Timer {
        let id: Int
        let time: Duration
        let job: Job
    }

    /// The time since the beginning.
    package private(set) var now = Duration.zero
    /// Where all chance comes from.
    package var generator: SplitMix64
    /// How often the clock was read. Whoever does nothing without asking for the time has done nothing if it is the same.
    package private(set) var readings = 0
    /// How many jobs were run.
    package private(set) var steps = 0

    private var ready: [Job] = []
    private var timers: [Timer] = []
    private var nextTimer = 0

    package init(seed: UInt64) {
        generator = SplitMix64(state: seed)
    }

    // MARK: - What is to run

    package func enqueue(_ job: consuming ExecutorJob) {
        ready.append(.task(UnownedJob(job)))
    }

    /// Starts a task that runs here, and everything in it that has no executor of its own.
    @discardableResult
    package func task(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await body() }
    }

    /// Calls a function at a time.
    ///
    /// - Returns: The timer's number, by which it is cancelled.
    @discardableResult
    package func at(_ time: Duration, _ body: @escaping @Sendable () -> Void) -> Int {
        add(time, .work(body))
    }

    package func cancel(_ timer: Int) {
        timers.removeAll { $0.id == timer }
    }

    func schedule(_ lane: SimulatedLane, at time: Duration) -> Int? {
        guard time > now else {
            ready.append(.lane(lane))
            return nil
        }
        return add(time, .lane(lane))
    }

    private func add(_ time: Duration, _ job: Job) -> Int {
        nextTimer += 1
        timers.append(Timer(id: nextTimer, time: time, job: job))
        return nextTimer
    }

    // MARK: - Running

    /// Runs the next job; if none is ready, lets time pass until one is.
    ///
    /// - Parameter deadline: Time does not pass beyond this.
    /// - Returns: False if nothing is left to run before the deadline.
    package func step(until deadline: Duration) -> Bool {
        if ready.isEmpty, !letTimePass(until: deadline) { return false }
        steps += 1
        let index = ready.count == 1 ? 0 : Int(generator.next() % UInt64(ready.count))
        ready.swapAt(index, ready.count - 1)
        switch ready.removeLast() {
        case .task(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .lane(let lane): lane.runNext()
        case .work(let work): work()
        }
        return true
    }

    private func letTimePass(until deadline: Duration) -> Bool {
        var next: Duration?
        for timer in timers where next.map({ timer.time < $0 }) ?? true { next = timer.time }
        guard let next, next <= deadline else { return false }
        now = max(now, next)
        timers.removeAll { timer in
            guard timer.time <= now else { return false }
            ready.append(timer.job)
            return true
        }
        return true
    }

    /// Whether anything would still happen, now or later.
    package var isQuiet: Bool { ready.isEmpty && timers.isEmpty }

    // MARK: - For the pool

    /// The scheduler's clock.
    package var clock: MonotonicClock {
        MonotonicClock(
            now: { [self] in
                readings += 1
                return now
            },
            sleepUntil: { [self] time in try await sleep(until: time) }
        )
    }

    /// Waits. Throws if the task is cancelled.
    package func sleep(until time: Duration) async throws {
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                sleeper.continuation = continuation
                sleeper.timer = at(time) { sleeper.wake(.success(())) }
                if Task.isCancelled { sleeper.wake(.failure(CancellationError())) }
            }
        } onCancel: {
            cancel(sleeper.timer)
            sleeper.wake(.failure(CancellationError()))
        }
    }

    /// A number from a range.
    package func random(_ range: Range<Int>) -> Int {
        range.lowerBound + Int(generator.next() % UInt64(range.count))
    }

    /// True so many times in a hundred.
    package func chance(_ percent: Int) -> Bool {
        random(0..<100) < percent
    }

    /// `@unchecked Sendable`: touched only on the scheduler's thread.
    private final class Sleeper: @unchecked Sendable {
        var continuation: CheckedContinuation<Void, any Error>?
        var timer = 0

        func wake(_ result: Result<Void, any Error>) {
            let continuation = continuation
            self.continuation = nil
            continuation?.resume(with: result)
        }
    }
}
