// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// An alarm on a ``SimulatedScheduler``.
///
/// `@unchecked Sendable`: touched only on the scheduler's thread.
package final class SimulatedAlarm: Alarm, @unchecked Sendable {
    private unowned let scheduler: SimulatedScheduler
    private var timer: Int?
    /// When it rings.
    package private(set) var time: Duration?

    package init(_ scheduler: SimulatedScheduler) {
        self.scheduler = scheduler
    }

    package func ring(at deadline: Duration, _ body: @escaping @Sendable () -> Void) {
        if let time, time <= deadline { return }
        cancel()
        time = deadline
        timer = scheduler.at(max(deadline, scheduler.now)) { [self] in
            cancel()
            body()
        }
    }

    package func cancel() {
        if let timer { scheduler.cancel(timer) }
        timer = nil
        time = nil
    }
}
