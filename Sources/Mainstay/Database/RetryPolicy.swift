// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Which scopes are run again after a failure that is not theirs, and how often.
///
/// Only managed scopes are ever run again, as a whole and from the top: `read { }`, `write { }` and the one-line calls made
/// of them. What is run again was rolled back by the server: the connection was lost before COMMIT was sent, or the
/// transaction was the victim of a conflict. A COMMIT of which is not known what became of it is never repeated.
public struct RetryPolicy: Sendable, Hashable {
    /// The largest number of times a scope is run, the first included; 1 is never to run it again, whatever the reason.
    ///
    /// Attempts that fail by a conflict with another transaction are not counted: they are bounded by time.
    public var maxAttempts: Int
    /// How long to wait between attempts.
    public var backoff: Backoff
    /// How long a scope without a timeout is run again after conflicts, from the first one on. A scope with a timeout is run again
    /// until that is over.
    ///
    /// By default 30 s, which is as long as a scope waits for a connection by default: who queues for a hot row has no less
    /// patience than who queues for the pool.
    public var conflictTimeout: Duration

    /// Creates a policy.
    public init(maxAttempts: Int, backoff: Backoff, conflictTimeout: Duration = .seconds(30)) {
        self.maxAttempts = maxAttempts
        self.backoff = backoff
        self.conflictTimeout = conflictTimeout
    }

    /// Up to eight attempts, with waits of up to 10 ms, 20 ms, 40 ms and so on, in all up to 1.3 s; after conflicts any number of them
    /// within 30 s.
    ///
    /// While a server is down, an attempt waits for its connection besides, up to the acquire timeout.
    public static let standard = RetryPolicy(
        maxAttempts: 8,
        backoff: Backoff(first: .milliseconds(10), limit: .seconds(1))
    )

    /// Scopes are never run again.
    public static let never = RetryPolicy(maxAttempts: 1, backoff: Backoff(first: .zero, limit: .zero))

    /// What to do after a failed attempt.
    enum Decision {
        /// Throw the error.
        case giveUp
        /// Wait, then run the scope again.
        case runAgain(after: Duration, because: DatabaseError)
    }

    /// Decides what to do after a failed attempt.
    ///
    /// - Parameter random: A number from 0 up to 1.
    func decide(_ failure: FailedAttempt, random: () -> Double) -> Decision {
        guard failure.scope != .unmanaged, !failure.hasCommitted, !failure.isCancelled, maxAttempts > 1,
            let error = failure.error as? DatabaseError, error.isRepeatable(failure.scope)
        else { return .giveUp }
        let pause: Duration
        if error.isConflict {
            guard failure.remaining != nil || failure.sinceFirstConflict < conflictTimeout else { return .giveUp }
            pause = backoff.pause(beforeAttempt: failure.conflicts, random: random)
        } else {
            guard failure.number < maxAttempts else { return .giveUp }
            pause = backoff.pause(beforeAttempt: failure.number, random: random)
        }
        // Another attempt that could do nothing but time out would hide the reason.
        if let remaining = failure.remaining, remaining <= pause { return .giveUp }
        return .runAgain(after: pause, because: error)
    }
}

extension DatabaseError {
    /// Whether a transaction that ended with this error was rolled back for a reason that may pass.
    func isRepeatable(_ scope: Scope.Kind) -> Bool {
        switch code {
        // A session that lost its connection and goes on after rollback() may fail to connect.
        case .cannotConnect, .tooManyConnections, .connectionLost, .serverUnavailable: isTransient
        // Of a record that was read in the scope itself: read again, it is up to date.
        case .serializationFailure, .deadlock, .staleStatement, .staleRecord: isTransient
        // The server that was the primary is one no more; the next connection finds the one that is.
        case .readOnly: isTransient && scope == .write
        // Who only reads has nothing to lose in a COMMIT.
        case .commitOutcomeUnknown: scope == .read
        case .transactionFailed, .transactionRolledBack:
            (cause as? DatabaseError)?.isRepeatable(scope) ?? false
        default: false
        }
    }

    /// Whether two transactions were in each other's way, and this one had to give way.
    var isConflict: Bool {
        switch rootCode {
        case .serializationFailure, .deadlock, .staleRecord: true
        default: false
        }
    }

    /// The code of what went wrong first.
    var rootCode: Code {
        switch code {
        case .transactionFailed, .transactionRolledBack: (cause as? DatabaseError)?.rootCode ?? code
        default: code
        }
    }
}
