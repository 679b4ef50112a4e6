// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import MainstayTesting
import Synchronization

@testable import MainstaySQLite

/// Another connection to a file, on a thread of its own, that holds a lock until it is told to let go.
final class LockHolder: Sendable {
    private let released = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let failure = Mutex<(any Error)?>(nil)

    /// Opens the file, executes a script, which takes the lock, and returns when that is done.
    init(_ configuration: SQLiteConfiguration, _ script: String) throws {
        let held = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            do {
                let connection = try SQLiteConnection(configuration, role: .writer)
                _ = try connection.executeScript(script)
                held.signal()
                released.wait()
                try connection.rollback()
                connection.close()
            } catch {
                failure.withLock { $0 = error }
                held.signal()
            }
            ended.signal()
        }
        held.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Holds the write lock.
    static func writing(_ path: String) throws -> LockHolder {
        try LockHolder(SQLiteConfiguration(.path(path)), "BEGIN IMMEDIATE")
    }

    /// Reads in a transaction. A connection that only reads leaves the file's journal mode as it is.
    static func reading(_ path: String) throws -> LockHolder {
        let configuration = SQLiteConfiguration(.path(path), mode: .readOnly)
        return try LockHolder(configuration, "BEGIN; SELECT count(*) FROM a")
    }

    /// Lets go after a while.
    func release(afterMilliseconds milliseconds: Int) {
        after(milliseconds: milliseconds) { self.released.signal() }
    }

    /// Lets go and waits until that is done.
    func release() {
        released.signal()
        ended.wait()
    }
}

/// Runs something while an interrupter is asked to cancel or abort it, again and again until it is over, as the core
/// does.
func whileInterrupting<Result>(
    _ interrupt: @escaping @Sendable () -> Void,
    _ body: () throws -> Result
) rethrows -> Result {
    let (over, stopped) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    Thread.detachNewThread {
        while over.wait(timeout: .now() + .milliseconds(20)) == .timedOut { interrupt() }
        stopped.signal()
    }
    defer {
        over.signal()
        stopped.wait()
    }
    return try body()
}
