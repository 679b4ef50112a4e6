// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How many connections a pool has, and how long things may take.
public struct PoolConfiguration: Sendable {
    /// The largest number of connections; at least 1. For an SQLite file, the number of readers beside the one writer.
    ///
    /// By default 10, HikariCP's: a database serves a few connections with enough to do better than many with little.
    public var size: Int
    /// How long a scope waits for a connection, opening one included; 1 ms to a day. By default 30 s.
    public var acquireTimeout: Duration
    /// How long opening a connection may take, authentication included; 1 ms to a day. By default 10 s.
    public var connectTimeout: Duration
    /// The largest number of prepared statements that each connection keeps; at least 1. By default 256.
    public var statementCacheCapacity: Int

    /// Creates a configuration.
    public init(
        size: Int = 10,
        acquireTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10),
        statementCacheCapacity: Int = 256
    ) {
        self.size = size
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementCacheCapacity = statementCacheCapacity
    }

    /// Refuses what contradicts itself.
    func validate() throws(DatabaseError) {
        let timeouts = Duration.milliseconds(1) ... .seconds(24 * 60 * 60)
        let faults = [
            size < 1 ? "size is \(size), and at least 1 is needed" : nil,
            timeouts.contains(acquireTimeout) ? nil : "acquireTimeout is not from 1 ms to a day",
            timeouts.contains(connectTimeout) ? nil : "connectTimeout is not from 1 ms to a day",
            statementCacheCapacity < 1
                ? "statementCacheCapacity is \(statementCacheCapacity), and at least 1 is needed" : nil,
        ].compactMap { $0 }
        guard faults.isEmpty else {
            throw DatabaseError(.invalidConfiguration, "the pool's configuration: \(faults.joined(separator: "; "))")
        }
    }
}
