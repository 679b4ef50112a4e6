// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB
import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct ConnectTests {
    private func error(_ configuration: MariaDBConfiguration, timeout: Duration = .seconds(10)) -> DatabaseError? {
        failure { try TestServer.connect(configuration, timeout: timeout).close() }.error
    }

    @Test func `The session is what the driver relies on`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        #expect(connection.isUsable)
        #expect(connection.transactionState == .none)
        for name in ["character_set_client", "character_set_connection", "character_set_results"] {
            #expect(try connection.cell("SELECT @@\(name)") == .text("utf8mb4"))
        }
        #expect(try connection.cell("SELECT @@time_zone") == .text("+00:00"))
        #expect(try connection.cell("SELECT @@autocommit") == .integer(1))
        #expect(try connection.cell("SELECT @@lc_messages") == .text("en_US"))
        let mode = """
            STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
            NO_ENGINE_SUBSTITUTION
            """
        #expect(try connection.cell("SELECT @@sql_mode") == .text(mode))
        #expect(connection.probe())
        try connection.ping()
        connection.close()
        connection.close()
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
        #expect(!connection.probe())
        #expect(failure { try connection.ping() }.error?.code == .connectionLost)
        #expect(failure { _ = try connection.rows("SELECT 1") }.error?.code == .connectionLost)
        #expect(failure { try connection.withNativeHandle { _ in } }.error?.code == .connectionLost)
        try connection.rollback()
        connection.interrupter.cancel()
        connection.interrupter.abort()
    }

    @Test func `Wrong password, user or database, each by its name and without a secret`() throws {
        let password = try #require(error(TestServer.configuration(password: "hunter2'\\ \"")))
        #expect(password.code == .authenticationFailed)
        #expect(password.sqlState == "28000")
        #expect(password.nativeCode?.number == 1045)
        #expect(!password.isTransient && !password.isConnectionUsable)
        #expect(password.message.contains("127.0.0.1:\(try TestServer.port)"))
        #expect(password.hint != nil)
        #expect(!"\(password)".contains("hunter2"))
        #expect(error(try TestServer.configuration(user: "nobody"))?.code == .authenticationFailed)
        #expect(error(try TestServer.configuration(password: ""))?.code == .authenticationFailed)
        let database = try #require(error(TestServer.configuration(database: "no such database")))
        #expect(database.code == .unknownDatabase)
        #expect(database.nativeCode?.number == 1049)
        #expect(!database.isTransient && !database.isConnectionUsable)
    }

    @Test func `A user who may not use the database is told so`() throws {
        let name = "narrow\(UUID().uuidString.prefix(8))"
        let administrator = try TestServer.connect()
        defer { administrator.close() }
        try administrator.execute("CREATE USER \(name) IDENTIFIED BY 'narrow'")
        defer { _ = try? administrator.execute("DROP USER \(name)") }
        let denied = try #require(error(TestServer.configuration(user: name, password: "narrow")))
        #expect(denied.code == .permissionDenied)
        #expect(denied.nativeCode?.number == 1044)
        #expect(!denied.isConnectionUsable && !denied.isTransient)
    }

    @Test func `A plug-in that shows the server the password is refused`() throws {
        // Any server may ask for one, also one that is not the right one.
        let rogue = try Proxy(to: TestServer.port, .asksForPlugin("mysql_clear_password"))
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: rogue.port)
        let refused = try #require(error(TestServer.configuration(endpoint: endpoint, password: "hunter2")))
        #expect(refused.code == .authenticationFailed)
        #expect(rogue.received.contains("mainstay"))
        #expect(!rogue.received.contains("hunter2"))
    }

    @Test func `Where nobody listens, the error says where`() throws {
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: 1)
        let refused = try #require(error(TestServer.configuration(endpoint: endpoint)))
        #expect(refused.code == .cannotConnect)
        #expect(refused.isTransient && !refused.isConnectionUsable)
        #expect(refused.message.contains("127.0.0.1:1"))
        let socket = try ServerConfiguration(endpoint: .unixSocket(path: "/nowhere/mariadb.sock"))
        let missing = try #require(error(MariaDBConfiguration(server: socket)))
        #expect(missing.code == .cannotConnect)
        #expect(missing.message.contains("/nowhere/mariadb.sock"))
        let host = ServerConfiguration.Endpoint.tcp(host: "no-such-host.invalid", port: 3306)
        let unknown = try #require(error(TestServer.configuration(endpoint: host, tls: .default(forHost: "localhost"))))
        #expect(unknown.code == .cannotConnect)
        #expect(unknown.message.contains("no-such-host.invalid"))
    }

    @Test func `A server that says nothing is given up in time`() throws {
        let silent = try Proxy(to: TestServer.port, .silent)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: silent.port)
        let configuration = try TestServer.configuration(endpoint: endpoint)
        let (error, duration) = failure {
            try TestServer.connect(configuration, timeout: .milliseconds(300)).close()
        }
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == true)
        #expect(duration >= .milliseconds(300))
        #expect(duration < .seconds(2))
    }

    @Test(arguments: [TLSMode.insecurePlaintext, .insecureUnverified])
    func `A server that greets and then says nothing is given up in time`(_ mode: TLSMode) throws {
        let rogue = try Proxy(to: TestServer.port, .greetsOnly)
        let configuration = try TestServer.configuration(
            endpoint: .tcp(host: "127.0.0.1", port: rogue.port),
            tls: TLSConfiguration(mode: mode)
        )
        let (error, duration) = failure {
            try TestServer.connect(configuration, timeout: .milliseconds(300)).close()
        }
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == true)
        // A TLS handshake is given up after whole seconds.
        #expect(duration < .seconds(3))
    }

    @Test func `The timeout for connecting is over once the connection is open`() throws {
        let connection = try TestServer.connect(timeout: .seconds(1))
        defer { connection.close() }
        #expect(try connection.cell("SELECT SLEEP(2.5)") == .integer(0))
    }

    #if os(Linux)
    @Test func `A dead peer is noticed as the configuration says`() throws {
        let base = try TestServer.variable("MAINSTAY_MARIADB_URL")
        let parameters = "keepalives_idle=7s&keepalives_interval=3s&keepalives_count=4"
        let connection = try TestServer.connect(MariaDBConfiguration(url: ConnectionURL("\(base)?\(parameters)")))
        defer { connection.close() }
        func option(_ level: Int32, _ name: Int32) throws -> Int32 {
            try connection.withNativeHandle { handle in
                var value: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(mysql_get_socket(handle), level, name, &value, &length)
                return value
            }
        }
        #expect(try option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        let tcp = Int32(IPPROTO_TCP)
        // TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT and TCP_USER_TIMEOUT of tcp(7).
        #expect(try [4, 5, 6, 18].map { try option(tcp, $0) } == [7, 3, 4, 19_000])
    }
    #endif

    @Test func `A Unix socket`() throws {
        let path = try TestServer.variable("MAINSTAY_MARIADB_SOCKET")
        let connection = try TestServer.connect(TestServer.configuration(endpoint: .unixSocket(path: path)))
        defer { connection.close() }
        #expect(connection.probe())
        #expect(try connection.cell("SELECT USER()") == .text("mainstay@localhost"))
    }

    @Test func `localhost is reached by TCP, as the configuration says`() throws {
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "localhost", port: try TestServer.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        defer { connection.close() }
        guard case .text(let user) = try connection.cell("SELECT USER()") else { return #expect(Bool(false)) }
        #expect(user != "mainstay@localhost")
    }
}
