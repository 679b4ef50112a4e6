// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What the database's configuration and the scope say about a session.
struct SessionPolicy: Sendable {
    var limits = SessionLimits()
    var commitResolution = CommitResolution.never
    /// Whether the scope begins and ends its transaction, and not the caller.
    var isManaged = false
    /// Whether the scope is one statement that reads, which then needs no transaction around it.
    var isOneQuery = false
    /// The number of the attempt, from 1.
    var attempt = 1
    /// Why the attempt before failed.
    var lastFailure: DatabaseError?
    /// Told when it was found out what became of a COMMIT, and after how long.
    var resolved: (@Sendable (TransactionOutcome, Duration) -> Void)?
}
