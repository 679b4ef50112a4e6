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
/// `@unchecked Sendable`: `queue`, `isStopped` and `isWaiting` are touched only while `mutex` is held; `mutex` and
/// `condition` are themselves made for several threads and live as long as the object, which the thread retains until it
/// ends; `thread` is written once, under the mutex, before anything else can read it.
public final class ThreadLane: Lane, @unchecked Sendable {
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
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
        let start = Start(lane: self, name: name)
        // The thread is given the only reference to `start` and takes it over.
        let argument = Unmanaged.passRetained(start).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        pthread_mutex_lock(mutex)
        let status = pthread_create(&thread, nil, ThreadLane.main, argument)
        if status == 0 { self.thread = thread }
        pthread_mutex_unlock(mutex)
        guard status == 0 else {
            Unmanaged<Start>.fromOpaque(argument).release()
            throw DatabaseError(
                .outOfResources,
                "the system has no thread to give: \(String(cString: strerror(status)))"
            )
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
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
        let isWaiting = isWaiting
        pthread_mutex_unlock(mutex)
        if isWaiting { pthread_cond_signal(condition) }
    }

    /// Waits for the next item; nil once the lane was stopped and nothing is left.
    private func next() -> Item? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while queue.isEmpty {
            if isStopped { return nil }
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

    /// What the thread is given when it starts.
    private final class Start {
        let lane: ThreadLane
        let name: String

        init(lane: ThreadLane, name: String) {
            self.lane = lane
            self.name = name
        }
    }

    #if canImport(Darwin)
    private static let main: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { argument in
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        pthread_setname_np(start.name)
        start.lane.loop()
        return nil
    }
    #else
    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        // pthread_setname_np is a GNU extension that is not imported; the file does the same, and cuts at fifteen bytes.
        if let file = fopen("/proc/thread-self/comm", "w") {
            fputs(start.name, file)
            fclose(file)
        }
        start.lane.loop()
        return nil
    }
    #endif
}
