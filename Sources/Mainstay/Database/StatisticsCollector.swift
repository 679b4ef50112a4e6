// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Adds up statistics from many threads.
final class StatisticsCollector: Sendable {
    private let statistics = UnfairMutex(Statistics())

    var current: Statistics { statistics.withLock { $0 } }

    func add(_ change: (inout Statistics) -> Void) {
        statistics.withLock { change(&$0) }
    }
}
