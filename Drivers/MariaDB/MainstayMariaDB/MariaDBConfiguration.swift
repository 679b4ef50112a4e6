// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How to reach a MariaDB server.
///
/// What a session begins with is not configured but always the same, so that statements mean the same everywhere: text
/// in `utf8mb4`, time zone UTC, autocommit, and an `sql_mode` that refuses what would have to be changed to fit.
public struct MariaDBConfiguration: Sendable, Equatable {
    /// The server, the user and the database. A Unix socket is given by its file, without a port.
    public var server: ServerConfiguration

    /// Creates a configuration.
    public init(server: ServerConfiguration) {
        self.server = server
    }
}

extension MariaDBConfiguration {
    static let schemes = ["mariadb", "mysql"]

    /// Reads a URL: `mariadb://user:password@host:3306/database?name=value&…`.
    ///
    /// Parameters besides those that ``ServerConfiguration`` reads:
    /// - `socket`: the file of a Unix socket, in place of a host after `//`;
    /// - `charset`: accepted if it is `utf8mb4`, which it is anyway.
    ///
    /// Others are refused, and no option file (`my.cnf`) is read: what the URL says is all there is.
    ///
    /// - Throws: ``DatabaseError`` with `invalidConfiguration`, or `unknownScheme`.
    public init(url: ConnectionURL) throws(DatabaseError) {
        var parameters = ParameterReader(url)
        let server = try ServerConfiguration(
            url: url,
            schemes: Self.schemes,
            defaultPort: 3306,
            socket: .file(parameter: "socket"),
            parameters: &parameters
        )
        _ = try parameters.choice("charset", as: CharacterSet.self)
        try parameters.finish()
        self.init(server: server)
    }

    private enum CharacterSet: String, CaseIterable {
        case utf8mb4
    }
}
