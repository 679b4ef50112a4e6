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
/// - ``read(isolation:_:)``
/// - ``write(isolation:_:)``
/// - ``withSession(_:)``
///
/// ### One statement
/// - ``query(_:)``
/// - ``query(_:as:)->[Value]``
/// - ``query(_:decoding:)``
/// - ``execute(_:)``
///
/// ### Life
/// - ``close()``
/// - ``statistics``
/// - ``poolFigures``
public final class Database: Sendable {
    /// The driver.
    public let driver: any Driver

    let configuration: DatabaseConfiguration
    let environment: PoolEnvironment
    let collector: StatisticsCollector
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

    init(
        driver: any Driver,
        configuration: DatabaseConfiguration,
        environment: PoolEnvironment
    ) throws(DatabaseError) {
        try configuration.pool.validate()
        self.driver = driver
        self.configuration = configuration
        self.environment = environment
        let collector = StatisticsCollector()
        self.collector = collector
        func pool(_ role: Role, _ limit: Int) -> Pool {
            Pool(
                role: role,
                driver: driver,
                configuration: configuration.pool,
                limit: limit,
                statistics: collector,
                logger: configuration.logger,
                environment: environment
            )
        }
        switch driver.topology {
        case .uniform:
            writers = pool(.writer, configuration.pool.size)
            readers = writers
        case .singleWriter:
            writers = pool(.writer, 1)
            readers = pool(.reader, configuration.pool.size)
        case .singleConnection:
            writers = pool(.writer, 1)
            readers = writers
        }
    }

    deinit {
        writers.abandon()
        readers.abandon()
    }

    /// Closes the database: no more scopes begin, those that run are waited for, then all connections are closed.
    ///
    /// May be called twice.
    public func close() async {
        // The writer last: of SQLite's connections the last one to leave puts the log into the file.
        if readers !== writers { await readers.close() }
        await writers.close()
    }

    /// What the database has done since it was opened.
    public var statistics: Statistics { collector.current }

    /// The pools' connections now, by role. A server's pool serves both roles and is listed as the writers'.
    public var poolFigures: [Role: PoolFigures] {
        readers === writers ? [.writer: writers.figures] : [.writer: writers.figures, .reader: readers.figures]
    }
}
