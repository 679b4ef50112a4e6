// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayMariaDB
import MainstayTesting
import Testing

/// The server that `Scripts/servers` started, as its environment variables tell.
enum TestServer {
    /// For suites that need the server. Skipped without it, unless everything is demanded: then they fail.
    static let isAsked: Bool = isDemanded || environment("MAINSTAY_MARIADB_URL") != nil

    private static var isDemanded: Bool { environment("MAINSTAY_REQUIRE_ALL") == "1" }

    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A variable without which a test can't run.
    static func variable(_ name: String) throws -> String {
        try #require(environment(name), "\(name) is not set; see Scripts/servers")
    }

    /// The server's configuration, with something else here and there.
    static func configuration(
        endpoint: ServerConfiguration.Endpoint? = nil,
        user: String? = nil,
        password: Secret? = nil,
        database: String? = nil,
        tls: TLSConfiguration? = nil
    ) throws -> MariaDBConfiguration {
        let server = try MariaDBConfiguration(url: ConnectionURL(variable("MAINSTAY_MARIADB_URL"))).server
        return MariaDBConfiguration(
            server: try ServerConfiguration(
                endpoint: endpoint ?? server.endpoint,
                user: user ?? server.user,
                password: password ?? server.password,
                database: database ?? server.database,
                tls: tls ?? (endpoint == nil ? server.tls : nil)
            )
        )
    }

    /// The server's port.
    static var port: Int {
        get throws {
            guard case .tcp(_, let port) = try configuration().server.endpoint else { return 3306 }
            return port
        }
    }

    /// Opens a connection.
    static func connect(
        _ configuration: MariaDBConfiguration? = nil,
        timeout: Duration = .seconds(10)
    ) throws -> MariaDBConnection {
        let driver = MariaDBDriver(try configuration ?? self.configuration())
        let connection = try driver.connect(ConnectRequest(role: .writer, timeout: timeout))
        return try #require(connection as? MariaDBConnection)
    }

    /// Lends a connection to a database of its own.
    static func withConnection<Result>(_ body: (MariaDBConnection) throws -> Result) throws -> Result {
        try withDatabase { _, connection in try body(connection) }
    }

    /// Lends a database of its own, by a configuration, and a connection to it.
    static func withDatabase<Result>(
        _ body: (MariaDBConfiguration, MariaDBConnection) throws -> Result
    ) throws -> Result {
        let name = "Test \(UUID().uuidString.prefix(8)) `\\ü"
        let quoted = "`\(name.replacingOccurrences(of: "`", with: "``"))`"
        let creator = try connect()
        defer { creator.close() }
        try creator.execute("CREATE DATABASE \(quoted)")
        defer { _ = try? creator.execute("DROP DATABASE \(quoted)") }
        let configuration = try configuration(database: name)
        let connection = try connect(configuration)
        defer { connection.close() }
        return try body(configuration, connection)
    }
}

extension MariaDBConnection {
    /// The number by which an administrator ends the connection.
    var id: Int64 {
        get throws {
            guard case .integer(let id) = try cell("SELECT CAST(CONNECTION_ID() AS SIGNED)") else { return 0 }
            return id
        }
    }
}
