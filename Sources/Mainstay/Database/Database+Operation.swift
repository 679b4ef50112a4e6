// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// The pools, each once; the writers' is the last.
    private var pools: [Pool] { readers === writers ? [writers] : [readers, writers] }

    // MARK: - Beginning

    /// Opens connections before the first scope needs them, and waits until so many are there, those among them that
    /// scopes use. It waits no longer than a scope does for one.
    ///
    /// - Parameters:
    ///   - count: How many, for each pool; by default ``PoolConfiguration/minimumIdle``, and at least one. Where the
    ///     database can have only one, one is opened.
    ///   - fileID: The source file of the call, by which errors name it.
    ///   - line: The line of the call.
    /// - Throws: Why they could not be opened, so that a service with a wrong password need not be started;
    ///   `invalidConfiguration` for more than the pool may have.
    public func warmUp(_ count: Int? = nil, fileID: StaticString = #fileID, line: UInt = #line) async throws {
        for pool in pools where !pool.isSingle {
            let limit = pool.figures.limit
            guard let count, count > limit else { continue }
            throw DatabaseError(
                .invalidConfiguration,
                "\(count) connections were to be opened, and the pool may have \(limit) at most",
                hint: "raise the pool's size, or its overflow"
            )
        }
        for pool in pools {
            let figures = pool.figures
            let count = min(max(1, count ?? figures.minimumIdle), figures.limit)
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
    /// - Parameters:
    ///   - size: See ``PoolConfiguration/size``.
    ///   - overflow: See ``PoolConfiguration/overflow``. Nil leaves it as it is.
    ///   - minimumIdle: See ``PoolConfiguration/minimumIdle``. Nil leaves it as it is, or lowers it to the new size.
    /// - Throws: `invalidConfiguration` for sizes that ``PoolConfiguration`` would refuse.
    public func resizePool(size: Int, overflow: Int? = nil, minimumIdle: Int? = nil) throws(DatabaseError) {
        var changed = configuration.pool
        changed.size = size
        // What is left as it is was valid before, and is made to fit.
        changed.overflow = overflow ?? 0
        changed.minimumIdle = minimumIdle ?? 0
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
    /// - Parameter grace: How long scopes that run are waited for before their connections are broken off, from zero to
    ///   a day; what is less or more counts as that. By default ``PoolConfiguration/closeGrace``.
    public func close(grace: Duration? = nil) async {
        let grace = min(max(grace ?? configuration.pool.closeGrace, .zero), PoolConfiguration.longestGrace)
        let end = environment.clock.now() + grace
        // No scope begins in one pool while the other one is being closed, and the grace of both ends at the same time.
        for pool in pools { pool.refuse(grace: end - environment.clock.now()) }
        // The writer last: of SQLite's connections the last one to leave puts the log into the file.
        for pool in pools { await pool.close(grace: end - environment.clock.now()) }
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
