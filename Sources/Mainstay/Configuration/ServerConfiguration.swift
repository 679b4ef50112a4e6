// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How to reach a server and who logs in: what drivers of servers have in common.
///
/// A value that exists is valid, so its properties can't be set. Its description never shows the password.
public struct ServerConfiguration: Sendable, Equatable {
    /// Where the server listens.
    public let endpoint: Endpoint

    /// Who logs in, or nil for the user of the operating system.
    public let user: String?

    /// The password, or nil where the server asks for none.
    public let password: Secret?

    /// The database, or nil for the one that the server chooses.
    public let database: String?

    /// How TLS is used.
    public let tls: TLSConfiguration

    /// How long connecting may take, from the look-up of the host to the end of the authentication: 100 ms to 10 min.
    public let connectTimeout: Duration

    /// The name under which the server lists the connection.
    public let applicationName: String?

    /// How a dead peer is noticed; of no use on a Unix socket.
    public let keepAlive: TCPKeepAlive

    /// The range of ``connectTimeout``.
    public static let connectTimeoutRange: ClosedRange<Duration> = .milliseconds(100) ... .seconds(600)

    /// How long connecting may take by default.
    public static let defaultConnectTimeout: Duration = .seconds(10)

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - endpoint: Where the server listens.
    ///   - user: Who logs in; nil for the user of the operating system.
    ///   - password: The password, if the server asks for one.
    ///   - database: The database; nil for the one that the server chooses.
    ///   - tls: How TLS is used; nil for ``TLSConfiguration/default(forHost:)``.
    ///   - connectTimeout: 100 ms to 10 min.
    ///   - applicationName: The name under which the server lists the connection, without control characters.
    ///   - keepAlive: How a dead peer is noticed.
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when a value lies outside of its range; when a text is
    ///   empty (the password may be) or contains U+0000; and when TLS is demanded on a Unix socket, where it is not
    ///   spoken.
    public init(
        endpoint: Endpoint,
        user: String? = nil,
        password: Secret? = nil,
        database: String? = nil,
        tls: TLSConfiguration? = nil,
        connectTimeout: Duration = ServerConfiguration.defaultConnectTimeout,
        applicationName: String? = nil,
        keepAlive: TCPKeepAlive = .default
    ) throws(DatabaseError) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls ?? .default(forHost: endpoint.host)
        self.connectTimeout = connectTimeout
        self.applicationName = applicationName
        self.keepAlive = keepAlive
        try validate()
    }

    /// The same configuration with other credentials, for passwords that come from a vault or expire.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when the user is empty, or one of both contains U+0000.
    public func replacingCredentials(user: String?, password: Secret?) throws(DatabaseError) -> ServerConfiguration {
        try ServerConfiguration(
            endpoint: endpoint,
            user: user,
            password: password,
            database: database,
            tls: tls,
            connectTimeout: connectTimeout,
            applicationName: applicationName,
            keepAlive: keepAlive
        )
    }

    private func validate() throws(DatabaseError) {
        try endpoint.validate()
        for (text, field) in [(user, "user"), (database, "database"), (applicationName, "application name")] {
            // To C a text ends at U+0000, so a different one would arrive.
            guard let text else { continue }
            guard !text.isEmpty else { throw .misconfigured("the \(field) is empty") }
            guard !text.utf8.contains(0) else { throw .misconfigured("the \(field) contains U+0000") }
        }
        guard password?.withExposed({ $0.utf8.contains(0) }) != true else {
            throw .misconfigured("the password contains U+0000")
        }
        guard applicationName?.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) != true else {
            throw .misconfigured("the application name contains a control character")
        }
        guard Self.connectTimeoutRange.contains(connectTimeout) else {
            throw .misconfigured("the connect timeout is not 100ms to 10m")
        }
        if case .unixSocket = endpoint, tls.mode != .insecurePlaintext {
            throw .misconfigured("TLS is demanded, but it is not spoken on a Unix socket", hint: "leave sslmode out")
        }
    }
}
