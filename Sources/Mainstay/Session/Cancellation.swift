// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Cancels what a scope has with the database when its task is cancelled, and sees to it that nothing else is hit.
///
/// A request to cancel goes its own way to the server and may arrive when the statement is over. So nothing is sent on the
/// connection while one is under way, and a lease that ends meanwhile leaves its connection in quarantine.
final class Cancellation: Sendable {
    private struct State {
        var isRequested = false
        /// Whether a statement that may be cancelled is with the database.
        var isExecuting = false
        /// Signalled when the request that is under way is over.
        var request: DispatchSemaphore?
        /// Signalled when the statement has ended for which it is made.
        var ended: DispatchSemaphore?
        /// Told that.
        var onceOver: (@Sendable () -> Void)?
    }

    /// How long after one request to cancel a statement that goes on all the same the next one is made.
    private static let pause = DispatchTimeInterval.milliseconds(20)

    private let connection: PooledConnection
    private let makeLane: @Sendable (String) throws(DatabaseError) -> any Lane
    private let state = Mutex(State())

    init(
        _ connection: PooledConnection,
        makeLane: @escaping @Sendable (String) throws(DatabaseError) -> any Lane
    ) {
        self.connection = connection
        self.makeLane = makeLane
    }

    // MARK: - On the lane

    /// A statement is about to be sent, that may be cancelled until it has ended.
    ///
    /// - Throws: `cancelled` if the task was; then nothing is to be sent.
    func begins() throws(DatabaseError) {
        let isRequested = state.withLock { state in
            state.isExecuting = !state.isRequested
            return state.isRequested
        }
        if isRequested { throw .cancelled }
    }

    /// The statement has ended.
    func ends() {
        let ended = state.withLock { state in
            state.isExecuting = false
            return state.ended
        }
        ended?.signal()
    }

    /// Throws `cancelled` if the task was: before a COMMIT, which is not cancelled any more once it was sent.
    func check() throws(DatabaseError) {
        if state.withLock({ $0.isRequested }) { throw .cancelled }
    }

    /// Waits until no request is under way: before what has to be sent all the same.
    ///
    /// - Returns: Whether it is over; not, if that takes longer than the timeout.
    func waitUntilOver(_ timeout: Duration) -> Bool {
        guard let request = state.withLock({ $0.request }) else { return true }
        let (seconds, attoseconds) = timeout.components
        let nanoseconds = Int(clamping: seconds) * 1_000_000_000 + Int(clamping: attoseconds / 1_000_000_000)
        guard request.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success else { return false }
        request.signal()
        return true
    }

    /// The lease ends.
    ///
    /// - Returns: Whether a request is under way; `onceOver` is to be said then.
    func leaseEnds() -> Bool {
        ends()
        return state.withLock { $0.request != nil }
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
        let request = state.withLock { state -> (over: DispatchSemaphore, ended: DispatchSemaphore)? in
            guard !state.isRequested else { return nil }
            state.isRequested = true
            guard state.isExecuting else { return nil }
            let request = (over: DispatchSemaphore(value: 0), ended: DispatchSemaphore(value: 0))
            (state.request, state.ended) = request
            return request
        }
        guard let request else { return }
        // To ask the server takes a connection to it, for which no thread of Swift's tasks waits.
        guard let lane = try? makeLane("db-cancel-\(connection.id)") else { return isOver(request.over) }
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

extension DatabaseError {
    fileprivate static let cancelled = DatabaseError(.cancelled, "the task was cancelled")
}
