// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts how many times a scope is run.
final class Attempts: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    /// The number of this time, from 1.
    @discardableResult
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
