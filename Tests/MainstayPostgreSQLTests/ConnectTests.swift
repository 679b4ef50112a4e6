// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ConnectTests {
    private func error(_ configuration: PostgreSQLConfiguration, timeout: Duration = .seconds(10)) -> DatabaseError? {
        failure { try TestServer.connect(configuration, timeout: timeout).close() }.error
    }

    @Test func `The session is what the driver relies on`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        #expect(connection.isUsable)
        #expect(connection.transactionState == .none)
        #expect(try connection.cell("SHOW client_encoding") == .text("UTF8"))
        #expect(try connection.cell("SHOW application_name") == .text(""))
        #expect(connection.probe())
        try connection.ping()
        connection.close()
        connection.close()
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
        #expect(!connection.probe())
        #expect(failure { try connection.ping() }.error?.code == .connectionLost)
        #expect(failure { _ = try connection.rows("SELECT 1") }.error?.code == .connectionLost)
        try connection.rollback()
        connection.interrupter.cancel()
        connection.interrupter.abort()
    }

    @Test func `Settings of the URL are those of the session`() throws {
        let base = try TestServer.variable("MAINSTAY_POSTGRESQL_URL")
        let parameters = "application_name=a%20%5Cb'%22&search_path=a%20%22b,%24user,c%5C&statement_timeout=1234ms"
        let url = try ConnectionURL("\(base)?\(parameters)&keepalives_idle=7s&connect_timeout=5s")
        let connection = try TestServer.connect(PostgreSQLConfiguration(url: url))
        defer { connection.close() }
        #expect(try connection.cell("SHOW application_name") == .text("a \\b'\""))
        #expect(try connection.cell("SHOW search_path") == .text(#""a ""b","$user","c\""#))
        #expect(try connection.cell("SHOW statement_timeout") == .text("1234ms"))
        // And they are what a reset goes back to.
        _ = try connection.executeScript("SET search_path = public; SET statement_timeout = 0")
        #expect(try connection.reset())
        #expect(try connection.cell("SHOW search_path") == .text(#""a ""b","$user","c\""#))
        #expect(try connection.cell("SHOW statement_timeout") == .text("1234ms"))
    }

    @Test func `Wrong password, user or database, each by its name and without a secret`() throws {
        let wrong = "hunter2'\\ \""
        let password = try #require(error(TestServer.configuration(password: Secret(wrong))))
        #expect(password.code == .authenticationFailed)
        #expect(password.sqlState == "28P01")
        #expect(!password.isTransient)
        #expect(password.message.contains("127.0.0.1:\(try TestServer.port)"))
        #expect(password.hint != nil)
        #expect(!"\(password)".contains("hunter2"))
        let user = try #require(error(TestServer.configuration(user: "nobody: FATAL:  3D000: x")))
        #expect(user.code == .authenticationFailed)
        let database = try #require(error(TestServer.configuration(database: "no such:  28P01: database")))
        #expect(database.code == .unknownDatabase)
        #expect(database.sqlState == "3D000")
        #expect(!database.isTransient && !database.isConnectionUsable)
        // Names that would be parameters to libpq, if it read them as such.
        let injected = try #require(error(TestServer.configuration(database: "host=192.0.2.1 dbname=mainstay")))
        #expect(injected.code == .unknownDatabase)
        let empty = try #require(error(TestServer.configuration(password: "")))
        #expect(empty.code == .authenticationFailed)
        #expect(empty.hint?.contains("password") == true)
    }

    @Test func `Nobody listens, nobody answers, nobody is known`() throws {
        let silent = try Proxy(on: "127.0.0.1", to: nil)
        defer { silent.cut() }
        let refused = try #require(error(TestServer.configuration(endpoint: .tcp(host: "127.0.0.1", port: 1))))
        #expect(refused.code == .cannotConnect)
        #expect(refused.isTransient && !refused.isConnectionUsable)
        #expect(refused.message.contains("127.0.0.1:1:"))
        #expect(refused.hint?.contains("running") == true)
        let (mute, duration) = failure {
            let configuration = try TestServer.configuration(endpoint: .tcp(host: "localhost", port: silent.port))
            try TestServer.connect(configuration, timeout: .milliseconds(300)).close()
        }
        #expect(mute?.code == .cannotConnect)
        #expect(mute?.isTransient == true)
        #expect(mute?.message.contains("localhost:\(silent.port)") == true)
        #expect(duration < .seconds(2))
        let unknown = error(try TestServer.configuration(endpoint: .tcp(host: "no-such-host.invalid", port: 5432)))
        #expect(unknown?.code == .cannotConnect)
        #expect(unknown?.message.contains("no-such-host.invalid") == true)
        // A documentation address: unreachable at once, or silent.
        let (far, farDuration) = failure {
            let configuration = try TestServer.configuration(endpoint: .tcp(host: "192.0.2.1", port: 5432))
            try TestServer.connect(configuration, timeout: .milliseconds(500)).close()
        }
        #expect(far?.code == .cannotConnect)
        #expect(farDuration < .seconds(3))
    }

    @Test func `A Unix socket`() throws {
        let directory = try TestServer.variable("MAINSTAY_POSTGRESQL_SOCKET")
        let endpoint = ServerConfiguration.Endpoint.unixSocket(path: directory, port: try TestServer.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        defer { connection.close() }
        #expect(try connection.cell("SELECT inet_server_addr()::text") == .null)
        let wrong = ServerConfiguration.Endpoint.unixSocket(path: directory, port: 1)
        let missing = error(try TestServer.configuration(endpoint: wrong))
        #expect(missing?.code == .cannotConnect)
        #expect(missing?.message.contains(directory) == true)
    }

    @Test func `A name with several addresses`() throws {
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "localhost", port: try TestServer.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        defer { connection.close() }
        try connection.ping()
    }

    // MARK: TLS

    private func tls(_ mode: TLSMode, _ variable: String? = nil) throws -> TLSConfiguration {
        try TLSConfiguration(mode: mode, caFile: try variable.map { try TestServer.variable($0) })
    }

    @Test func `TLS as demanded`() throws {
        for (mode, variable) in [
            (TLSMode.verifyFull, "MAINSTAY_TLS_CA"), (.verifyCA, "MAINSTAY_TLS_CA"), (.insecureUnverified, nil),
        ] {
            let connection = try TestServer.connect(TestServer.configuration(tls: tls(mode, variable)))
            defer { connection.close() }
            #expect(
                try connection.cell("SELECT ssl AND version >= 'TLSv1.2' FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                    == .bool(true)
            )
            // Waiting, pipelines and large values work through TLS as well.
            let megabytes = [UInt8](repeating: 7, count: 3 << 20)
            #expect(try connection.cell("SELECT length($1)", .bytes(megabytes)) == .integer(3 << 20))
            #expect(try connection.cell("SELECT $1", .bytes(megabytes)) == .bytes(megabytes))
            try connection.ping()
            #expect(connection.probe())
        }
    }

    @Test func `A certificate of another authority is refused`() throws {
        for mode in [TLSMode.verifyFull, .verifyCA] {
            let refused = try #require(error(TestServer.configuration(tls: tls(mode, "MAINSTAY_TLS_OTHER_CA"))))
            #expect(refused.code == .tlsFailed)
            #expect(!refused.isTransient)
            #expect(refused.hint?.contains("sslrootcert") == true)
        }
        // The test's authority is none that the system trusts.
        #expect(error(try TestServer.configuration(tls: tls(.verifyFull)))?.code == .tlsFailed)
        let missing = try TLSConfiguration(mode: .verifyFull, caFile: "/nonexistent/ca.crt")
        #expect(error(try TestServer.configuration(tls: missing))?.message.contains("/nonexistent/ca.crt") == true)
    }

    @Test func `A certificate of another host is refused`() throws {
        let proxy = try Proxy(on: "127.0.0.2", to: try TestServer.port)
        defer { proxy.cut() }
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.2", port: proxy.port)
        let full = try TestServer.configuration(endpoint: endpoint, tls: tls(.verifyFull, "MAINSTAY_TLS_CA"))
        let refused = try #require(error(full))
        #expect(refused.code == .tlsFailed)
        #expect(refused.hint?.contains("verify-ca") == true)
        // Where the name does not matter, the same certificate is good.
        let authority = try TestServer.configuration(endpoint: endpoint, tls: tls(.verifyCA, "MAINSTAY_TLS_CA"))
        try TestServer.connect(authority).close()
    }

    @Test func `Channel binding is there or refused`() throws {
        var configuration = try TestServer.configuration(tls: tls(.verifyFull, "MAINSTAY_TLS_CA"))
        configuration.channelBinding = .require
        try TestServer.connect(configuration).close()
        var plain = try TestServer.configuration(tls: tls(.insecurePlaintext))
        plain.channelBinding = .require
        #expect(error(plain)?.code == .authenticationFailed)
    }

    // MARK: Environment

    // In a process of its own, for all threads of a process share one environment.
    @Test func `No environment variable and no file of libpq changes anything`() async throws {
        try await #require(processExitsWith: .success) {
            let home = FileManager.default.temporaryDirectory.appending(path: "mainstay-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: home) }
            let pass = home.appending(path: ".pgpass")
            try Data("*:*:*:*:wrong\n".utf8).write(to: pass)
            chmod(pass.path, 0o600)
            let service = home.appending(path: "service.conf")
            try Data("[shop]\nhost=192.0.2.1\nport=1\npassword=wrong\nsslmode=disable\noptions=-c geqo=off\n".utf8)
                .write(to: service)
            for (name, value) in [
                ("HOME", home.path), ("PGPASSFILE", pass.path), ("PGSERVICEFILE", service.path), ("PGSERVICE", "shop"),
                ("PGHOST", "192.0.2.1"), ("PGHOSTADDR", "192.0.2.1"), ("PGPORT", "1"), ("PGDATABASE", "wrong"),
                ("PGUSER", "wrong"), ("PGPASSWORD", "wrong"), ("PGSSLMODE", "disable"), ("PGOPTIONS", "-c geqo=off"),
                ("PGREQUIREPEER", "wrong"), ("PGSSLROOTCERT", "/nonexistent"), ("PGSSLCERT", "/etc/passwd"),
                ("PGSSLKEY", "/etc/passwd"), ("PGSSLCRL", "/etc/passwd"), ("PGSSLCRLDIR", "/etc"), ("PGSSLSNI", "0"),
                ("PGCHANNELBINDING", "disable"), ("PGGSSENCMODE", "require"), ("PGKRBSRVNAME", "wrong"),
                ("PGSSLMINPROTOCOLVERSION", "TLSv1.3"), ("PGSSLMAXPROTOCOLVERSION", "TLSv1.1"),
                ("PGSSLCOMPRESSION", "1"),
                ("PGTARGETSESSIONATTRS", "standby"), ("PGAPPNAME", "wrong"), ("PGCLIENTENCODING", "LATIN1"),
                ("PGDATESTYLE", "German"), ("PGCONNECT_TIMEOUT", "1"), ("PGREQUIREAUTH", "none"),
            ] {
                setenv(name, value, 1)
            }
            let authority = try TestServer.variable("MAINSTAY_TLS_CA")
            let tls = try TLSConfiguration(mode: .verifyFull, caFile: authority)
            let connection = try TestServer.connect(TestServer.configuration(tls: tls))
            let rows = try connection.rows(
                """
                SELECT current_user::text, current_database()::text, current_setting('client_encoding'),
                    current_setting('application_name'), current_setting('geqo'), current_setting('DateStyle'),
                    (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())
                """
            )
            try #require(
                rows == [
                    [
                        .text("mainstay"), .text("mainstay"), .text("UTF8"), .text(""), .text("on"), .text("ISO, DMY"),
                        .bool(true),
                    ]
                ]
            )
            try #require(try connection.reset())
            try #require(try connection.cell("SHOW DateStyle") == .text("ISO, DMY"))
            connection.close()

            // Without a password of ours there is none.
            let server = try TestServer.configuration().server
            let anonymous = try server.replacingCredentials(user: server.user, password: nil)
            let password = ProcessInfo.processInfo.environment["MAINSTAY_POSTGRESQL_URL"]
                .flatMap { try? ConnectionURL($0).password }
            password?.withExposed { password in
                setenv("PGPASSWORD", password, 1)
                try? Data("*:*:*:*:\(password.replacingOccurrences(of: ":", with: "\\:"))\n".utf8).write(to: pass)
            }
            let error = failure { try TestServer.connect(PostgreSQLConfiguration(server: anonymous)).close() }.error
            try #require(error?.code == .authenticationFailed)
        }
    }
}
