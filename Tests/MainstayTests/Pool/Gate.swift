// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// What blocks a lane's thread until a test opens it. It stays open.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() {
        semaphore.signal()
    }

    func pass() {
        semaphore.wait()
        semaphore.signal()
    }
}

/// A value that several tasks share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        mutex.withLock { body(&$0) }
    }
}

/// Gives way to other tasks until a condition holds.
///
/// - Returns: Whether it came to hold; false after so many turns that something must hang.
func eventually(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<5_000_000 {
        if condition() { return true }
        await Task.yield()
    }
    return condition()
}
