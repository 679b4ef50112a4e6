// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct ServerConfigurationTests {
    typealias Endpoint = ServerConfiguration.Endpoint

    /// Reads a URL as the driver of PostgreSQL or that of MariaDB does.
    private func read(_ text: String) throws -> ServerConfiguration {
        let url = try ConnectionURL(text)
        var parameters = ParameterReader(url)
        let isMariaDB = ["mariadb", "mysql"].contains(url.scheme)
        let configuration = try ServerConfiguration(
            url: url,
            schemes: isMariaDB ? ["mariadb", "mysql"] : ["postgresql", "postgres"],
            defaultPort: isMariaDB ? 3306 : 5432,
            socket: isMariaDB ? .file(parameter: "socket") : .directory(parameter: "host"),
            parameters: &parameters
        )
        _ = try parameters.bool("driver_option")
        try parameters.finish()
        return configuration
    }

    @Test(arguments: [
        ("postgresql://db", Endpoint.tcp(host: "db", port: 5432)), ("mysql://db", .tcp(host: "db", port: 3306)),
        ("mariadb://db:1/x", .tcp(host: "db", port: 1)), ("postgres://[::1]:1/x", .tcp(host: "::1", port: 1)),
        ("postgres:///x?host=/run/pg", .unixSocket(path: "/run/pg", port: 5432)),
        ("postgres://:5433/x?host=/run/pg", .unixSocket(path: "/run/pg", port: 5433)),
        ("postgres://u@%2Frun%2Fpg:5433/x", .unixSocket(path: "/run/pg", port: 5433)),
        ("mariadb://u@/x?socket=/run/m.sock", .unixSocket(path: "/run/m.sock")),
        ("mariadb://%2Frun%2Fm.sock/x", .unixSocket(path: "/run/m.sock")),
    ])
    func findsTheEndpoint(text: String, endpoint: Endpoint) throws {
        #expect(try read(text).endpoint == endpoint)
    }

    @Test func readsEverything() throws {
        let configuration = try read(
            """
            postgresql://app:p%40ss@db/shop?sslmode=verify-ca&sslrootcert=/ca&sslcert=/c&sslkey=/k\
            &connect_timeout=500ms&application_name=my%20app\
            &keepalives_idle=1m&keepalives_interval=5s&keepalives_count=9&driver_option=on
            """
        )
        #expect(configuration.user == "app")
        #expect(configuration.password == Secret("p@ss"))
        #expect(configuration.database == "shop")
        #expect(configuration.tls.mode == .verifyCA)
        #expect(configuration.tls.caFile == "/ca")
        #expect(configuration.connectTimeout == .milliseconds(500))
        #expect(configuration.applicationName == "my app")
        #expect(try configuration.keepAlive == TCPKeepAlive(idle: .seconds(60), interval: .seconds(5), count: 9))
    }

    @Test func hasDefaults() throws {
        let configuration = try read("postgresql://db/")
        #expect(configuration.user == nil)
        #expect(configuration.password == nil)
        #expect(configuration.database == nil)
        #expect(configuration.tls == .default(forHost: "db"))
        #expect(configuration.tls.mode == .verifyFull)
        #expect(configuration.connectTimeout == .seconds(10))
        #expect(configuration.applicationName == nil)
        #expect(try configuration.keepAlive == TCPKeepAlive(idle: .seconds(30), interval: .seconds(10), count: 3))
        #expect(try configuration == ServerConfiguration(endpoint: .tcp(host: "db", port: 5432)))
        #expect(try read("postgresql://localhost").tls.mode == .insecurePlaintext)
        #expect(try read("postgresql://?host=/run").tls.mode == .insecurePlaintext)
    }

    @Test(arguments: [
        ("postgresql:db", "postgresql://host"), ("postgresql://", "names no host"), ("postgresql:///x", "?host="),
        ("mariadb://u:p@/x", "?socket="), ("postgresql://:1/x", "names no host"), ("postgresql://db/x/y", "%2F"),
        ("postgresql://db/x/", "%2F"), ("postgresql://db?host=/run", "names a host"),
        ("mariadb://db?socket=/m", "names a host"), ("mariadb://:1/x?socket=/m", "port"),
        ("mariadb://%2Fm:1/x", "port"), ("postgresql:///x?host=a,b", "several hosts"),
        ("postgresql:///x?host=db", "after //"), ("mariadb:///x?socket=m.sock", "absolute path"),
        ("mariadb://db?host=/m", "\"host\""), ("postgresql://db?socket=/m", "\"socket\""),
        ("postgresql:///x?host=/run&sslmode=verify-full", "Unix socket"),
        ("postgresql:///x?host=/run&sslmode=require", "Unix socket"),
        ("postgresql://db?connect_timeout=99ms", "100ms to 10m"),
        ("postgresql://db?connect_timeout=601s", "100ms to 10m"), ("postgresql://db?connect_timeout=10", "500ms"),
        ("postgresql://db?application_name=", "empty"), ("postgresql://db?application_name=a%0Ab", "control"),
        ("postgresql://db?keepalives_count=0", "1 to 127"), ("postgresql://db?keepalives_idle=0s", "1s to 2h"),
        ("postgresql://db?keepalives_interval=0s", "1s to 10m"), ("postgresql://db?keepalives_idle=1500ms", "whole"),
        ("postgresql://db?driver_optin=1", "driver_option"), ("postgresql://db?password=x", "\"password\""),
    ])
    func isRefused(text: String, reason: String) throws {
        let error = try #require(throws: DatabaseError.self) { try read(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains(reason))
    }

    @Test(arguments: ["oracle://db", "sqlite:x.db"])
    func otherSchemesAreUnknown(text: String) throws {
        let error = try #require(throws: DatabaseError.self) { try read(text) }
        #expect(error.code == .unknownScheme)
        #expect(error.hint?.contains("postgresql, postgres") == true)
    }

    @Test(arguments: [
        Endpoint.tcp(host: "", port: 1), .tcp(host: "db", port: 0), .tcp(host: "db", port: 65536),
        .tcp(host: "a,b", port: 1), .tcp(host: "/run", port: 1), .tcp(host: "db\u{0}", port: 1),
        .tcp(host: "[::1]", port: 1), .tcp(host: "::1%", port: 1), .tcp(host: "user@db", port: 1),
        .unixSocket(path: "run"), .unixSocket(path: ""), .unixSocket(path: "/run\u{0}"),
        .unixSocket(path: "/run", port: 0),
    ])
    func impossibleEndpointsAreRefused(endpoint: Endpoint) {
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint) }
    }

    @Test func hostsHaveAtMost253Characters() throws {
        let host = String(repeating: "h", count: 253)
        _ = try ServerConfiguration(endpoint: .tcp(host: host, port: 1))
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: .tcp(host: host + "h", port: 1)) }
    }

    @Test func textsThatCWouldCutShortAreRefused() throws {
        let endpoint = Endpoint.tcp(host: "db", port: 1)
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint, user: "a\u{0}") }
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint, user: "") }
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint, database: "a\u{0}") }
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint, database: "") }
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint, applicationName: "\u{7F}") }
        #expect(throws: DatabaseError.self) { try ServerConfiguration(endpoint: endpoint, password: "a\u{0}b") }
        #expect(throws: DatabaseError.self) {
            try ServerConfiguration(endpoint: endpoint, connectTimeout: .milliseconds(99))
        }
        _ = try ServerConfiguration(endpoint: endpoint, password: "")
    }

    @Test func credentialsCanBeReplaced() throws {
        let old = try read(
            """
            postgresql://app:old@localhost:1/x?sslmode=require&connect_timeout=3s&application_name=n&keepalives_count=5
            """
        )
        let new = try old.replacingCredentials(user: "other", password: "new")
        #expect(new.user == "other")
        #expect(new.password == Secret("new"))
        #expect(new != old)
        #expect(try new.replacingCredentials(user: "app", password: "old") == old)
        #expect(throws: DatabaseError.self) { try old.replacingCredentials(user: "", password: nil) }
    }

    @Test(arguments: [
        ("postgresql://app:hunter2@db/shop", "app:***@db:5432/shop, TLS verify-full"),
        ("postgresql://app:@[::1]", "app:***@[::1]:5432, TLS disable"), ("postgresql://db", "db:5432, TLS verify-full"),
        ("postgresql://a%0Ab@db/c%0Ad", "a%0Ab@db:5432/c%0Ad, TLS verify-full"),
        ("mariadb://app:hunter2@/x?socket=/m%0A.sock", "app:***@(/m%0A.sock)/x, TLS disable"),
        ("postgresql:///x?host=/run/pg", "(/run/pg):5432/x, TLS disable"),
    ])
    func describesItselfWithoutThePassword(text: String, description: String) throws {
        let configuration = try read(text)
        #expect(configuration.description == description)
        #expect(configuration.debugDescription == description)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(dumped.contains(description))
        #expect(!dumped.contains("hunter2"))
    }

    @Test func tellsItsLocationWithoutTheUser() throws {
        #expect(try read("postgresql://app:hunter2@db/shop").location == "db:5432/shop")
        #expect(try read("mariadb://app@/?socket=/m").location == "(/m)")
    }
}

struct TCPKeepAliveTests {
    @Test(arguments: [
        (Duration.seconds(1), Duration.seconds(1), 1), (.seconds(7200), .seconds(600), 127),
    ])
    func takesItsRange(idle: Duration, interval: Duration, count: Int) throws {
        let keepAlive = try TCPKeepAlive(idle: idle, interval: interval, count: count)
        #expect(keepAlive.idle == idle)
        #expect(keepAlive.interval == interval)
        #expect(keepAlive.count == count)
    }

    @Test(arguments: [
        (Duration.zero, Duration.seconds(1), 1), (.seconds(7201), .seconds(1), 1),
        (.milliseconds(1500), .seconds(1), 1),
        (.seconds(1), .zero, 1), (.seconds(1), .seconds(601), 1), (.seconds(1), .milliseconds(1500), 1),
        (.seconds(1), .seconds(1), 0), (.seconds(1), .seconds(1), 128), (.seconds(1), .seconds(1), -1),
    ])
    func refusesWhatTheSystemWouldIgnore(idle: Duration, interval: Duration, count: Int) throws {
        let error = try #require(throws: DatabaseError.self) {
            try TCPKeepAlive(idle: idle, interval: interval, count: count)
        }
        #expect(error.code == .invalidConfiguration)
    }

    @Test func hasADefault() {
        #expect(TCPKeepAlive.default.idle == .seconds(30))
        #expect(TCPKeepAlive.default.interval == .seconds(10))
        #expect(TCPKeepAlive.default.count == 3)
    }
}
