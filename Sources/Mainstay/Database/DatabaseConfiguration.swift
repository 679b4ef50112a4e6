// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Logging

/// The policies of a ``Database``.
public struct DatabaseConfiguration: Sendable {
    /// How many connections there are and how long things may take.
    public var pool: PoolConfiguration
    /// Which scopes are run again, how often, and after what wait.
    public var retry: RetryPolicy
    /// What transactions of managed scopes may see of others, unless their scope says otherwise. By default
    /// ``IsolationLevel/snapshot``, at which no update is lost. Nil leaves it to the server, as in `withSession { }`.
    public var isolation: IsolationLevel?
    /// How long a scope may take in all, waiting for a connection and attempts included, unless it says otherwise; nil is as
    /// long as it takes. By default nil.
    public var scopeTimeout: Duration?
    /// How long each statement may take, unless its session says otherwise; see ``Session/statementTimeout``. By default nil.
    public var statementTimeout: Duration?
    /// How to find out what became of a COMMIT that was not answered.
    public var commitResolution: CommitResolution
    /// Where connecting, retrying and giving up are told. Values of parameters never are.
    public var logger: Logger
    /// Told what happens in the pools, for metrics; see ``Database/poolEvents(bufferingNewest:)`` for a sequence. It is called
    /// from any thread, by the one to whom it happens, and must be quick.
    public var poolObserver: (@Sendable (PoolEvent) -> Void)?

    /// Creates a configuration.
    public init(
        pool: PoolConfiguration = PoolConfiguration(),
        retry: RetryPolicy = .standard,
        isolation: IsolationLevel? = .snapshot,
        scopeTimeout: Duration? = nil,
        statementTimeout: Duration? = nil,
        commitResolution: CommitResolution = .byServer,
        logger: Logger = Logger(label: "mainstay"),
        poolObserver: (@Sendable (PoolEvent) -> Void)? = nil
    ) {
        self.pool = pool
        self.retry = retry
        self.isolation = isolation
        self.scopeTimeout = scopeTimeout
        self.statementTimeout = statementTimeout
        self.commitResolution = commitResolution
        self.logger = logger
        self.poolObserver = poolObserver
    }
}
