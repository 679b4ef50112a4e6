// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization

/// A transaction that a test plays step by step, while others are under way.
///
/// A step that waits for another transaction blocks its lane and not the test: the test goes on as soon as the step has
/// ended or waits. Later steps queue behind it. After a failed step the transaction is rolled back, and later steps do
/// nothing.
final class ScriptedTransaction: Sendable {
    typealias Step = @Sendable (isolated Session) throws -> Void

    private enum Move {
        case step(Step)
        case end(commits: Bool)
    }

    private struct State {
        var hasBegun = false
        var connection: Int?
        var sent = 0
        var ended = 0
        var failure: (any Error)?
        var isCommitted = false
    }

    private let database: Database
    private let backend: any ConformanceBackend
    private let isolation: IsolationLevel
    private let canBeginBesideOthers: Bool
    private let moves: AsyncStream<Move>
    private let continuation: AsyncStream<Move>.Continuation
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter isReader: Whether the transaction only reads. Where only one may write, it runs beside the writer.
    init(_ database: Database, _ backend: any ConformanceBackend, _ isolation: IsolationLevel, isReader: Bool) {
        self.database = database
        self.backend = backend
        self.isolation = isolation
        (moves, continuation) = AsyncStream.makeStream()
        canBeginBesideOthers = backend.dialect.capabilities.contains(.concurrentWriters)
        let isManaged = isReader && !canBeginBesideOthers
        let task = Task {
            do {
                if isManaged { try await self.read() } else { try await self.write() }
            } catch {
                self.state.withLock { state in
                    state.failure = state.failure ?? error
                    state.isCommitted = false
                    state.ended = .max
                }
            }
        }
        self.task.withLock { $0 = task }
    }

    /// Plays a step, and returns when it has ended or waits for another transaction.
    func play(_ step: @escaping Step) async throws {
        try await send(.step(step))
    }

    /// Ends the transaction, after all steps.
    func commit() async throws {
        try await send(.end(commits: true))
    }

    /// Ends the transaction, after all steps.
    func rollback() async throws {
        try await send(.end(commits: false))
    }

    /// Waits until the transaction has ended.
    ///
    /// - Returns: Whether it was committed.
    func outcome() async -> Bool {
        await task.withLock { $0 }?.value
        return state.withLock { $0.isCommitted }
    }

    /// Why the transaction was rolled back, if it was not asked for.
    var failure: DatabaseError? { state.withLock { $0.failure as? DatabaseError } }

    private func send(_ move: Move) async throws {
        state.withLock { $0.sent += 1 }
        continuation.yield(move)
        while !state.withLock({ $0.ended >= $0.sent }), try await !isWaiting() {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Whether the transaction waits for another one: in the pool, if only one may write, else for a lock.
    private func isWaiting() async throws -> Bool {
        let (hasBegun, connection) = state.withLock { ($0.hasBegun, $0.connection) }
        // Who waits for a connection that is being opened waits for nobody.
        guard hasBegun else {
            return !canBeginBesideOthers && database.sum(\.waiting) > database.sum(\.connecting)
        }
        guard let connection else { return false }
        return try await backend.isWaitingForLock(connection, in: database)
    }

    private func read() async throws {
        try await database.read(isolation: isolation, retry: .never) { session in
            self.state.withLock { $0.hasBegun = true }
            try await self.perform(session) { _ in }
        }
    }

    private func write() async throws {
        try await database.withSession { session in
            let isServer = self.backend.dialect.capabilities.contains(.server)
            let connection = isServer ? try self.backend.connectionID(of: session) : nil
            // The transaction that is played begins with its own first statement.
            try session.commit()
            try session.setTransactionOptions(TransactionOptions(isolation: self.isolation))
            self.state.withLock { state in
                state.hasBegun = true
                state.connection = connection
            }
            try await self.perform(session) { commits in
                if commits { try session.commit() } else { session.rollback() }
            }
        }
    }

    private func perform(_ session: isolated Session, _ end: (Bool) throws -> Void) async throws {
        for await move in moves {
            switch move {
            case .step(let step):
                try step(session)
                state.withLock { $0.ended += 1 }
            case .end(let commits):
                try end(commits)
                state.withLock { state in
                    state.ended += 1
                    state.isCommitted = commits
                }
                return
            }
        }
    }
}
