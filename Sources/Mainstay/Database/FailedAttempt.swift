// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The outcome of one attempt at a scope, as far as the retry policy needs it.
struct FailedAttempt {
    let error: any Error
    let scope: Scope.Kind
    /// The number of the attempt, from 1. Attempts that failed by a conflict are not counted.
    let number: Int
    /// How many attempts failed by a conflict, this one included.
    let conflicts: Int
    /// How long ago the first conflict was.
    let sinceFirstConflict: Duration
    /// Whether something of it was committed, and would be done twice.
    let hasCommitted: Bool
    /// Whether the task was cancelled.
    let isCancelled: Bool
    /// How long the scope may still take; nil is for ever.
    let remaining: Duration?

    init(
        _ error: any Error,
        of scope: Scope.Kind,
        number: Int = 1,
        conflicts: Int = 1,
        sinceFirstConflict: Duration = .zero,
        hasCommitted: Bool = false,
        isCancelled: Bool = false,
        remaining: Duration? = nil
    ) {
        self.error = error
        self.scope = scope
        self.number = number
        self.conflicts = conflicts
        self.sinceFirstConflict = sinceFirstConflict
        self.hasCommitted = hasCommitted
        self.isCancelled = isCancelled
        self.remaining = remaining
    }

    /// The error as the caller is told it. Nil if it is the caller's own.
    ///
    /// What looks transient invites to run the scope again, which would do twice what was committed.
    var told: DatabaseError? {
        guard let error = error as? DatabaseError else { return nil }
        guard hasCommitted, scope != .unmanaged, error.isTransient else { return error }
        return .partlyCommitted("the scope failed after a part of it was committed, or may have been", because: error)
    }
}

extension DatabaseError {
    static func partlyCommitted(_ message: String, because cause: DatabaseError? = nil) -> DatabaseError {
        DatabaseError(
            .partlyCommitted,
            message,
            hint:
                "find out what is there before you do it again; DDL and other statements that commit belong in scopes of their own",
            isConnectionUsable: cause?.isConnectionUsable,
            cause: cause
        )
    }
}
