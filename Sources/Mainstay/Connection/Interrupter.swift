// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A handle with which any thread interrupts what a connection is doing on its lane.
public protocol Interrupter: Sendable {
    /// Asks the server or the library to stop the statement that is running now.
    ///
    /// The statement then fails with `cancelled`, unless it ends first. Does nothing if none is running. May block for as
    /// long as a connection to the server takes, so it is never called on the cooperative thread pool.
    func cancel()

    /// Breaks the connection, so that a lane that waits for a silent peer wakes up at once with `connectionLost`.
    func abort()
}
