// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Which failures are cured by running a scope again: design §7, row by row.
struct RetryPolicyTests {
    private struct UsersError: Error {}

    /// What is run again in scopes that read, and in scopes that write.
    private static let again: [DatabaseError.Code] = [
        .connectionLost, .serverUnavailable, .cannotConnect, .tooManyConnections, .serializationFailure, .deadlock,
        .staleStatement, .staleRecord,
    ]
    private static let never: [DatabaseError.Code] = [
        .lockTimeout, .acquireTimeout, .poolExhausted, .wouldDeadlock, .databaseClosed, .cancelled, .timeout,
        .uniqueViolation, .foreignKeyViolation, .notNullViolation, .checkViolation, .syntaxError, .undefinedObject,
        .typeMismatch, .overflow, .noRows, .misuse, .sessionClosed, .resultPending, .authenticationFailed, .storageFull,
        .invalidParameter, .other, .transactionFailed, .transactionRolledBack, .dataCorrupted, .unsupported,
        .duplicateIdentity, .referenceCycle,
    ]

    private func decide(_ failure: FailedAttempt, policy: RetryPolicy = .standard) -> Duration? {
        switch policy.decide(failure, random: { 0.5 }) {
        case .giveUp: nil
        case .runAgain(let pause, _): pause
        }
    }

    private func isRunAgain(_ error: any Error, _ scope: Scope.Kind = .write, policy: RetryPolicy = .standard) -> Bool {
        decide(FailedAttempt(error, of: scope), policy: policy) != nil
    }

    @Test("What the server rolled back for a reason that passes is run again", arguments: again)
    func repeatable(code: DatabaseError.Code) {
        let error = DatabaseError(code, "")
        #expect(decide(FailedAttempt(error, of: .write)) == .milliseconds(5))
        #expect(decide(FailedAttempt(error, of: .read)) == .milliseconds(5))
        #expect(decide(FailedAttempt(error, of: .unmanaged)) == nil)
    }

    @Test("What is no one's bad luck is not run again", arguments: never, Scope.Kind.allCases)
    func final(code: DatabaseError.Code, scope: Scope.Kind) {
        #expect(!isRunAgain(DatabaseError(code, ""), scope))
        // Also where a driver calls it transient.
        #expect(!isRunAgain(DatabaseError(code, "", isTransient: true), scope))
    }

    @Test("What a driver says is not transient is not run again", arguments: again, Scope.Kind.allCases)
    func notTransient(code: DatabaseError.Code, scope: Scope.Kind) {
        #expect(!isRunAgain(DatabaseError(code, "", isTransient: false), scope))
    }

    @Test(
        "However far the statement came, the server has rolled the transaction back",
        arguments: DatabaseError.Phase.allCases
    )
    func phases(phase: DatabaseError.Phase) {
        let error = DatabaseError(.connectionLost, "").during(phase)
        #expect(isRunAgain(error, .read))
        #expect(isRunAgain(error, .write))
        #expect(!isRunAgain(error, .unmanaged))
    }

    @Test("A COMMIT of which nothing is known is repeated by who only reads, whatever the policy")
    func unknownCommit() {
        let error = DatabaseError(.commitOutcomeUnknown, "", isTransient: true)
        let eager = RetryPolicy(maxAttempts: 1000, backoff: Backoff(first: .zero, limit: .zero))
        #expect(isRunAgain(error, .read))
        for policy in [.standard, .never, eager] {
            #expect(!isRunAgain(error, .write, policy: policy))
            #expect(!isRunAgain(error, .unmanaged, policy: policy))
        }
    }

    @Test("A server that only reads is another's turn for who writes, if the driver says that this may pass")
    func readOnly() {
        #expect(isRunAgain(DatabaseError(.readOnly, "", isTransient: true), .write))
        #expect(!isRunAgain(DatabaseError(.readOnly, "", isTransient: true), .read))
        #expect(!isRunAgain(DatabaseError(.readOnly, ""), .write))
    }

    @Test("A user's own error is not run again, whatever it stands for")
    func usersError() {
        #expect(!isRunAgain(UsersError()))
        #expect(!isRunAgain(CancellationError()))
    }

    @Test("A failed transaction is run again if the first failure is", arguments: again + never)
    func causes(code: DatabaseError.Code) {
        let expected = Self.again.contains(code)
        let cause = DatabaseError(code, "")
        #expect(isRunAgain(DatabaseError(.transactionFailed, "", cause: cause)) == expected)
        #expect(isRunAgain(DatabaseError(.transactionRolledBack, "", cause: cause)) == expected)
        let deeper = DatabaseError(.transactionFailed, "", cause: cause)
        #expect(isRunAgain(DatabaseError(.transactionRolledBack, "", cause: deeper)) == expected)
        // The cause of any other error says nothing about the transaction.
        #expect(!isRunAgain(DatabaseError(.other, "", cause: cause)))
        #expect(!isRunAgain(DatabaseError(.commitOutcomeUnknown, "", cause: cause)))
    }

    @Test("Nothing is run again after something was committed, or by who was cancelled", arguments: again)
    func committed(code: DatabaseError.Code) {
        let error = DatabaseError(code, "")
        #expect(decide(FailedAttempt(error, of: .write, hasCommitted: true)) == nil)
        #expect(decide(FailedAttempt(error, of: .read, hasCommitted: true)) == nil)
        #expect(decide(FailedAttempt(error, of: .write, isCancelled: true)) == nil)
    }

    @Test(
        "The number of attempts is bounded, but of those that met a conflict",
        arguments: [
            (1, 1, false), (2, 1, true), (2, 2, false), (5, 4, true), (5, 5, false), (5, 6, false), (0, 1, false),
        ]
    )
    func attempts(maxAttempts: Int, attempt: Int, isRunAgain: Bool) {
        let policy = RetryPolicy(maxAttempts: maxAttempts, backoff: Backoff(first: .zero, limit: .zero))
        let failure = FailedAttempt(DatabaseError(.connectionLost, ""), of: .write, number: attempt)
        #expect(decide(failure, policy: policy) == (isRunAgain ? .zero : nil))
        let conflict = FailedAttempt(DatabaseError(.deadlock, ""), of: .write, number: attempt, conflicts: 1000)
        #expect(decide(conflict, policy: policy) == (maxAttempts > 1 ? .zero : nil))
    }

    @Test(
        "There is no attempt for which no time is left",
        arguments: [(6, true), (5, false), (4, false), (0, false), (-1, false)]
    )
    func deadline(milliseconds: Int, isRunAgain: Bool) {
        let failure = FailedAttempt(DatabaseError(.deadlock, ""), of: .write, remaining: .milliseconds(milliseconds))
        #expect((decide(failure) != nil) == isRunAgain)
    }

    @Test(
        "Conflicts are repeated until the scope's time is over, or for the policy's if it has none",
        arguments: [
            (29, nil, true), (30, nil, false), (1000, nil, false), (1000, 2, true), (1000, 0, false), (0, 1, true),
        ] as [(Int, Int?, Bool)]
    )
    func conflicts(seconds: Int, remaining: Int?, isRunAgain: Bool) {
        for code in [DatabaseError.Code.serializationFailure, .deadlock, .staleRecord] {
            let failure = FailedAttempt(
                DatabaseError(.transactionRolledBack, "", cause: DatabaseError(code, "")),
                of: .write,
                conflicts: 100,
                sinceFirstConflict: .seconds(seconds),
                remaining: remaining.map { .seconds($0) }
            )
            #expect((decide(failure) != nil) == isRunAgain)
        }
    }

    @Test("Never is never")
    func policyNever() {
        #expect(!isRunAgain(DatabaseError(.deadlock, ""), policy: .never))
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
