// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization

/// Counts the lanes that were made and have not ended.
final class LaneCount: Sendable {
    private let count = Mutex(0)

    var current: Int { count.withLock { $0 } }

    /// The lane, counted until it is stopped.
    func counted(_ lane: any Lane) -> any Lane {
        count.withLock { $0 += 1 }
        return CountedLane(lane) { [self] in count.withLock { $0 -= 1 } }
    }
}

/// A lane that tells when it has ended.
private final class CountedLane: Lane {
    private let lane: any Lane
    private let ended: @Sendable () -> Void

    init(_ lane: any Lane, _ ended: @escaping @Sendable () -> Void) {
        self.lane = lane
        self.ended = ended
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        lane.run(work)
    }

    func stop() {
        lane.run { [ended] in ended() }
        lane.stop()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        lane.run { job.runSynchronously(on: executor) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() {
        lane.checkIsolated()
    }

    func isIsolatingCurrentContext() -> Bool? {
        lane.isIsolatingCurrentContext()
    }
}
