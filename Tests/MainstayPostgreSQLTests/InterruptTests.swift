// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct InterruptTests {
    @Test func `A killed connection is lost, and says why`() throws {
        let administrator = try TestServer.connect()
        defer { administrator.close() }
        let idle = try TestServer.connect()
        defer { idle.close() }
        #expect(idle.probe())
        try administrator.kill(idle)
        let error = failure { _ = try idle.cell("SELECT 1") }.error
        #expect(error?.code == .connectionLost)
        #expect(error?.sqlState == "57P01", "the first error is kept, and not the silence after it")
        #expect(error?.isTransient == true && error?.isConnectionUsable == false)
        #expect(!idle.isUsable && idle.transactionState == .unknown && !idle.probe())

        let resting = try TestServer.connect()
        defer { resting.close() }
        try administrator.kill(resting)
        #expect(!resting.probe(), "a look at the socket is enough")

        let busy = try TestServer.connect()
        defer { busy.close() }
        let id = try busy.processID
        after(milliseconds: 200) {
            guard let killer = try? TestServer.connect() else { return }
            _ = try? killer.cell("SELECT pg_terminate_backend($1)", .int32(Int32(id)))
            killer.close()
        }
        let (lost, duration) = failure { _ = try busy.cell("SELECT pg_sleep(20)") }
        #expect(lost?.code == .connectionLost)
        #expect(lost?.sqlState == "57P01")
        #expect(duration < .seconds(10))
    }

    @Test func `Cancel stops the statement, and the connection goes on`() throws {
        try TestServer.withConnection { connection throws in
            let interrupter = connection.interrupter
            after(milliseconds: 200) { interrupter.cancel() }
            let (error, duration) = failure { _ = try connection.cell("SELECT pg_sleep(20)") }
            #expect(error?.code == .cancelled)
            #expect(error?.sqlState == "57014")
            #expect(error?.isConnectionUsable == true && error?.isTransient == false)
            #expect(duration < .seconds(10))
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
    }

    @Test func `A cancel without a statement does nothing, also after the connection was closed`() throws {
        let connection = try TestServer.connect()
        let interrupter = connection.interrupter
        interrupter.cancel()
        #expect(try connection.cell("SELECT 1") == .integer(1))
        connection.close()
        interrupter.cancel()
        interrupter.abort()
        connection.close()
    }

    @Test func `The server's own timeout is no cancellation`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        _ = try connection.executeScript("SET statement_timeout = 50")
        #expect(failure { _ = try connection.cell("SELECT pg_sleep(20)") }.error?.code == .timeout)
        #expect(try connection.cell("SELECT 1") == .integer(1))
    }

    @Test func `Abort wakes a lane that waits for the server`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let interrupter = connection.interrupter
        after(milliseconds: 200) { interrupter.abort() }
        let (error, duration) = failure { _ = try connection.cell("SELECT pg_sleep(20)") }
        #expect(error?.code == .connectionLost)
        #expect(duration < .seconds(5))
        #expect(!connection.isUsable)
        #expect(failure { _ = try connection.cell("SELECT 1") }.error?.code == .connectionLost)
    }

    @Test func `Statements of a lost connection close, and can't be used`() throws {
        let connection = try TestServer.connect()
        let statement = try connection.prepare("SELECT 1", parameterTypes: [])
        let administrator = try TestServer.connect()
        defer { administrator.close() }
        try administrator.kill(connection)
        #expect(failure { try statement.start([], reading: .all) }.error?.code == .connectionLost)
        connection.close()
        #expect(failure { try statement.start([], reading: .all) }.error?.code == .connectionLost)
        statement.close()
    }
}
