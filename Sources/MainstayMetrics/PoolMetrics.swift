// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import CoreMetrics
public import Mainstay
import Synchronization

/// Tells a metrics backend what happens in a database's connection pools.
///
/// ```swift
/// var configuration = DatabaseConfiguration()
/// configuration.poolObserver = PoolMetrics(poolName: "shop").record
/// let database = try Database("sqlite:shop.db", drivers: [.sqlite], configuration: configuration)
/// ```
///
/// The names are those of OpenTelemetry's semantic conventions for database clients:
///
/// | Metric                                  | Kind    |                                                         |
/// | --------------------------------------- | ------- | ------------------------------------------------------- |
/// | `db.client.connection.count`            | meter   | connections, by `db.client.connection.state`            |
/// | `db.client.connection.idle.max`         | meter   | the pool's `size`: what is beyond it does not rest long |
/// | `db.client.connection.idle.min`         | meter   | the pool's `minimumIdle`                                |
/// | `db.client.connection.max`              | meter   | the pool's `size` and `overflow` together               |
/// | `db.client.connection.pending_requests` | meter   | scopes that wait for a connection                       |
/// | `db.client.connection.timeouts`         | counter | scopes that waited too long for one                     |
/// | `db.client.connection.create_time`      | timer   | how long opening a connection took                      |
/// | `db.client.connection.wait_time`        | timer   | how long a scope that got a connection waited for it    |
/// | `db.client.connection.use_time`         | timer   | how long a scope had its connection                     |
///
/// The state is `idle` or `used`; a connection that is being checked, rolled back or reset, or that waits for a request
/// to cancel to be over, is `used`. One that is being opened or closed is neither.
///
/// These are Mainstay's own, and all of them are counters:
///
/// | Metric                           |                                                                             |
/// | -------------------------------- | --------------------------------------------------------------------------- |
/// | `mainstay.pool.checks`           | pings, by `mainstay.pool.check.alive`: `yes` or `no`                        |
/// | `mainstay.pool.closes`           | connections closed, by `mainstay.pool.close.reason`, a ``CloseReason``      |
/// | `mainstay.pool.connect_failures` | connections not opened, by `error.type`, a ``DatabaseError``'s code         |
/// | `mainstay.pool.lease_failures`   | scopes that got no connection, by `error.type`                              |
/// | `mainstay.pool.long_leases`      | scopes that took longer than the leak threshold                             |
/// | `mainstay.pool.outages`          | losses of a connection that made all older ones suspect                     |
/// | `mainstay.pool.resets`           | resets after a scope, by `mainstay.pool.reset.succeeded`: `yes` or `no`     |
/// | `mainstay.scope.retries`         | scopes that were run again, by `error.type`                                 |
/// | `mainstay.scope.unanswered_commits` | by `mainstay.commit.outcome`: `committed`, `rolled_back`, `unknown`      |
///
/// Each has the dimensions `db.client.connection.pool.name` and `mainstay.pool.role`. The role is `reader` or `writer`:
/// an SQLite file has a pool of each, a server has one pool, the `writer`. So a sum by name is the whole database's.
///
/// Timers are told nanoseconds, as is swift-metrics' way, and that seconds are to be shown, which is the conventions'
/// unit. Meters show what was so at the pool's latest event.
public final class PoolMetrics: Sendable {
    private let poolName: String
    private let factory: any MetricsFactory
    private let pools = Mutex<[Role: RoleMetrics]>([:])

    /// Creates the metrics of one database.
    ///
    /// - Parameters:
    ///   - poolName: The database's name, by which its metrics are told from those of others; no two may have the same.
    ///   - factory: The backend; by default the one that `MetricsSystem` has now, so bootstrap it first.
    public init(poolName: String, factory: (any MetricsFactory)? = nil) {
        self.poolName = poolName
        self.factory = factory ?? MetricsSystem.factory
    }

    /// Tells the backend of an event: what `DatabaseConfiguration.poolObserver` is set to.
    public func record(_ event: PoolEvent) {
        // A role's metrics are made with its first event, so that a pool that does not exist has none.
        let metrics = pools.withLock { pools in
            if let metrics = pools[event.role] { return metrics }
            let metrics = RoleMetrics(MetricsMaker(factory: factory, poolName: poolName, role: event.role))
            pools[event.role] = metrics
            return metrics
        }
        metrics.record(event)
    }
}
