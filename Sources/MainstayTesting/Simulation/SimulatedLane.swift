// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// A lane on a ``SimulatedScheduler``: its jobs run in their order, and what blocks a thread in reality takes its time on the
/// scheduler's clock.
///
/// `@unchecked Sendable`: touched only on the scheduler's thread.
package final class SimulatedLane: Lane, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private unowned let scheduler: SimulatedScheduler
    /// How long the next function that is given to the lane takes before it does what it does.
    private let delay: () -> Duration
    private var queue: [Item] = []
    private var timer: Int?
    private var isScheduled = false
    private var isRunning = false
    private var isHurried = false
    /// Whether the lane was stopped and has done everything.
    package private(set) var isStopped = false

    package init(_ scheduler: SimulatedScheduler, delay: @escaping () -> Duration) {
        self.scheduler = scheduler
        self.delay = delay
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    package func run(_ work: @escaping @Sendable () -> Void) {
        add(.work(work))
    }

    package func stop() {
        isStopped = true
    }

    package func isIsolatingCurrentContext() -> Bool? { isRunning }

    package func checkIsolated() {
        precondition(isRunning, "the session is used off its lane")
    }

    /// Ends a delay, as a thread that waits for a peer wakes up when the connection is broken; there is nobody to wait for
    /// afterwards.
    package func wakeUp() {
        isHurried = true
        guard let timer else { return }
        scheduler.cancel(timer)
        self.timer = scheduler.schedule(self, at: scheduler.now)
    }

    private func add(_ item: Item) {
        queue.append(item)
        if !isScheduled, !isRunning { scheduleNext() }
    }

    private func scheduleNext() {
        guard let next = queue.first else { return }
        isScheduled = true
        // Jobs are a scope's; what they wait for is theirs to say.
        guard case .work = next, !isHurried else {
            timer = scheduler.schedule(self, at: scheduler.now)
            return
        }
        timer = scheduler.schedule(self, at: scheduler.now + delay())
    }

    func runNext() {
        timer = nil
        isScheduled = false
        guard !queue.isEmpty else { return }
        let item = queue.removeFirst()
        isRunning = true
        switch item {
        case .job(let job):
            job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(),
                taskExecutor: scheduler.asUnownedTaskExecutor()
            )
        case .work(let work): work()
        }
        isRunning = false
        scheduleNext()
    }
}
