// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct RetryPolicyTests {
    private struct UsersError: Error {}

    private static let again: [DatabaseError.Code] = [
        .connectionLost, .serverUnavailable, .cannotConnect, .tooManyConnections, .serializationFailure, .deadlock,
        .staleStatement,
    ]
    private static let never: [DatabaseError.Code] = [
        .commitOutcomeUnknown, .lockTimeout, .acquireTimeout, .databaseClosed, .cancelled, .timeout, .readOnly,
        .uniqueViolation, .foreignKeyViolation, .notNullViolation, .checkViolation, .syntaxError, .undefinedObject,
        .typeMismatch, .overflow, .noRows, .misuse, .sessionClosed, .resultPending, .authenticationFailed, .storageFull,
        .invalidParameter, .other, .transactionFailed, .transactionRolledBack,
    ]

    private func decide(
        _ error: any Error,
        attempt: Int = 1,
        hasCommitted: Bool = false,
        policy: RetryPolicy = .standard
    ) -> RetryPolicy.Decision {
        policy.decide(error, attempt: attempt, hasCommitted: hasCommitted) { 0.5 }
    }

    @Test("What the server rolled back for a reason that passes is run again", arguments: again)
    func repeatable(code: DatabaseError.Code) {
        #expect(decide(DatabaseError(code, "")) == .runAgain(after: .milliseconds(5)))
    }

    @Test("What is no one's bad luck is not run again", arguments: never)
    func final(code: DatabaseError.Code) {
        #expect(decide(DatabaseError(code, "")) == .giveUp)
        // Also where a driver calls it transient.
        #expect(decide(DatabaseError(code, "", isTransient: true)) == .giveUp)
    }

    @Test("What a driver says is not transient is not run again", arguments: again)
    func notTransient(code: DatabaseError.Code) {
        #expect(decide(DatabaseError(code, "", isTransient: false)) == .giveUp)
    }

    @Test("A user's own error is not run again, whatever it stands for")
    func usersError() {
        #expect(decide(UsersError()) == .giveUp)
        #expect(decide(CancellationError()) == .giveUp)
    }

    @Test("A failed transaction is run again if the first failure is", arguments: again + never)
    func causes(code: DatabaseError.Code) {
        let expected: RetryPolicy.Decision = Self.again.contains(code) ? .runAgain(after: .milliseconds(5)) : .giveUp
        let cause = DatabaseError(code, "")
        #expect(decide(DatabaseError(.transactionFailed, "", cause: cause)) == expected)
        #expect(decide(DatabaseError(.transactionRolledBack, "", cause: cause)) == expected)
        let deeper = DatabaseError(.transactionFailed, "", cause: cause)
        #expect(decide(DatabaseError(.transactionRolledBack, "", cause: deeper)) == expected)
        // The cause of any other error says nothing about the transaction.
        #expect(decide(DatabaseError(.other, "", cause: cause)) == .giveUp)
        #expect(decide(DatabaseError(.commitOutcomeUnknown, "", cause: cause)) == .giveUp)
    }

    @Test("Nothing is run again after something was committed", arguments: again)
    func committed(code: DatabaseError.Code) {
        #expect(decide(DatabaseError(code, ""), hasCommitted: true) == .giveUp)
    }

    @Test(
        "The number of attempts is bounded",
        arguments: [
            (1, 1, false), (2, 1, true), (2, 2, false), (5, 4, true), (5, 5, false), (5, 6, false), (0, 1, false),
        ]
    )
    func attempts(maxAttempts: Int, attempt: Int, isRunAgain: Bool) {
        let policy = RetryPolicy(maxAttempts: maxAttempts, backoff: Backoff(first: .zero, limit: .zero))
        let decision = decide(DatabaseError(.deadlock, ""), attempt: attempt, policy: policy)
        #expect(decision == (isRunAgain ? .runAgain(after: .zero) : .giveUp))
    }

    @Test("Never is never")
    func policyNever() {
        #expect(decide(DatabaseError(.deadlock, ""), policy: .never) == .giveUp)
    }

    @Test(
        "Pauses double up to the limit, and chance takes any part of them",
        arguments: [
            (0, 1.0, 50), (1, 1.0, 50), (2, 1.0, 100), (3, 1.0, 200), (4, 0.5, 200), (7, 1.0, 3200), (8, 1.0, 5000),
            (1000, 1.0, 5000), (Int.max, 1.0, 5000), (5, 0.0, 0),
        ]
    )
    func backoff(attempt: Int, random: Double, milliseconds: Int) {
        let backoff = Backoff(first: .milliseconds(50), limit: .seconds(5))
        #expect(backoff.pause(beforeAttempt: attempt) { random } == .milliseconds(milliseconds))
    }
}
