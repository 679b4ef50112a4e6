// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging

/// What an application holds: a driver, its pools, and the policies.
///
/// ```swift
/// let database = try Database("sqlite:shop.db", drivers: [.sqlite])
/// let names = try await database.read { session in
///     try session.query("SELECT name FROM users WHERE age > \(18)", as: String.self).all()
/// }
/// await database.close()
/// ```
///
/// Nothing is connected until the first scope.
///
/// ## Topics
///
/// ### Scopes
/// - ``read(isolation:timeout:retry:fileID:line:_:)``
/// - ``write(isolation:timeout:retry:fileID:line:_:)``
/// - ``withSession(timeout:keepsAlive:fileID:line:_:)``
///
/// ### One statement
/// - ``query(_:fileID:line:)``
/// - ``query(_:as:fileID:line:)->[Value]``
/// - ``query(_:decoding:fileID:line:)``
/// - ``execute(_:isolation:fileID:line:)``
///
/// ### Life
/// - ``warmUp(_:fileID:line:)``
/// - ``suspend()``
/// - ``resume()``
/// - ``evictConnections(_:)``
/// - ``resizePool(size:overflow:minimumIdle:)``
/// - ``close(grace:)``
///
/// ### What it is doing
/// - ``statistics``
/// - ``poolFigures``
/// - ``poolEvents(bufferingNewest:)``
public final class Database: Sendable {
    /// The driver.
    public let driver: any Driver

    let configuration: DatabaseConfiguration
    let environment: PoolEnvironment
    let collector: StatisticsCollector
    let observers: PoolObservers
    /// The order of scopes that met a conflict.
    let conflicts: ConflictOrder
    /// The pool for scopes that write. Also for those that read, unless `readers` is another one.
    let writers: Pool
    let readers: Pool

    /// Opens a database with a driver.
    ///
    /// - Throws: `invalidConfiguration`. Whether the database can be reached shows in the first scope.
    public convenience init(
        _ driver: some Driver,
        configuration: DatabaseConfiguration = DatabaseConfiguration()
    ) throws(DatabaseError) {
        try self.init(driver: driver, configuration: configuration, environment: PoolEnvironment())
    }

    /// Opens a database by its URL, with the driver among those given that knows its scheme.
    ///
    /// - Throws: `invalidConfiguration` for a URL that is not understood, `unknownScheme` if no driver that was given knows
    ///   the scheme.
    public convenience init(
        _ url: String,
        drivers: [DriverPlugin],
        configuration: DatabaseConfiguration = DatabaseConfiguration()
    ) throws(DatabaseError) {
        let url = try ConnectionURL(url)
        guard let plugin = drivers.first(where: { $0.schemes.contains(url.scheme) }) else {
            let known = drivers.map { "\($0.name) (\($0.schemes.joined(separator: ", ")))" }.joined(separator: "; ")
            throw DatabaseError(
                .unknownScheme,
                "no driver for the scheme \"\(url.scheme)\" was given; there are: \(known.isEmpty ? "none" : known)",
                hint: "add the driver to the list of drivers"
            )
        }
        try self.init(
            driver: try plugin.makeDriver(url),
            configuration: configuration,
            environment: PoolEnvironment()
        )
    }

    package init(
        driver: any Driver,
        configuration: DatabaseConfiguration,
        environment: PoolEnvironment
    ) throws(DatabaseError) {
        try configuration.pool.validate()
        self.driver = driver
        self.configuration = configuration
        self.environment = environment
        conflicts = ConflictOrder(environment)
        let collector = StatisticsCollector()
        self.collector = collector
        let observers = PoolObservers(configuration.poolObserver)
        self.observers = observers
        func pool(_ role: Role, isSingle: Bool = false) -> Pool {
            Pool(
                role: role,
                driver: driver,
                configuration: configuration.pool.adapted(to: driver, isSingle: isSingle),
                observers: observers,
                statistics: collector,
                logger: configuration.logger,
                environment: environment
            )
        }
        switch driver.topology {
        case .uniform:
            writers = pool(.writer)
            readers = writers
        case .singleWriter:
            writers = pool(.writer, isSingle: true)
            readers = pool(.reader)
        case .singleConnection:
            writers = pool(.writer, isSingle: true)
            readers = writers
        }
    }

    deinit {
        writers.abandon()
        readers.abandon()
        observers.finish()
    }
}
