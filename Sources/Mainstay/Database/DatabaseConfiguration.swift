// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Logging

/// The policies of a ``Database``.
public struct DatabaseConfiguration: Sendable {
    /// How many connections there are and how long things may take.
    public var pool: PoolConfiguration
    /// Which scopes are run again, how often, and after what wait.
    public var retry: RetryPolicy
    /// Where connecting, retrying and giving up are told. Values of parameters never are.
    public var logger: Logger
    /// Told what happens in the pools, for metrics; see ``Database/poolEvents(bufferingNewest:)`` for a sequence. It is called
    /// from any thread, by the one to whom it happens, and must be quick.
    public var poolObserver: (@Sendable (PoolEvent) -> Void)?

    /// Creates a configuration.
    public init(
        pool: PoolConfiguration = PoolConfiguration(),
        retry: RetryPolicy = .standard,
        logger: Logger = Logger(label: "mainstay"),
        poolObserver: (@Sendable (PoolEvent) -> Void)? = nil
    ) {
        self.pool = pool
        self.retry = retry
        self.logger = logger
        self.poolObserver = poolObserver
    }
}
