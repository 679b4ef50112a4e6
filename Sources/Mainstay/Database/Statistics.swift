// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a database has done since it was opened.
public struct Statistics: Sendable, Hashable {
    /// Scopes that were run, repetitions not counted.
    public var scopes = 0
    /// Sessions, one for each attempt of a scope.
    public var sessions = 0
    /// Statements that were executed.
    public var statements = 0
    /// Scopes that were run again, each repetition counted.
    public var retries = 0
    /// The same by what went wrong.
    public var retriesByReason: [DatabaseError.Code: Int] = [:]
    /// COMMITs without an answer of which was found out that they were committed.
    public var commitsFoundDone = 0
    /// COMMITs without an answer of which was found out that they were rolled back.
    public var commitsFoundUndone = 0
    /// COMMITs without an answer of which could not be found out what became of them.
    public var commitsUnknown = 0
    /// Connections that were opened.
    public var connectionsOpened = 0
    /// Connections that could not be opened.
    public var connectionsFailed = 0
    /// Connections that were closed, lost ones included.
    public var connectionsClosed = 0
    /// Connections that were found dead before anything was sent, and replaced.
    public var connectionsReplaced = 0

    mutating func note(_ outcome: TransactionOutcome) {
        switch outcome {
        case .committed: commitsFoundDone += 1
        case .rolledBack: commitsFoundUndone += 1
        case .pending, .unknown: commitsUnknown += 1
        }
    }
}
