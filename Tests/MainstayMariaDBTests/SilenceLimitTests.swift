// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB
import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct SilenceLimitTests {
    /// Makes the session's `wait_timeout` another one while it begins, before the driver hears of it.
    private static func differs(_ seconds: String) -> Proxy.Behaviour {
        .replaces("@@wait_timeout", by: seconds.padding(toLength: 14, withPad: " ", startingAt: 0))
    }

    private func withConnection(
        _ behaviour: Proxy.Behaviour,
        _ body: (MariaDBConnection, Proxy) throws -> Void
    ) throws {
        let proxy = try Proxy(to: TestServer.port, behaviour)
        defer { proxy.cut() }
        let connection = try TestServer.connect(configuration(through: proxy))
        defer { connection.close() }
        try body(connection, proxy)
    }

    private func configuration(through proxy: Proxy) throws -> MariaDBConfiguration {
        try TestServer.configuration(endpoint: .tcp(host: "127.0.0.1", port: proxy.port))
    }

    @Test func `The limit is the server's default, told without a further round trip`() throws {
        try withConnection(.honest) { connection, proxy in
            #expect(connection.silenceLimit == .seconds(28_800))
            #expect(proxy.received.contains("SET NAMES") == false)
            #expect(proxy.received.contains("NAMES utf8mb4"))
            #expect(proxy.received.contains("SELECT") == false)
        }
    }

    @Test(arguments: [(1, "1"), (7, "7"), (31_536_000, "31536000")])
    func `The limit is the session's`(_ limit: Int, _ text: String) throws {
        try withConnection(Self.differs(text)) { connection, _ in
            #expect(connection.silenceLimit == .seconds(limit))
        }
    }

    @Test func `The limit is when the server ends the connection`() throws {
        try withConnection(Self.differs("1")) { connection, _ in
            let limit = try #require(connection.silenceLimit)
            let start = ContinuousClock.now
            while connection.probe(), start.duration(to: .now) < .seconds(30) {
                Thread.sleep(forTimeInterval: 0.01)
            }
            #expect(!connection.probe())
            #expect(start.duration(to: .now) > limit - .milliseconds(200))
            #expect(start.duration(to: .now) < limit + .seconds(15))
        }
    }

    @Test func `The library still hears of all that it heard of before`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        #expect(
            try connection.cell("SELECT @@session_track_system_variables")
                == .text(
                    "autocommit,character_set_client,character_set_connection,character_set_results,"
                        + "innodb_snapshot_isolation,time_zone,tx_isolation,wait_timeout"
                )
        )
        #expect(try connection.cell("SELECT @@wait_timeout = @@global.wait_timeout") == .integer(1))
    }

    @Test(arguments: [
        // A server that can't tell by the way, and one that does not.
        ("session_track_system_variables", "session_track_system_xxxxxxxxx"), ("'wait_timeout,", "'sql_warnings,"),
    ])
    func `A server that does not tell by the way is asked`(_ text: String, _ other: String) throws {
        try withConnection(.replaces(text, by: other)) { connection, proxy in
            #expect(proxy.received.contains("SELECT @@wait_timeout"))
            #expect(connection.silenceLimit == .seconds(28_800))
            // And the session is what the driver relies on.
            let zone = try connection.cell("SELECT @@time_zone")
            #expect(zone == .text("+00:00"))
            #expect(connection.probe())
        }
    }

    @Test func `A server that refuses to tell is connected to`() throws {
        try withConnection(.replaces("wait_timeout", by: "xxxx_timeout")) { connection, proxy in
            #expect(proxy.received.contains("SELECT @@wait_timeout"))
            #expect(connection.silenceLimit == nil)
            #expect(connection.isUsable && connection.probe())
            #expect(connection.transactionState == .none)
            let zone = try connection.cell("SELECT @@time_zone")
            #expect(zone == .text("+00:00"))
        }
    }

    @Test(arguments: ["session_track_system_variables", "SELECT @@wait_timeout"])
    func `A connection that breaks before the server told is none`(_ text: String) throws {
        let (error, _) = try failure(of: .breaks(at: text), text, timeout: .seconds(10))
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == true && error?.isConnectionUsable == false)
    }

    @Test(arguments: ["session_track_system_variables", "SELECT @@wait_timeout"])
    func `A server that falls silent before it told is given up in time`(_ text: String) throws {
        let (error, duration) = try failure(of: .fallsSilent(at: text), text, timeout: .milliseconds(1500))
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == true && error?.isConnectionUsable == false)
        #expect(error?.message.contains("no answer in time") == true)
        #expect(duration >= .milliseconds(1500))
        #expect(duration < .seconds(5))
    }

    /// Connects through a proxy to a server that tells only when it is asked, if that is the text that is waited for.
    private func failure(
        of behaviour: Proxy.Behaviour,
        _ text: String,
        timeout: Duration
    ) throws -> (DatabaseError?, Duration) {
        let isAsked = text.hasPrefix("SELECT")
        let mute = try Proxy(
            to: TestServer.port,
            isAsked ? .replaces("session_track", by: "session_xxxxx") : .honest
        )
        defer { mute.cut() }
        let proxy = try Proxy(to: mute.port, behaviour)
        defer { proxy.cut() }
        let configuration = try configuration(through: proxy)
        let (error, duration) = MainstayTesting.failure {
            try TestServer.connect(configuration, timeout: timeout).close()
        }
        #expect(proxy.received.contains(text))
        return (error, duration)
    }
}
