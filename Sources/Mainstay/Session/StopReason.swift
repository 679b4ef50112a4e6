// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Why what a scope has with the database is stopped. The error is made when it is thrown: every statement has a reason for which it
/// could be stopped, and next to none is.
enum StopReason: Sendable, Hashable {
    /// The task was cancelled.
    case cancelled
    /// The scope's time is over; so long was it.
    case scopeTimeout(Duration?)
    /// The statement's time is over.
    case statementTimeout(Duration)
    /// Rolling back took longer than that.
    case cleaningTimeout(Duration)

    var error: DatabaseError {
        switch self {
        case .cancelled: DatabaseError(.cancelled, "the task was cancelled")
        case .scopeTimeout(let timeout):
            DatabaseError(
                .timeout,
                "the scope took longer than its timeout of \(timeout?.forPeople ?? "?")",
                hint: "do less in one scope, or give it more time with timeout:"
            )
        case .statementTimeout(let timeout):
            DatabaseError(
                .timeout,
                "the statement took longer than the session's timeout of \(timeout.forPeople)",
                hint: "is an index missing, or a lock in the way? session.statementTimeout gives it more time"
            )
        case .cleaningTimeout(let timeout):
            DatabaseError(.timeout, "rolling back took longer than \(timeout.forPeople)")
        }
    }
}
