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
    /// Connections that were opened.
    public var connectionsOpened = 0
    /// Connections that could not be opened.
    public var connectionsFailed = 0
    /// Connections that were closed, lost ones included.
    public var connectionsClosed = 0
    /// Connections that were found dead before anything was sent, and replaced.
    public var connectionsReplaced = 0
}
