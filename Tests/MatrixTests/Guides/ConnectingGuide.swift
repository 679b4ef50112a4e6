// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import Testing

/// The code of `Connecting.md`, and what it claims.
@Suite struct ConnectingGuide {
    @Test func `passwords in URLs`() throws {
        // #encoded
        let password = ConnectionURL.percentEncoded("p@ss:w/rd?%")
        let url = "postgresql://app:\(password)@db.example.com/shop"

        let parsed = try ConnectionURL(url)
        #expect(parsed.password?.withExposed { $0 } == "p@ss:w/rd?%")
        #expect(parsed.description == "postgresql://app:***@db.example.com/shop")
    }

    @Test func `typed configurations`() async throws {
        func readPassword() -> String { "hunter2" }

        // #typed
        let server = try ServerConfiguration(
            endpoint: .tcp(host: "db.example.com", port: 5432),
            user: "app",
            password: Secret(readPassword()),
            database: "shop",
            tls: TLSConfiguration(mode: .verifyFull, caFile: "/etc/shop/ca.pem")
        )
        let postgreSQL = try Database(PostgreSQLDriver(PostgreSQLConfiguration(server: server)))

        #expect(postgreSQL.driver.location == "db.example.com:5432/shop")
        await postgreSQL.close()
    }

    @Test func `a typed configuration of SQLite`() async throws {
        // #sqlite
        var configuration = SQLiteConfiguration(.path("shop.db"))
        configuration.busyTimeout = .seconds(1)
        let sqlite = try Database(SQLiteDriver(configuration))

        #expect(sqlite.driver.location == "shop.db")
        await sqlite.close()
    }

    @Test(arguments: [
        "sqlite:shop.db": "shop.db", "sqlite:data/shop.db": "data/shop.db",
        "sqlite:///var/lib/shop.db": "/var/lib/shop.db", "sqlite::memory:": ":memory:",
        "postgresql://user:password@host:5432/database": "host:5432/database", "postgres://host": "host:5432",
        "mariadb://user:password@host:3306/database": "host:3306/database", "mysql://host": "host:3306",
        "postgresql://[::1]/shop": "[::1]:5432/shop",
        "postgresql:///shop?host=/run/postgresql": "(/run/postgresql):5432/shop",
        "postgresql://%2Frun%2Fpostgresql/shop": "(/run/postgresql):5432/shop",
        "mariadb:///shop?socket=/run/mysqld/mysqld.sock": "(/run/mysqld/mysqld.sock)/shop",
    ])
    func `URLs`(_ url: String, location: String) throws {
        let database = try Database(url, drivers: [.sqlite, .postgreSQL, .mariaDB])
        #expect(database.driver.location == location)
    }

    @Test func `defaults of TLS`() {
        for host in ["localhost", "127.0.0.1", "127.8.9.10", "::1", "/run/postgresql"] {
            #expect(TLSMode.default(forHost: host) == .insecurePlaintext)
        }
        for host in ["db.example.com", "10.0.0.1", "::2", "localhost.example.com"] {
            #expect(TLSMode.default(forHost: host) == .verifyFull)
        }
    }
}
