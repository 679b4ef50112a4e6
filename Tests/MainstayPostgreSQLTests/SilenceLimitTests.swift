// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct SilenceLimitTests {
    /// Lends a role of its own that begins with a setting.
    private func withRole(_ setting: String, _ body: (PostgreSQLConfiguration) throws -> Void) throws {
        let name = "silent\(UUID().uuidString.prefix(8))"
        let administrator = try TestServer.connect()
        defer { administrator.close() }
        try administrator.execute("CREATE ROLE \"\(name)\" LOGIN PASSWORD 'silent'")
        defer { _ = try? administrator.execute("DROP ROLE \"\(name)\"") }
        try administrator.execute("ALTER ROLE \"\(name)\" SET \(setting)")
        try body(TestServer.configuration(user: name, password: "silent"))
    }

    /// A configuration for the server behind a proxy.
    private func configuration(through proxy: Proxy) throws -> PostgreSQLConfiguration {
        try TestServer.configuration(endpoint: .tcp(host: "127.0.0.1", port: proxy.port))
    }

    @Test(arguments: [
        // The server shows each in the largest unit that fits.
        ("2s", Duration.seconds(2)), ("2000", .seconds(2)), ("90s", .seconds(90)), ("1min", .seconds(60)),
        ("2h", .seconds(7200)), ("1d", .seconds(86_400)), ("1001ms", .milliseconds(1001)),
        ("2147483647ms", .milliseconds(2_147_483_647)),
    ])
    func `The limit is what the role's session began with`(_ setting: String, _ limit: Duration) throws {
        try withRole("idle_session_timeout = '\(setting)'") { configuration in
            let connection = try TestServer.connect(configuration)
            defer { connection.close() }
            #expect(connection.silenceLimit == limit)
            // What the session itself says is undone by a reset.
            try connection.execute("SET idle_session_timeout = 0")
            _ = try connection.reset()
            #expect(connection.silenceLimit == limit)
        }
    }

    @Test func `Off is no limit`() throws {
        try withRole("idle_session_timeout = 0") { configuration in
            let connection = try TestServer.connect(configuration)
            defer { connection.close() }
            #expect(connection.silenceLimit == nil)
        }
    }

    @Test func `The limit is when the server ends the connection`() throws {
        try withRole("idle_session_timeout = '1s'") { configuration in
            let connection = try TestServer.connect(configuration)
            defer { connection.close() }
            let limit = try #require(connection.silenceLimit)
            try connection.ping()
            let start = ContinuousClock.now
            while connection.probe(), start.duration(to: .now) < .seconds(30) {
                Thread.sleep(forTimeInterval: 0.01)
            }
            #expect(!connection.probe())
            #expect(start.duration(to: .now) > limit - .milliseconds(50))
            #expect(start.duration(to: .now) < limit + .seconds(15))
        }
    }

    @Test(arguments: [
        // A server that has no such setting, and one that refuses to tell.
        ("idle_session_timeout", "idle_session_timexxx"), ("current_setting", "current_xxxxxxx"),
    ])
    func `A server that does not tell is connected to`(_ text: String, _ other: String) throws {
        try withRole("idle_session_timeout = '90s'") { configuration in
            let proxy = try Proxy(to: TestServer.port, .replaces(text, by: other))
            defer { proxy.cut() }
            let server = configuration.server
            let connection = try TestServer.connect(
                TestServer.configuration(
                    endpoint: .tcp(host: "127.0.0.1", port: proxy.port),
                    user: server.user,
                    password: server.password
                )
            )
            defer { connection.close() }
            #expect(connection.silenceLimit == nil)
            #expect(connection.isUsable)
            #expect(connection.transactionState == .none)
            #expect(connection.probe())
            #expect(try connection.cell("SELECT 5") == .integer(5))
        }
    }

    @Test func `A connection that breaks before the server told is none`() throws {
        let proxy = try Proxy(to: TestServer.port, .breaks(at: "idle_session_timeout"))
        defer { proxy.cut() }
        let configuration = try configuration(through: proxy)
        let error = failure { try TestServer.connect(configuration).close() }.error
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == true && error?.isConnectionUsable == false)
        #expect(error?.message.contains("127.0.0.1:\(proxy.port)") == true)
    }

    @Test func `A server that falls silent before it told is given up in time`() throws {
        let proxy = try Proxy(to: TestServer.port, .fallsSilent(at: "idle_session_timeout"))
        defer { proxy.cut() }
        let configuration = try configuration(through: proxy)
        let (error, duration) = failure {
            try TestServer.connect(configuration, timeout: .milliseconds(1500)).close()
        }
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == true && error?.isConnectionUsable == false)
        #expect(error?.message.contains("no answer in time") == true)
        #expect(duration >= .milliseconds(1500))
        #expect(duration < .seconds(5))
    }

    @Test func `The deadline of connecting is over once the connection is open`() throws {
        let connection = try TestServer.connect(timeout: .seconds(2))
        defer { connection.close() }
        #expect(try connection.cell("SELECT pg_sleep(2.5)::text") == .text(""))
    }
}
