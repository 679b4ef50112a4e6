// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a session knows about its transaction: a value that is told what happened and what the server says.
///
/// ```
///         began                 the server lost or failed it
///  idle ─────────▶ active ───────────────────────────────────▶ failed(first cause)
///   ▲                │                                              │
///   └── committed, rolled back, or committed by the server ◀────────┘ rolled back only
/// ```
///
/// Nothing here trusts a flag of its own where the server has a word: every statement ends with the server's state.
struct TransactionMachine: Sendable {
    /// Where the transaction stands.
    enum Phase: Sendable {
        /// There is none. The next statement begins one.
        case idle
        /// One is open and can go on.
        case active
        /// One was lost or failed; only its rollback is possible. The error is the first that went wrong.
        case failed(DatabaseError)
    }

    private(set) var phase: Phase = .idle

    /// True if something was committed for sure or as far as one must assume.
    private var isCommitted = false

    /// True while a statement is executed that may commit. Its end decides.
    private var isInDoubt = false

    /// Whether something was committed, by the caller or by the server, which on MariaDB does so before DDL, or may have been.
    /// Such work can't be rolled back and must not be run again.
    var hasCommitted: Bool { isCommitted || isInDoubt }

    /// The number of transactions that were begun, by which a savepoint knows its own.
    private(set) var number = 0

    /// Whether there is none.
    var isIdle: Bool {
        if case .idle = phase { true } else { false }
    }

    /// Throws if the transaction failed earlier.
    func requireUsable() throws(DatabaseError) {
        if case .failed(let cause) = phase {
            throw DatabaseError(
                .transactionFailed,
                "the transaction failed earlier and only rollback() is possible",
                isTransient: cause.isTransient,
                isConnectionUsable: cause.isConnectionUsable,
                cause: cause
            )
        }
    }

    /// A transaction was begun.
    mutating func began() {
        change(leavesFailure: true) { machine in
            machine.phase = .active
            machine.number += 1
        }
    }

    /// A statement or a script is about to be executed that may commit, as far as its text tells.
    mutating func mayCommit() {
        change { $0.isInDoubt = true }
    }

    /// A statement ended well.
    ///
    /// - Parameter trace: What it did, by the server's word.
    mutating func succeeded(server: ServerTransactionState, trace: SessionTrace = .isIncomplete) {
        change { machine in
            let wasActive = machine.isActive
            machine.resolveDoubt(trace)
            guard wasActive else { return }
            switch server {
            case .active:
                // The transaction that is open is another one, and the savepoints of the last are gone.
                if trace.contains(.endedTransaction) { machine.number += 1 }
            case .none:
                machine.phase = .idle
                // It ended, and if not by a rollback of which the server told, then by a commit.
                if !trace.contains(.endedTransaction) { machine.isCommitted = true }
            case .failed:
                machine.phase = .failed(
                    DatabaseError(.transactionFailed, "the server gave up the transaction without an error")
                )
            case .unknown:
                machine.phase = .failed(DatabaseError(.connectionLost, "the connection was lost after a statement"))
            }
        }
    }

    /// A statement failed that commits what was before it, whether it succeeds or not.
    mutating func failedCommitting(
        _ error: DatabaseError,
        server: ServerTransactionState,
        trace: SessionTrace = .isIncomplete
    ) {
        guard isActive, server == .none else { return failed(error, server: server, trace: trace) }
        change { machine in
            machine.isCommitted = true
            machine.isInDoubt = false
            machine.phase = .idle
        }
    }

    /// A statement, a savepoint or COMMIT failed.
    ///
    /// - Parameter trace: What it did before, by the server's word.
    mutating func failed(_ error: DatabaseError, server: ServerTransactionState, trace: SessionTrace = .isIncomplete) {
        change { machine in
            machine.resolveDoubt(trace)
            guard machine.isActive else { return }
            switch server {
            case .active: if trace.contains(.endedTransaction) { machine.number += 1 }
            case .none, .failed, .unknown: machine.phase = .failed(error)
            }
        }
    }

    /// Something could not be undone that had to be: the whole transaction must not be committed.
    mutating func gaveUp(_ error: DatabaseError) {
        guard isActive else { return }
        change { $0.phase = .failed(error) }
    }

    /// A script ended the transaction of a scope, which is to fail whatever is open now.
    mutating func wasEnded(_ error: DatabaseError) {
        change { $0.phase = .failed(error) }
    }

    /// The work since a savepoint was undone.
    mutating func rolledBackToSavepoint(server: ServerTransactionState) {
        // Without a transaction there is no savepoint.
        if server == .active, !isIdle { change(leavesFailure: true) { $0.phase = .active } }
    }

    /// It is not known, and can't be found out, whether the transaction was committed.
    mutating func commitLost() {
        change { $0.isCommitted = true }
    }

    /// The transaction was committed, or a statement outside of any was executed.
    mutating func committed() {
        change(leavesFailure: true) { machine in
            machine.phase = .idle
            machine.isCommitted = true
            machine.isInDoubt = false
        }
    }

    /// The transaction was rolled back, or its connection was given up.
    mutating func rolledBack() {
        change(leavesFailure: true) { $0.phase = .idle }
    }

    private mutating func resolveDoubt(_ trace: SessionTrace) {
        if trace.contains(.committed) || isInDoubt && trace.contains(.isIncomplete) { isCommitted = true }
        isInDoubt = false
    }

    private var isActive: Bool {
        if case .active = phase { true } else { false }
    }
}

// MARK: - What is promised

extension TransactionMachine {
    /// Changes the machine, and checks its promises in debug builds.
    ///
    /// - Parameter leavesFailure: Whether a transaction that failed may be left by that.
    private mutating func change(leavesFailure: Bool = false, _ body: (inout TransactionMachine) -> Void) {
        #if DEBUG
        let before = self
        body(&self)
        checkInvariants(since: before, leavesFailure: leavesFailure)
        #else
        body(&self)
        #endif
    }

    #if DEBUG
    /// Traps if an event broke a promise:
    ///
    /// - A commit is never forgotten.
    /// - A transaction has a number that none before it had.
    /// - A failed transaction is left by its rollback, by a commit that was found out, and by nothing else.
    private func checkInvariants(since before: TransactionMachine, leavesFailure: Bool) {
        precondition(!before.isCommitted || isCommitted, "a commit was forgotten")
        precondition(number >= before.number, "a transaction got the number of an earlier one")
        precondition(!isActive || number > 0, "a transaction has no number")
        if case .idle = before.phase {
            precondition(!isActive || number > before.number, "a transaction goes by the number of the last one")
        }
        if case .failed = before.phase, !leavesFailure {
            guard case .failed = phase else { preconditionFailure("a failed transaction went on") }
        }
    }
    #endif
}
