// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ServerConfiguration {
    /// Reads what drivers of servers have in common from a URL, and leaves the other parameters to the driver.
    ///
    /// ```swift
    /// var parameters = ParameterReader(url)
    /// let server = try ServerConfiguration(
    ///     url: url, schemes: ["mariadb", "mysql"], defaultPort: 3306, socket: .file(parameter: "socket"),
    ///     parameters: &parameters
    /// )
    /// let compress = try parameters.bool("compress") ?? false
    /// try parameters.finish()
    /// ```
    /// The parameters are `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `connect_timeout`, `application_name`,
    /// `keepalives_idle`, `keepalives_interval`, `keepalives_count`, and the one that gives a Unix socket.
    ///
    /// - Parameters:
    ///   - url: The URL.
    ///   - schemes: The schemes that the driver opens, in lower case.
    ///   - defaultPort: The port of URLs that have none.
    ///   - socket: How URLs give a Unix socket.
    ///   - parameters: The reader of the URL's parameters.
    /// - Throws: ``DatabaseError/Code/unknownScheme`` when the scheme is another one, and
    ///   ``DatabaseError/Code/invalidConfiguration`` when the URL names no host, or both a host and a socket, or more
    ///   than a database after the host, or when a value does not fit.
    public init(
        url: ConnectionURL,
        schemes: [String],
        defaultPort: Int,
        socket: SocketStyle,
        parameters: inout ParameterReader
    ) throws(DatabaseError) {
        guard schemes.contains(url.scheme) else {
            throw DatabaseError(
                .unknownScheme,
                "the URL's scheme is \(url.scheme), which this driver does not open",
                hint: "it opens \(schemes.joined(separator: ", "))"
            )
        }
        guard url.hasAuthority else {
            throw .misconfigured("the URL has no // after its scheme", hint: "write \(url.scheme)://host/database")
        }
        guard url.pathSegments.count <= 2 else {
            throw .misconfigured(
                "the URL has more than one / after the host",
                hint: "write / as %2F where it belongs to the name of the database"
            )
        }
        let endpoint = try Self.readEndpoint(url, defaultPort, socket, &parameters)
        try self.init(
            endpoint: endpoint,
            user: url.user,
            password: url.password,
            database: url.database,
            tls: try TLSConfiguration(parameters: &parameters, host: endpoint.host),
            connectTimeout: try parameters.duration("connect_timeout", in: Self.connectTimeoutRange)
                ?? Self.defaultConnectTimeout,
            applicationName: try parameters.string("application_name"),
            keepAlive: try TCPKeepAlive(parameters: &parameters)
        )
    }

    private static func readEndpoint(
        _ url: ConnectionURL,
        _ defaultPort: Int,
        _ style: SocketStyle,
        _ parameters: inout ParameterReader
    ) throws(DatabaseError) -> Endpoint {
        let socket = try readSocket(style, &parameters)
        guard url.host == nil || socket == nil else {
            throw .misconfigured("the URL names a host, and another one by parameter \"\(style.parameter)\"")
        }
        guard let host = url.host ?? socket else {
            throw .misconfigured(
                "the URL names no host",
                hint: "write \(url.scheme)://localhost/database, or ?\(style.parameter)= and the path of a Unix socket"
            )
        }
        guard host.utf8.first == UInt8(ascii: "/") else { return .tcp(host: host, port: url.port ?? defaultPort) }
        switch style {
        case .directory:
            return .unixSocket(path: host, port: url.port ?? defaultPort)
        case .file:
            guard url.port == nil else { throw .misconfigured("the URL gives a port to a Unix socket, which has none") }
            return .unixSocket(path: host)
        }
    }

    private static func readSocket(
        _ style: SocketStyle,
        _ parameters: inout ParameterReader
    ) throws(DatabaseError) -> String? {
        guard let socket = try parameters.string(style.parameter) else { return nil }
        guard socket.utf8.first == UInt8(ascii: "/") else {
            guard !socket.utf8.contains(UInt8(ascii: ",")) else {
                throw ParameterReader.misfit(
                    style.parameter,
                    "names several hosts, which is not supported yet",
                    hint: "name one host after //"
                )
            }
            throw ParameterReader.misfit(
                style.parameter,
                "is not the absolute path of a Unix socket",
                hint: "a host stands after //"
            )
        }
        return socket
    }
}
