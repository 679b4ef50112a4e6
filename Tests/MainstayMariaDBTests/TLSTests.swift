// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct TLSTests {
    private func connect(
        _ mode: TLSMode,
        ca: String? = nil,
        host: String = "127.0.0.1",
        port: Int? = nil
    ) throws -> Datum {
        let tls = try TLSConfiguration(mode: mode, caFile: ca)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: host, port: try port ?? TestServer.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint, tls: tls))
        defer { connection.close() }
        return try connection.rows("SHOW STATUS LIKE 'Ssl_version'")[0][1]
    }

    private var ca: String { get throws { try TestServer.variable("MAINSTAY_TLS_CA") } }
    private var otherCA: String { get throws { try TestServer.variable("MAINSTAY_TLS_OTHER_CA") } }

    @Test func `verify-full and verify-ca with the right authority, require with none`() throws {
        #expect(try connect(.verifyFull, ca: ca) == .text("TLSv1.3"))
        #expect(try connect(.verifyFull, ca: ca, host: "localhost") == .text("TLSv1.3"))
        #expect(try connect(.verifyCA, ca: ca) == .text("TLSv1.3"))
        #expect(try connect(.insecureUnverified) == .text("TLSv1.3"))
    }

    @Test func `Without TLS there is none`() throws {
        #expect(try connect(.insecurePlaintext) == .text(""))
    }

    @Test(arguments: [TLSMode.verifyFull, .verifyCA])
    func `The wrong authority is refused`(_ mode: TLSMode) throws {
        let error = try #require(failure { _ = try connect(mode, ca: otherCA) }.error)
        #expect(error.code == .tlsFailed)
        #expect(!error.isTransient && !error.isConnectionUsable)
        #expect(error.hint?.contains("sslrootcert") == true)
    }

    @Test func `The authorities of the system do not know ours`() throws {
        #expect(failure { _ = try connect(.verifyFull) }.error?.code == .tlsFailed)
    }

    @Test func `A certificate for another host is refused, if the host is to be verified`() throws {
        let proxy = try Proxy(on: "127.0.0.2", to: TestServer.port)
        let error = failure { _ = try connect(.verifyFull, ca: ca, host: "127.0.0.2", port: proxy.port) }.error
        #expect(error?.code == .tlsFailed)
        #expect(try connect(.verifyCA, ca: ca, host: "127.0.0.2", port: proxy.port) == .text("TLSv1.3"))
    }

    @Test func `A missing file is named`() throws {
        let error = try #require(failure { _ = try connect(.verifyFull, ca: "/nowhere/ca.crt") }.error)
        #expect(error.code == .tlsFailed)
        #expect(error.message.contains("/nowhere/ca.crt"))
    }

    @Test func `Statements, large values and an abort work through TLS`() throws {
        let tls = try TLSConfiguration(mode: .verifyFull, caFile: ca)
        let connection = try TestServer.connect(TestServer.configuration(tls: tls))
        defer { connection.close() }
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try connection.cell("SELECT ?", .bytes(bytes)) == .bytes(bytes))
        #expect(connection.probe())
        let interrupter = connection.interrupter
        after(milliseconds: 100) { interrupter.abort() }
        #expect(failure { _ = try connection.rows("SELECT SLEEP(20)") }.error?.code == .connectionLost)
        #expect(!connection.isUsable)
    }

    @Test func `Closing does not wait for a peer that is silent in TLS`() throws {
        let proxy = try Proxy(to: TestServer.port)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
        let tls = try TLSConfiguration(mode: .verifyCA, caFile: ca)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint, tls: tls))
        proxy.pause()
        #expect(failure { connection.close() }.duration < .seconds(1))
    }
}
