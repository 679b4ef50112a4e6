// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Opens connections to a PostgreSQL server through libpq.
public struct PostgreSQLDriver: Driver {
    /// How to reach the server.
    public let configuration: PostgreSQLConfiguration

    /// Creates a driver.
    ///
    /// - Throws: ``DatabaseError`` with `invalidConfiguration`.
    public init(_ configuration: PostgreSQLConfiguration) throws(DatabaseError) {
        try configuration.validate()
        self.configuration = configuration
    }

    /// Creates a driver for the server that a URL names; see ``PostgreSQLConfiguration/init(url:)``.
    ///
    /// - Throws: ``DatabaseError`` with `invalidConfiguration`, or `unknownScheme`.
    public init(url: ConnectionURL) throws(DatabaseError) {
        configuration = try PostgreSQLConfiguration(url: url)
    }

    /// `PostgreSQL`.
    public var name: String { "PostgreSQL" }

    /// PostgreSQL's SQL.
    public var dialect: Dialect { .postgreSQL }

    /// Any number of connections, each for reading and writing.
    public var topology: Topology { .uniform }

    /// The host and port or the directory of the socket, and the database.
    public var location: String { configuration.server.location }

    /// Opens a connection, a ``PostgreSQLConnection``.
    ///
    /// - Throws: ``DatabaseError``: `cannotConnect`, `serverUnavailable` or `tooManyConnections`, which may pass, or
    ///   `authenticationFailed`, `unknownDatabase`, `tlsFailed` or `invalidConfiguration`, which don't.
    public func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection {
        let timeout = min(request.timeout, configuration.server.connectTimeout)
        let deadline = ContinuousClock.now + timeout
        let link = try Connector(configuration, deadline: deadline).connect()
        do throws(DatabaseError) {
            return try PostgreSQLConnection(link, pooler: configuration.pooler, until: deadline)
        } catch  where error.code == .connectionLost {
            throw DatabaseError(
                .cannotConnect,
                "can't connect to \(configuration.server.endpoint): \(error.message)",
                hint: "the server had accepted the connection: is it overloaded, paused or shutting down?",
                sqlState: error.sqlState,
                isConnectionUsable: false,
                cause: error
            )
        }
    }
}

extension DriverPlugin {
    /// PostgreSQL, for URLs that begin with `postgresql:` or `postgres:`.
    public static let postgreSQL = DriverPlugin(
        name: "PostgreSQL",
        schemes: PostgreSQLConfiguration.schemes
    ) { url throws(DatabaseError) in
        try PostgreSQLDriver(url: url)
    }
}
