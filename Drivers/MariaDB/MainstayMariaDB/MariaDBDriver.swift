// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Opens connections to a MariaDB server through MariaDB Connector/C.
///
/// MariaDB 10.6 and later; `UUID` columns need 10.7. MySQL servers answer too, but are not tested against.
public struct MariaDBDriver: Driver {
    /// How to reach the server.
    public let configuration: MariaDBConfiguration

    /// Creates a driver.
    public init(_ configuration: MariaDBConfiguration) {
        self.configuration = configuration
    }

    /// Creates a driver for the server that a URL names; see ``MariaDBConfiguration/init(url:)``.
    ///
    /// - Throws: ``DatabaseError`` with `invalidConfiguration`, or `unknownScheme`.
    public init(url: ConnectionURL) throws(DatabaseError) {
        self.init(try MariaDBConfiguration(url: url))
    }

    /// `MariaDB`.
    public var name: String { dialect.name }

    /// MariaDB's SQL.
    public var dialect: Dialect { .mariaDB }

    /// Any number of connections, each for reading and writing.
    public var topology: Topology { .uniform }

    /// The host and port or the socket, and the database.
    public var location: String { configuration.server.location }

    /// Opens a connection, a ``MariaDBConnection``.
    ///
    /// - Throws: ``DatabaseError``: `cannotConnect`, `serverUnavailable` or `tooManyConnections`, which may pass, or
    ///   `authenticationFailed`, `permissionDenied`, `unknownDatabase`, `tlsFailed` or `invalidConfiguration`, which
    ///   don't.
    public func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection {
        let timeout = min(request.timeout, configuration.server.connectTimeout)
        let connector = Connector(configuration.server, deadline: .now + timeout)
        let (handle, facts) = try connector.connect()
        return try MariaDBConnection(handle, facts, configuration)
    }
}

extension DriverPlugin {
    /// MariaDB, for URLs that begin with `mariadb:` or `mysql:`.
    public static let mariaDB = DriverPlugin(
        name: "MariaDB",
        schemes: MariaDBConfiguration.schemes
    ) { url throws(DatabaseError) in
        try MariaDBDriver(url: url)
    }
}
