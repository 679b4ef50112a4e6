// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct DisconnectTests {
    @Test func `A connection that was ended while idle says why`() throws {
        for useScript in [false, true] {
            try TestServer.withConnection { connection in
                let statement = try connection.prepare("SELECT 1", parameterTypes: [])
                try TestServer.terminate(connection.process())
                #expect(connection.isUsable)
                let error = failure {
                    if useScript { _ = try connection.executeScript("SELECT 1") } else { _ = try statement.rows([]) }
                }.error
                #expect(error?.code == .connectionLost)
                #expect(error?.sqlState == "57P01")
                #expect(error?.isTransient == true)
                #expect(error?.isConnectionUsable == false)
                #expect(!connection.isUsable)
                #expect(connection.transactionState == .unknown)
                try connection.rollback()
                #expect(failure { try connection.ping() }.error?.code == .connectionLost)
                #expect(failure { _ = try connection.reset() }.error?.code == .connectionLost)
            }
        }
    }

    @Test func `A look finds it without a round trip`() throws {
        try TestServer.withConnection { connection throws in
            #expect(connection.probe())
            try TestServer.terminate(connection.process())
            #expect(!connection.probe())
            // Once known, it stays known.
            #expect(!connection.probe())
            #expect(failure { try connection.ping() }.error?.code == .connectionLost)
        }
    }

    @Test func `A ping finds it`() throws {
        try TestServer.withConnection { connection throws in
            try connection.ping()
            try TestServer.terminate(connection.process())
            let error = failure { try connection.ping() }.error
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == "57P01")
        }
    }

    @Test func `A connection that is ended while it works`() throws {
        try TestServer.withConnection { connection throws in
            try connection.begin(TransactionOptions())
            let process = try connection.process()
            after(milliseconds: 200) { try? TestServer.terminate(process) }
            let error = failure { try connection.execute("SELECT pg_sleep(20)") }.error
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == "57P01")
            #expect(connection.transactionState == .unknown)
        }
    }

    @Test func `The network breaks`() throws {
        let proxy = try Proxy(on: "127.0.0.1", to: try TestServer.port)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        defer { connection.close() }
        after(milliseconds: 100) { proxy.cut() }
        let error = failure { try connection.execute("SELECT pg_sleep(20)") }.error
        #expect(error?.code == .connectionLost)
        #expect(error?.sqlState == nil)
        #expect(!connection.isUsable)
    }

    @Test func `The server's patience with an idle session ends`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("SET idle_in_transaction_session_timeout = 50; BEGIN")
            Thread.sleep(forTimeInterval: 0.3)
            let error = failure { try connection.execute("SELECT 1") }.error
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == "25P03")
        }
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("SET idle_in_transaction_session_timeout = 50; BEGIN")
            Thread.sleep(forTimeInterval: 0.3)
            #expect(!connection.probe())
            #expect(failure { try connection.ping() }.error?.sqlState == "25P03")
        }
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("SET idle_session_timeout = 50")
            Thread.sleep(forTimeInterval: 0.3)
            #expect(failure { try connection.ping() }.error?.sqlState == "57P05")
        }
    }

    @Test func `Giving up wakes a lane that waits for a statement`() throws {
        try TestServer.withConnection { connection throws in
            let interrupter = connection.interrupter
            after(milliseconds: 100) { interrupter.abort() }
            let (error, duration) = failure { try connection.execute("SELECT pg_sleep(20)") }
            #expect(error?.code == .connectionLost)
            #expect(duration < .seconds(5))
            #expect(!connection.isUsable)
            #expect(connection.transactionState == .unknown)
            #expect(failure { try connection.ping() }.error?.code == .connectionLost)
            let (_, closing) = failure { connection.close() }
            #expect(closing < .seconds(1))
        }
    }

    @Test func `Giving up wakes a lane that waits for a peer that fell silent`() throws {
        try TestServer.withConnection { connection throws in
            let process = try connection.process()
            try #require(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            #expect(connection.probe(), "a look sees nothing of it")
            let interrupter = connection.interrupter
            after(milliseconds: 100) { interrupter.abort() }
            let (error, duration) = failure { try connection.ping() }
            #expect(error?.code == .connectionLost)
            #expect(duration < .seconds(5))
        }
    }

    @Test func `Giving up wakes a lane that sends to a peer that does not read`() throws {
        try TestServer.withConnection { connection throws in
            let process = try connection.process()
            let statement = try connection.prepare("SELECT length($1)", parameterTypes: [.bytes])
            try #require(kill(process, SIGSTOP) == 0)
            defer { kill(process, SIGCONT) }
            let interrupter = connection.interrupter
            after(milliseconds: 200) { interrupter.abort() }
            let large = [UInt8](repeating: 0, count: 64 << 20)
            let (error, duration) = failure { try statement.start([.bytes(large)], reading: .all) }
            #expect(error?.code == .connectionLost)
            #expect(duration < .seconds(10))
            let (_, closing) = failure { connection.close() }
            #expect(closing < .seconds(1))
        }
    }

    @Test func `Rolling back and closing work after giving up amid the rows`() throws {
        try TestServer.withConnection { connection throws in
            try connection.begin(TransactionOptions())
            let statement = try connection.prepare(
                "SELECT pg_sleep(n * 20) FROM generate_series(0, 1) n",
                parameterTypes: []
            )
            let interrupter = connection.interrupter
            after(milliseconds: 100) { interrupter.abort() }
            let error = failure {
                try statement.start([], reading: .rowByRow)
                while try statement.step() {}
            }.error
            #expect(error?.code == .connectionLost)
            try connection.rollback()
            #expect(failure { try connection.commit() }.error?.code == .connectionLost)
            statement.close()
            connection.close()
        }
    }

    @Test func `Giving up beforehand is remembered`() throws {
        try TestServer.withConnection { connection throws in
            connection.interrupter.abort()
            #expect(failure { try connection.execute("SELECT pg_sleep(20)") }.error?.code == .connectionLost)
        }
    }

    @Test func `Healthy news is no trouble`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("LISTEN news")
            let other = try TestServer.connect()
            defer { other.close() }
            try other.execute("NOTIFY news, 'hello'")
            Thread.sleep(forTimeInterval: 0.05)
            #expect(connection.probe())
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
    }

    @Test func `Statements of a lost connection close, and can't be used`() throws {
        try TestServer.withConnection { connection in
            let statement = try connection.prepare("SELECT 1", parameterTypes: [])
            try TestServer.terminate(connection.process())
            #expect(failure { try statement.start([], reading: .all) }.error?.code == .connectionLost)
            connection.close()
            #expect(failure { try statement.start([], reading: .all) }.error?.code == .connectionLost)
            statement.close()
        }
    }
}
