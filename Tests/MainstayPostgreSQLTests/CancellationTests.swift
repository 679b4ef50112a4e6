// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct CancellationTests {
    @Test func `A cancelled statement fails and the connection goes on`() throws {
        try TestServer.withConnection { connection throws in
            let interrupter = connection.interrupter
            after(milliseconds: 100) { interrupter.cancel() }
            let (error, duration) = failure { try connection.execute("SELECT pg_sleep(20)") }
            #expect(error?.code == .cancelled)
            #expect(error?.sqlState == "57014")
            #expect(error?.isConnectionUsable == true)
            #expect(error?.isTransient == false)
            #expect(duration < .seconds(5))
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
    }

    @Test func `Over a Unix socket and through TLS as well`() throws {
        let socket = ServerConfiguration.Endpoint.unixSocket(
            path: try TestServer.variable("MAINSTAY_POSTGRESQL_SOCKET"),
            port: try TestServer.port
        )
        let tls = try TLSConfiguration(mode: .verifyFull, caFile: try TestServer.variable("MAINSTAY_TLS_CA"))
        for configuration in [try TestServer.configuration(endpoint: socket), try TestServer.configuration(tls: tls)] {
            let connection = try TestServer.connect(configuration)
            defer { connection.close() }
            let interrupter = connection.interrupter
            after(milliseconds: 100) { interrupter.cancel() }
            #expect(failure { try connection.execute("SELECT pg_sleep(20)") }.error?.code == .cancelled)
        }
    }

    @Test func `A server's own timeout is a timeout`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("SET statement_timeout = 50")
            let error = failure { try connection.execute("SELECT pg_sleep(20)") }.error
            #expect(error?.code == .timeout)
            #expect(error?.sqlState == "57014")
            #expect(error?.isConnectionUsable == true)
        }
    }

    @Test func `A timeout after a cancelled statement is a timeout again`() throws {
        try TestServer.withConnection { connection throws in
            let interrupter = connection.interrupter
            after(milliseconds: 100) { interrupter.cancel() }
            #expect(failure { try connection.execute("SELECT pg_sleep(20)") }.error?.code == .cancelled)
            _ = try connection.executeScript("SET statement_timeout = 50")
            #expect(failure { try connection.execute("SELECT pg_sleep(20)") }.error?.code == .timeout)
        }
    }

    @Test func `An administrator's cancellation is a cancellation`() throws {
        try TestServer.withConnection { connection throws in
            let process = try connection.process()
            after(milliseconds: 100) {
                let other = try? TestServer.connect()
                _ = try? other?.execute("SELECT pg_cancel_backend($1)", .int32(process))
                other?.close()
            }
            #expect(failure { try connection.execute("SELECT pg_sleep(20)") }.error?.code == .cancelled)
        }
    }

    @Test func `A lock that is not granted in time is a lock timeout`() throws {
        try TestServer.withSchema { configuration, connection throws in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(TransactionOptions())
            try connection.execute("LOCK TABLE t")
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            _ = try other.executeScript("SET lock_timeout = 50")
            #expect(failure { try other.execute("SELECT * FROM t") }.error?.code == .lockTimeout)
        }
    }

    // What the core relies on: once the request has returned, it does not hit the next statement.
    @Test func `A cancellation that comes late hits nothing, once it has returned`() throws {
        try TestServer.withConnection { connection throws in
            let interrupter = connection.interrupter
            let statement = try connection.prepare("SELECT pg_sleep(0.002)", parameterTypes: [])
            for _ in 0..<50 {
                let isOver = DispatchSemaphore(value: 0)
                DispatchQueue.global().async {
                    interrupter.cancel()
                    isOver.signal()
                }
                _ = failure { _ = try statement.rows([]) }
                isOver.wait()
                // The server has taken the request; the signal reaches its process before this arrives, or at once.
                _ = try statement.rows([])
            }
        }
    }

    @Test func `Cancelling when nothing runs does nothing`() throws {
        try TestServer.withConnection { connection throws in
            connection.interrupter.cancel()
            connection.interrupter.cancel()
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
    }
}
