// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Stops what a scope has with the database when its task is cancelled or its time is over, and sees to it that nothing else
/// is hit.
///
/// First the server is asked to cancel the statement. Such a request goes its own way and may arrive when the statement is
/// over; so nothing is sent on the connection while one is under way, and a lease that ends meanwhile leaves its connection
/// in quarantine. A statement that goes on all the same, since the server is silent, is ended by breaking its connection.
final class Cancellation: Sendable {
    /// Something that was sent to the database and has not ended.
    fileprivate struct Execution {
        /// Whether it is not to be cancelled once it was sent, but only broken off: COMMIT and ROLLBACK.
        var isShielded: Bool
        /// When it is to be stopped, and why.
        var stop: (at: Duration, because: StopReason)?
        /// Why it was stopped.
        var reason: StopReason?
        /// When its connection is broken off, after it was stopped.
        var breakAt: Duration?
        /// Signalled when it has ended, for the one who asks the server to cancel it.
        var ended: DispatchSemaphore?
    }

    fileprivate struct State {
        /// Why nothing more is begun: the task was cancelled, or the scope's time is over.
        var end: StopReason?
        var execution: Execution?
        /// When to ask for a sign of life, if nothing is with the database.
        var pingAt: Duration?
        /// Whether the connection was broken off, so that a request that is still under way has nothing to hit.
        var isBrokenOff = false
        /// Signalled when the request that is under way is over.
        var request: DispatchSemaphore?
        /// Told that.
        var onceOver: (@Sendable () -> Void)?
    }

    /// How long after one request to cancel a statement that goes on all the same the next one is made.
    private static let pause = DispatchTimeInterval.milliseconds(20)

    /// How long a statement may go on after its time was over, before its connection is broken off.
    static let grace = Duration.milliseconds(500)

    /// The same after its task was cancelled, where nobody waits for a moment that was set: longer, for to ask the server takes a
    /// connection to it.
    static let graceOfTask = Duration.seconds(2)

    private let connection: PooledConnection
    private let environment: PoolEnvironment
    private let state = Mutex(State())

    /// How the session is kept alive while it does nothing.
    private let keepAlive: KeepAlive?

    /// How often a function is called while the session does nothing.
    struct KeepAlive: Sendable {
        let period: Duration
        let ping: @Sendable () -> Void
    }

    init(_ connection: PooledConnection, _ environment: PoolEnvironment, keepAlive: KeepAlive? = nil) {
        self.connection = connection
        self.environment = environment
        self.keepAlive = keepAlive
        guard let keepAlive else { return }
        let pingAt = environment.clock.now() + keepAlive.period
        state.withLock { $0.pingAt = pingAt }
        connection.watch.ring(at: pingAt)
    }

    // MARK: - On the lane

    /// A statement is about to be sent, that may be cancelled until it has ended.
    ///
    /// - Throws: Why nothing is to be sent: `cancelled`, or `timeout` of the scope; `connectionLost` if a request to cancel an
    ///   earlier statement does not end.
    func begins(_ limits: SessionLimits, isShielded: Bool = false) throws(DatabaseError) {
        let now = limits.areNone ? Duration.zero : environment.clock.now()
        let stop = limits.stop(of: now)
        let (end, isRequestUnderWay) = state.withLock { state in
            guard state.request == nil else { return (nil as StopReason?, true) }
            if let deadline = limits.deadline, now >= deadline, state.end == nil {
                state.end = .scopeTimeout(limits.scopeTimeout)
            }
            state.execution = state.end == nil ? Execution(isShielded: isShielded, stop: stop) : nil
            return (state.end, false)
        }
        if isRequestUnderWay {
            guard waitUntilOver(Self.graceOfTask) else {
                connection.abort()
                throw DatabaseError(.connectionLost, "a request to cancel an earlier statement is still under way")
            }
            return try begins(limits, isShielded: isShielded)
        }
        if let end { throw end.error.during(.notSent) }
        if let stop { connection.watch.ring(at: stop.at) }
    }

    /// Something is about to be sent that has to be sent also after the end, and may take no longer than a timeout.
    ///
    /// - Returns: Whether it may; not, if a request to cancel does not end.
    func beginsCleaning(_ timeout: Duration) -> Bool {
        guard waitUntilOver(timeout) else { return false }
        let stop = environment.clock.now() + timeout
        state.withLock { $0.execution = Execution(isShielded: true, stop: (stop, .cleaningTimeout(timeout))) }
        connection.watch.ring(at: stop)
        return true
    }

    /// The statement has ended.
    ///
    /// - Returns: Why it was stopped, if it was.
    @discardableResult
    func ends() -> DatabaseError? {
        let (reason, ended) = state.withLock { state in
            defer { state.execution = nil }
            return (state.execution?.reason, state.execution?.ended)
        }
        guard let reason else { return nil }
        ended?.signal()
        return reason.error
    }

    /// Waits until no request is under way: before what has to be sent all the same.
    ///
    /// - Returns: Whether it is over; not, if that takes longer than the timeout.
    private func waitUntilOver(_ timeout: Duration) -> Bool {
        guard let request = state.withLock({ $0.request }) else { return true }
        guard request.wait(timeout: .now() + timeout.forDispatch) == .success else { return false }
        request.signal()
        return true
    }

    /// The lease ends.
    ///
    /// - Returns: Whether a request is under way that could hit the next lease; `onceOver` is to be said then.
    func leaseEnds() -> Bool {
        ends()
        return state.withLock { $0.request != nil && !$0.isBrokenOff }
    }

    /// Calls a function when the request is over: now, or later on another thread.
    func onceOver(_ body: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            guard state.request != nil else { return true }
            state.onceOver = body
            return false
        }
        if isOver { body() }
    }

    // MARK: - From anywhere

    /// The task was cancelled.
    func request() {
        let now = environment.clock.now()
        let request = state.withLock { state -> Request? in
            guard state.end == nil else { return nil }
            state.end = .cancelled
            return state.stop(because: .cancelled, now: now)
        }
        guard let request else { return }
        connection.watch.ring(at: now + Self.graceOfTask)
        send(request)
    }

    /// Looks whether the statement's time is over, or nothing was heard of the server for long.
    ///
    /// - Returns: When to look again; nil if there is nothing to look at.
    func look(now: Duration) -> Duration? {
        let (next, request, isToPing) = state.withLock { state -> (Duration?, Request?, Bool) in
            guard let execution = state.execution else {
                guard let keepAlive, let pingAt = state.pingAt else { return (nil, nil, false) }
                guard now >= pingAt else { return (pingAt, nil, false) }
                state.pingAt = now + keepAlive.period
                return (state.pingAt, nil, true)
            }
            if let breakAt = execution.breakAt {
                guard now >= breakAt else { return (breakAt, nil, false) }
                // Under the lock, so that it is not the next statement that is broken off.
                connection.abort()
                state.isBrokenOff = true
                return (nil, nil, false)
            }
            let pingAt = keepAlive.map { now + $0.period }
            state.pingAt = pingAt
            guard let stop = execution.stop else { return (pingAt, nil, false) }
            guard now >= stop.at else { return (min(stop.at, pingAt ?? stop.at), nil, false) }
            let request = state.stop(because: stop.because, now: now)
            return (state.execution?.breakAt, request, false)
        }
        if let request { send(request) }
        if isToPing { keepAlive?.ping() }
        return next
    }

    private typealias Request = (over: DispatchSemaphore, ended: DispatchSemaphore)

    /// Asks the server to cancel, until the statement has ended.
    private func send(_ request: Request) {
        // To ask the server takes a connection to it, for which no thread of Swift's tasks waits.
        guard let lane = try? environment.makeLane("db-cancel-\(connection.id)") else { return isOver(request.over) }
        lane.run { [self] in
            // The statement may be on its way, so that the server knows of none yet: asked again until it has ended.
            repeat {
                connection.cancel()
            } while request.ended.wait(timeout: .now() + Self.pause) == .timedOut
            lane.stop()
            isOver(request.over)
        }
    }

    private func isOver(_ request: DispatchSemaphore) {
        let onceOver = state.withLock { state in
            state.request = nil
            return state.onceOver
        }
        request.signal()
        onceOver?()
    }
}

extension Cancellation.State {
    /// Stops what is being executed.
    ///
    /// - Returns: The request that is to be sent to the server, if it is to be asked.
    fileprivate mutating func stop(
        because reason: StopReason,
        now: Duration
    ) -> (over: DispatchSemaphore, ended: DispatchSemaphore)? {
        guard var execution, execution.reason == nil else { return nil }
        // What is shielded ends by itself, or by its own deadline.
        if execution.isShielded, reason == .cancelled { return nil }
        execution.reason = reason
        execution.breakAt = now + (reason == .cancelled ? Cancellation.graceOfTask : Cancellation.grace)
        defer { self.execution = execution }
        guard !execution.isShielded else { return nil }
        let request = (over: DispatchSemaphore(value: 0), ended: DispatchSemaphore(value: 0))
        execution.ended = request.ended
        self.request = request.over
        return request
    }
}

extension Duration {
    /// The same for Dispatch, which counts whole nanoseconds.
    fileprivate var forDispatch: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .nanoseconds(Int(clamping: seconds) &* 1_000_000_000 &+ Int(clamping: attoseconds / 1_000_000_000))
    }
}
