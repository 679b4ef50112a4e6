// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets tasks wait for each other until so many have come.
package final class Rendezvous: Sendable {
    private let missing: Mutex<Int>
    private let gate = Gate()

    package init(of count: Int) {
        missing = Mutex(count)
    }

    package func meet() async {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        if isLast { gate.open() }
        await gate.wait()
    }
}
