// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// The pools, each once; the writers' is the last.
    private var pools: [Pool] { readers === writers ? [writers] : [readers, writers] }

    // MARK: - Beginning

    /// Opens connections before the first scope needs them, and waits until they are there.
    ///
    /// - Parameters:
    ///   - count: How many, for each pool; by default ``PoolConfiguration/minimumIdle``, and at least one. No more are opened
    ///     than a pool may have.
    ///   - fileID: The source file of the call, by which errors name it.
    ///   - line: The line of the call.
    /// - Throws: Why they could not be opened, so that a service with a wrong password need not be started.
    public func warmUp(_ count: Int? = nil, fileID: StaticString = #fileID, line: UInt = #line) async throws {
        let count = max(1, count ?? configuration.pool.minimumIdle)
        for pool in pools {
            try await pool.warmUp(count, at: CallSite(fileID: fileID, line: line))
        }
    }

    // MARK: - While it runs

    /// What becomes of the scopes that run when connections are evicted.
    public enum Eviction: Sendable, Hashable {
        /// They go on; their connections are closed when they end.
        case afterUse
        /// Their connections are broken off. Managed scopes run again on other ones.
        case atOnce
    }

    /// Replaces all connections there are now: after a failover, or a change of the password.
    ///
    /// A database in memory keeps its only connection, with which it would be lost.
    public func evictConnections(_ eviction: Eviction = .afterUse) {
        for pool in pools { pool.evict(breakingOff: eviction == .atOnce) }
    }

    /// Gives the pool another size while it runs. What is too many is closed when nobody uses it.
    ///
    /// Where there is one writer, its number stays one, and that of the readers changes.
    ///
    /// - Throws: `invalidConfiguration` for sizes that ``PoolConfiguration`` would refuse.
    public func resizePool(size: Int, overflow: Int = 0, minimumIdle: Int = 0) throws(DatabaseError) {
        var changed = configuration.pool
        changed.size = size
        changed.overflow = overflow
        changed.minimumIdle = minimumIdle
        try changed.validate()
        for pool in pools where !pool.isSingle {
            pool.resize(size: size, overflow: overflow, minimumIdle: minimumIdle)
        }
    }

    /// Lets no scope begin until ``resume()``, as for the moment of a failover. Scopes that run go on; those that want to
    /// begin wait, no longer than the acquire timeout.
    public func suspend() {
        for pool in pools { pool.suspend() }
    }

    /// Lets scopes begin again after ``suspend()``.
    public func resume() {
        for pool in pools { pool.resume() }
    }

    // MARK: - The end

    /// Closes the database: no more scopes begin, those that run are waited for, then all connections are closed.
    ///
    /// May be called twice.
    ///
    /// - Parameter grace: How long scopes that run are waited for before their connections are broken off; by default
    ///   ``PoolConfiguration/closeGrace``.
    public func close(grace: Duration? = nil) async {
        // The writer last: of SQLite's connections the last one to leave puts the log into the file.
        for pool in pools { await pool.close(grace: grace ?? configuration.pool.closeGrace) }
        observers.finish()
    }

    // MARK: - What it is doing

    /// What the database has done since it was opened.
    public var statistics: Statistics { collector.current }

    /// The pools' connections now, and what the pools have done, by role. A server's pool serves both roles and is listed as
    /// the writers'.
    public var poolFigures: [Role: PoolFigures] {
        Dictionary(uniqueKeysWithValues: pools.map { ($0.role, $0.figures) })
    }

    /// What happens in the pools from now on, until the database is closed.
    ///
    /// - Parameter limit: How many events are kept for a reader that is slow; after that it misses the oldest.
    public func poolEvents(bufferingNewest limit: Int = 1000) -> AsyncStream<PoolEvent> {
        observers.events(bufferingNewest: limit)
    }
}
