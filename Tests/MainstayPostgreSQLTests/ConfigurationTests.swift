// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

struct ConfigurationTests {
    @Test func `A URL has everything`() throws {
        let url = try ConnectionURL(
            "postgres://us%65r:p%40ss@db.example.com:6432/shop?search_path=app,public&statement_timeout=5s"
                + "&channel_binding=require&application_name=till"
        )
        let driver = try #require(try DriverPlugin.postgreSQL.makeDriver(url) as? PostgreSQLDriver)
        let configuration = driver.configuration
        #expect(configuration.server.endpoint == .tcp(host: "db.example.com", port: 6432))
        #expect(configuration.server.user == "user")
        #expect(configuration.server.tls.mode == .verifyFull)
        #expect(configuration.searchPath == ["app", "public"])
        #expect(configuration.statementTimeout == .seconds(5))
        #expect(configuration.channelBinding == .require)
        #expect(driver.location == "db.example.com:6432/shop")
        #expect(driver.name == "PostgreSQL")
        #expect(driver.topology == .uniform)
        #expect(!"\(configuration)".contains("p@ss"))
    }

    @Test func `A Unix socket is given by its directory`() throws {
        for url in ["postgresql://u@/shop?host=/run/postgresql", "postgresql://u@%2Frun%2Fpostgresql/shop"] {
            let configuration = try PostgreSQLConfiguration(url: ConnectionURL(url))
            #expect(configuration.server.endpoint == .unixSocket(path: "/run/postgresql", port: 5432))
        }
    }

    @Test(arguments: [
        "options=-c%20geqo=off", "sslmode=prefer", "channel_binding=yes", "statement_timeout=5",
        "statement_timeout=-1s",
        "search_path=", "search_path=a,,b", "passfile=/x", "service=shop", "serch_path=a", "password=x",
        "search_path=a1234567890123456789012345678901234567890123456789012345678901234",
    ])
    func `What is not understood is refused`(parameter: String) {
        let error = failure {
            _ = try PostgreSQLConfiguration(url: ConnectionURL("postgresql://u@localhost/shop?\(parameter)"))
        }.error
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func `Configurations are checked like URLs`() throws {
        let server = try ServerConfiguration(endpoint: .tcp(host: "localhost", port: 5432))
        for configuration in [
            PostgreSQLConfiguration(server: server, searchPath: []),
            PostgreSQLConfiguration(server: server, searchPath: ["a\0"]),
            PostgreSQLConfiguration(server: server, statementTimeout: .seconds(-1)),
        ] {
            #expect(failure { _ = try PostgreSQLDriver(configuration) }.error?.code == .invalidConfiguration)
        }
    }
}
