// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayMariaDB

struct ConfigurationTests {
    private func configuration(_ url: String) throws -> MariaDBConfiguration {
        try MariaDBConfiguration(url: ConnectionURL(url))
    }

    @Test func `A URL names everything`() throws {
        let server = try configuration("mariadb://app:p%40ss@db.example.com:3307/shop?charset=utf8mb4").server
        #expect(server.endpoint == .tcp(host: "db.example.com", port: 3307))
        #expect(server.user == "app")
        #expect(server.password == "p@ss")
        #expect(server.database == "shop")
        #expect(server.tls.mode == .verifyFull)
        #expect(try configuration("mysql://app@localhost").server.endpoint == .tcp(host: "localhost", port: 3306))
        let socket = try configuration("mariadb:///shop?socket=/run/mysqld/mysqld.sock").server
        #expect(socket.endpoint == .unixSocket(path: "/run/mysqld/mysqld.sock"))
        #expect(socket.tls.mode == .insecurePlaintext)
    }

    @Test(arguments: [
        "mariadb://localhost/shop?charset=latin1", "mariadb://localhost/shop?charset=utf8",
        "mariadb://localhost/shop?allowMultiQueries=true", "mariadb://localhost/shop?sslmode=prefer",
        "mariadb://localhost/shop?read_default_file=/etc/my.cnf", "mariadb:///shop", "mariadb://localhost/shop?user=x",
        "mariadb://localhost:3306/shop?socket=/run/mysqld/mysqld.sock",
    ])
    func `What is not understood is refused`(_ url: String) {
        #expect(failure { _ = try configuration(url) }.error?.code == .invalidConfiguration)
    }

    @Test func `The plug-in opens its own URLs only`() throws {
        #expect(DriverPlugin.mariaDB.schemes == ["mariadb", "mysql"])
        let driver = try DriverPlugin.mariaDB.makeDriver(ConnectionURL("mariadb://u:secret@localhost/shop"))
        #expect(driver.name == "MariaDB")
        #expect(driver.location == "localhost:3306/shop")
        #expect(driver.topology == .uniform)
        #expect(!"\(driver)".contains("secret"))
        let other = try ConnectionURL("postgresql://localhost/shop")
        #expect(failure { _ = try DriverPlugin.mariaDB.makeDriver(other) }.error?.code == .unknownScheme)
    }
}
