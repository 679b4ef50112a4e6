// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How long a session's work may take.
struct SessionLimits: Sendable {
    /// When the scope is over, on the pool's clock; nil is never.
    var deadline: Duration?
    /// How long a scope may take in all; what `deadline` was made of.
    var scopeTimeout: Duration?
    /// How long each statement may take, until its result is read; nil is as long as it takes.
    var statementTimeout: Duration?

    /// What the server is told as the limit of each statement: the smaller one, which stays the same from scope to scope, so that
    /// telling it costs nothing mostly.
    var serverLimit: Duration? {
        guard let scopeTimeout, let statementTimeout else { return scopeTimeout ?? statementTimeout }
        return min(scopeTimeout, statementTimeout)
    }

    /// Whether the server stops statements by itself.
    var isServerAware = false

    /// How much longer is waited where the server stops statements by itself, so that its own answer comes first.
    private static let serverLead = Duration.milliseconds(50)

    var areNone: Bool { deadline == nil && statementTimeout == nil }

    /// When a statement that begins now is to be stopped, and why.
    func stop(of now: Duration) -> (at: Duration, because: StopReason)? {
        let own = statementTimeout.map { now + $0 + (isServerAware ? Self.serverLead : .zero) }
        if let deadline, deadline <= own ?? deadline { return (deadline, .scopeTimeout(scopeTimeout)) }
        guard let own, let statementTimeout else { return nil }
        return (own, .statementTimeout(statementTimeout))
    }
}
