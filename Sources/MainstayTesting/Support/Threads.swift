// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
package import Mainstay

/// Runs something on another thread after a while. Tests block their own.
package func after(milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: body)
}

/// The error of ours that a closure throws, if it does, and how long it took.
package func failure(_ body: () throws -> Void) -> (error: DatabaseError?, duration: Duration) {
    let start = ContinuousClock.now
    do {
        try body()
        return (nil, start.duration(to: .now))
    } catch {
        return (error as? DatabaseError, start.duration(to: .now))
    }
}
