// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A lane that is a thread of its own.
///
/// `@unchecked Sendable`: `queue`, `isStopped`, `isWaiting` and `thread` are touched only while `mutex` is held; `mutex` and
/// `condition` are themselves made for several threads and live as long as the object, which the thread retains until it
/// ends.
public final class ThreadLane: Lane, @unchecked Sendable {
    private let name: String

    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var queue = Deque<Item>()
    private var isStopped = false
    private var isWaiting = false
    private var thread: pthread_t?

    /// Starts a thread.
    ///
    /// - Parameter name: The thread's name as debuggers show it; the system may cut it.
    /// - Throws: `outOfResources` if the system has no thread to give.
    public init(name: String) throws(DatabaseError) {
        self.name = name
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
        pthread_mutex_lock(mutex)
        let status = startThread()
        pthread_mutex_unlock(mutex)
        guard status == 0 else {
            throw DatabaseError(
                .outOfResources,
                "the system has no thread to give: \(String(cString: strerror(status)))"
            )
        }
    }

    /// Starts the thread. The mutex is held.
    ///
    /// - Returns: The system's status, zero for success.
    private func startThread() -> Int32 {
        // The thread takes the reference over, and so retains the lane until it ends.
        let argument = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
        var started: pthread_t?
        #else
        var started = pthread_t()
        #endif
        let status = pthread_create(&started, nil, ThreadLane.main, argument)
        guard status == 0 else {
            Unmanaged<ThreadLane>.fromOpaque(argument).release()
            return status
        }
        #if canImport(Darwin)
        if let started { pthread_detach(started) }
        #else
        pthread_detach(started)
        #endif
        thread = started
        return 0
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Takes a job of the actor whose executor this is.
    public func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Runs a function on the thread.
    public func run(_ work: @escaping @Sendable () -> Void) {
        add(.work(work))
    }

    /// Ends the thread once everything that was given to it has run.
    public func stop() {
        pthread_mutex_lock(mutex)
        isStopped = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Whether the caller is on this lane's thread.
    public func isIsolatingCurrentContext() -> Bool? {
        isOnThread
    }

    /// Traps off the thread; the compiler asks where it can't prove isolation itself.
    public func checkIsolated() {
        precondition(isOnThread, "the session is used off its lane")
    }

    private var isOnThread: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let thread else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    private func add(_ item: Item) {
        pthread_mutex_lock(mutex)
        queue.append(item)
        // A session that escaped its scope may come after the lane was stopped. It is told so on another thread: were
        // its job dropped, whoever awaits it would wait for ever. (Without a thread it waits for the next attempt.)
        if thread == nil { _ = startThread() }
        // Once the mutex is free, the thread may run the item and end, and let go of the lane. Retained, the lane stays
        // until it was signalled; to signal before would have the thread wake up only to wait for the mutex.
        let waking = isWaiting ? Unmanaged.passRetained(self) : nil
        pthread_mutex_unlock(mutex)
        guard let waking else { return }
        pthread_cond_signal(condition)
        waking.release()
    }

    /// Waits for the next item; nil once the lane was stopped and nothing is left.
    private func next() -> Item? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while queue.isEmpty {
            if isStopped {
                thread = nil
                return nil
            }
            isWaiting = true
            pthread_cond_wait(condition, mutex)
            isWaiting = false
        }
        return queue.popFirst()
    }

    private func loop() {
        while let item = next() {
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .work(let work): work()
            }
        }
    }

    #if canImport(Darwin)
    private static let main: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { argument in
        let lane = Unmanaged<ThreadLane>.fromOpaque(argument).takeRetainedValue()
        pthread_setname_np(lane.name)
        lane.loop()
        return nil
    }
    #else
    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let lane = Unmanaged<ThreadLane>.fromOpaque(argument).takeRetainedValue()
        // pthread_setname_np is a GNU extension that is not imported; the file does the same, and cuts at fifteen bytes.
        if let file = fopen("/proc/thread-self/comm", "w") {
            fputs(lane.name, file)
            fclose(file)
        }
        lane.loop()
        return nil
    }
    #endif
}
