// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Calls a function at a time; the earliest time asked for wins.
package protocol Alarm: Sendable {
    /// Calls a function at a time, or earlier if an earlier time was asked for already. The function is to ask again.
    func ring(at deadline: Duration, _ body: @escaping @Sendable () -> Void)

    /// Does not ring any more.
    func cancel()
}
