// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What came of an attempt to run a scope, as far as it decides whether there is another one.
struct FailedAttempt {
    let error: any Error
    let scope: Scope.Kind
    /// The number of the attempt, from 1.
    let number: Int
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
        hasCommitted: Bool = false,
        isCancelled: Bool = false,
        remaining: Duration? = nil
    ) {
        self.error = error
        self.scope = scope
        self.number = number
        self.hasCommitted = hasCommitted
        self.isCancelled = isCancelled
        self.remaining = remaining
    }
}
