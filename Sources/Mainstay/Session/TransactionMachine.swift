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

    /// Whether something was committed, by the caller or by the server, which on MariaDB does so before DDL. Such work
    /// can't be rolled back and must not be run again.
    private(set) var hasCommitted = false

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
        phase = .active
        number += 1
    }

    /// A statement ended well.
    mutating func succeeded(server: ServerTransactionState) {
        guard case .active = phase else { return }
        switch server {
        case .active:
            break
        case .none:
            phase = .idle
            hasCommitted = true
        case .failed:
            phase = .failed(DatabaseError(.transactionFailed, "the server gave up the transaction without an error"))
        case .unknown:
            phase = .failed(DatabaseError(.connectionLost, "the connection was lost after a statement"))
        }
    }

    /// A statement failed that commits what was before it, whether it succeeds or not.
    mutating func failedCommitting(_ error: DatabaseError, server: ServerTransactionState) {
        if case .active = phase, server == .none { phase = .idle } else { failed(error, server: server) }
    }

    /// A statement, a savepoint or COMMIT failed.
    mutating func failed(_ error: DatabaseError, server: ServerTransactionState) {
        guard case .active = phase else { return }
        switch server {
        case .active: break
        case .none, .failed, .unknown: phase = .failed(error)
        }
    }

    /// Something could not be undone that had to be: the whole transaction must not be committed.
    mutating func gaveUp(_ error: DatabaseError) {
        guard case .active = phase else { return }
        phase = .failed(error)
    }

    /// The work since a savepoint was undone.
    mutating func rolledBackToSavepoint(server: ServerTransactionState) {
        if server == .active { phase = .active }
    }

    /// A statement is about to be executed that may commit whatever becomes of it.
    mutating func mayCommit() {
        hasCommitted = true
    }

    /// The transaction was committed, or a statement outside of any was executed.
    mutating func committed() {
        phase = .idle
        hasCommitted = true
    }

    /// The transaction was rolled back, or its connection was given up.
    mutating func rolledBack() {
        phase = .idle
    }
}
