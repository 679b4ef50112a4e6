// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A mutex for what many threads want all the time, which whoever comes first gets, also past those who sleep and wait for it.
///
/// The standard library's `Mutex` is handed over on Linux: who unlocks it gives it to the one who waits longest, and nobody has it
/// until that one has woken up. Where ten lanes and all tasks want the same pool, they end up waking each other one by one, at twice
/// the cost of a statement. (On Darwin it is unfair as well.)
///
/// `@unchecked Sendable`: `state` is touched only while `mutex` is held.
final class UnfairMutex<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    // Unchecked, since the mutex sees to it that there is one access at a time, but for one within another, which would wait for itself.
    @exclusivity(unchecked) private var state: State

    init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Calls a function with the state, which nobody else has meanwhile.
    @inline(__always)
    func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
