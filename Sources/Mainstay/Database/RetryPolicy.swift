// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Which scopes are run again after a failure that is not theirs, and how often.
///
/// Only managed scopes are ever run again, as a whole and from the top: `read { }`, `write { }` and the one-line calls made
/// of them. What is run again was rolled back by the server: the connection was lost before COMMIT was sent, or the
/// transaction was the victim of a conflict. A COMMIT without an answer is never repeated.
public struct RetryPolicy: Sendable, Hashable {
    /// The largest number of times a scope is run, the first included; 1 is never to run it again.
    public var maxAttempts: Int
    /// How long to wait between attempts.
    public var backoff: Backoff

    /// Creates a policy.
    public init(maxAttempts: Int, backoff: Backoff) {
        self.maxAttempts = maxAttempts
        self.backoff = backoff
    }

    /// Up to five attempts, with waits of up to 10 ms, 20 ms, 40 ms and 80 ms.
    public static let standard = RetryPolicy(
        maxAttempts: 5,
        backoff: Backoff(first: .milliseconds(10), limit: .seconds(1))
    )

    /// Scopes are never run again.
    public static let never = RetryPolicy(maxAttempts: 1, backoff: Backoff(first: .zero, limit: .zero))

    /// What to do after a failed attempt.
    enum Decision: Sendable, Hashable {
        /// Throw the error.
        case giveUp
        /// Wait, then run the scope again.
        case runAgain(after: Duration)
    }

    /// Decides what to do after a failed attempt.
    ///
    /// - Parameters:
    ///   - error: What the attempt threw.
    ///   - attempt: Its number, from 1.
    ///   - hasCommitted: Whether something of it was committed, and would be done twice.
    ///   - isReadOnly: Whether the scope only reads, so that a COMMIT without an answer does not matter.
    ///   - random: A number from 0 up to 1.
    func decide(
        _ error: any Error,
        attempt: Int,
        hasCommitted: Bool,
        isReadOnly: Bool = false,
        random: () -> Double
    ) -> Decision {
        guard
            let error = error as? DatabaseError,
            error.isRepeatable || (isReadOnly && error.code == .commitOutcomeUnknown),
            !hasCommitted, attempt < maxAttempts
        else { return .giveUp }
        return .runAgain(after: backoff.pause(beforeAttempt: attempt, random: random))
    }
}

extension DatabaseError {
    /// Whether a transaction that ended with this error was rolled back for a reason that may pass.
    var isRepeatable: Bool {
        switch code {
        // A session that lost its connection and goes on after rollback() may fail to connect.
        case .cannotConnect, .tooManyConnections, .connectionLost, .serverUnavailable: isTransient
        case .serializationFailure, .deadlock, .staleStatement: isTransient
        case .transactionFailed, .transactionRolledBack: (cause as? DatabaseError)?.isRepeatable ?? false
        default: false
        }
    }
}
