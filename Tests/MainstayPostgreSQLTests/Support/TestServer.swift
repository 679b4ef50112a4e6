// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayPostgreSQL
import MainstayTesting
import Testing

/// The server that `Scripts/servers` started, as its environment variables tell.
enum TestServer {
    /// For suites that need the server. Skipped without it, unless everything is demanded: then they fail.
    static let isAsked: Bool = isDemanded || environment("MAINSTAY_POSTGRESQL_URL") != nil

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
        tls: TLSConfiguration? = nil,
        searchPath: [String]? = nil
    ) throws -> PostgreSQLConfiguration {
        let url = try ConnectionURL(variable("MAINSTAY_POSTGRESQL_URL"))
        let server = try PostgreSQLConfiguration(url: url).server
        return PostgreSQLConfiguration(
            server: try ServerConfiguration(
                endpoint: endpoint ?? server.endpoint,
                user: user ?? server.user,
                password: password ?? server.password,
                database: database ?? server.database,
                tls: tls ?? (endpoint == nil ? server.tls : nil)
            ),
            searchPath: searchPath
        )
    }

    /// The server's port.
    static var port: Int {
        get throws {
            guard case .tcp(_, let port) = try configuration().server.endpoint else { return 5432 }
            return port
        }
    }

    /// Opens a connection.
    static func connect(
        _ configuration: PostgreSQLConfiguration? = nil,
        timeout: Duration = .seconds(10)
    ) throws -> PostgreSQLConnection {
        let driver = try PostgreSQLDriver(configuration ?? self.configuration())
        let connection = try driver.connect(ConnectRequest(role: .writer, timeout: timeout))
        return try #require(connection as? PostgreSQLConnection)
    }

    /// Lends a connection and a schema of its own, which is the whole of its search path.
    static func withConnection<Result>(_ body: (PostgreSQLConnection) throws -> Result) throws -> Result {
        try withSchema { _, connection in try body(connection) }
    }

    /// Lends a schema of its own, by a configuration, and a connection to it.
    static func withSchema<Result>(
        _ body: (PostgreSQLConfiguration, PostgreSQLConnection) throws -> Result
    ) throws -> Result {
        let schema = "Test \(UUID().uuidString.prefix(8)) \"\\"
        let quoted = "\"\(schema.replacingOccurrences(of: "\"", with: "\"\""))\""
        let configuration = try configuration(searchPath: [schema])
        let connection = try connect(configuration)
        defer { connection.close() }
        _ = try connection.executeScript("CREATE SCHEMA \(quoted)")
        defer {
            // First, or it would keep its locks and the schema.
            connection.close()
            let cleaner = try? connect()
            _ = try? cleaner?.executeScript("SET client_min_messages TO error; DROP SCHEMA \(quoted) CASCADE")
            cleaner?.close()
        }
        return try body(configuration, connection)
    }
}
