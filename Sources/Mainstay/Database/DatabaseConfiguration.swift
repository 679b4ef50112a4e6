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

    /// Creates a configuration.
    public init(
        pool: PoolConfiguration = PoolConfiguration(),
        retry: RetryPolicy = .standard,
        logger: Logger = Logger(label: "mainstay")
    ) {
        self.pool = pool
        self.retry = retry
        self.logger = logger
    }
}
