// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Synchronization
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct InterruptTests {
    @Test func `A killed connection is lost, busy or idle`() throws {
        let administrator = try TestServer.connect()
        defer { administrator.close() }
        let busy = try TestServer.connect()
        defer { busy.close() }
        let id = try busy.id
        after(milliseconds: 200) {
            guard let killer = try? TestServer.connect() else { return }
            _ = try? killer.execute("KILL CONNECTION \(id)")
            killer.close()
        }
        let (error, duration) = failure { _ = try busy.rows("SELECT SLEEP(20)") }
        #expect(error?.code == .connectionLost)
        #expect(error?.isTransient == true && error?.isConnectionUsable == false)
        #expect(duration < .seconds(10))
        #expect(!busy.isUsable && busy.transactionState == .unknown && !busy.probe())

        let idle = try TestServer.connect()
        defer { idle.close() }
        try administrator.execute("KILL CONNECTION \(idle.id)")
        while idle.probe() { usleep(1000) }
        #expect(failure { try idle.ping() }.error?.code == .connectionLost)
        #expect(!idle.isUsable)
    }

    @Test func `Statements of a lost connection close, and can't be used`() throws {
        let connection = try TestServer.connect()
        let statement = try connection.prepare("SELECT 1", parameterTypes: [])
        let other = try connection.prepare("SELECT 2", parameterTypes: [])
        connection.interrupter.abort()
        #expect(failure { try statement.start([], reading: .all) }.error?.code == .connectionLost)
        #expect(failure { try other.start([], reading: .all) }.error?.code == .connectionLost)
        other.close()
        connection.close()
        #expect(failure { try statement.start([], reading: .all) }.error?.code == .connectionLost)
        statement.close()
    }

    @Test func `Abort wakes a lane that waits`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let interrupter = connection.interrupter
        after(milliseconds: 200) { interrupter.abort() }
        let (error, duration) = failure { _ = try connection.rows("SELECT SLEEP(20)") }
        #expect(error?.code == .connectionLost)
        #expect(duration >= .milliseconds(150) && duration < .seconds(5))
        #expect(!connection.isUsable)
    }

    @Test func `Abort wakes a lane that waits for a silent peer, and closing does not wait for one`() throws {
        let proxy = try Proxy(to: TestServer.port)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        let statement = try connection.prepare("SELECT seq FROM seq_1_to_10000000", parameterTypes: [])
        try statement.start([], reading: .rowByRow)
        #expect(try statement.step())
        proxy.pause()
        let interrupter = connection.interrupter
        after(milliseconds: 300) { interrupter.abort() }
        #expect(failure { _ = try statement.finish() }.error?.code == .connectionLost)

        let second = try TestServer.connect()
        let unread = try second.prepare("SELECT seq FROM seq_1_to_100000000", parameterTypes: [])
        try unread.start([], reading: .rowByRow)
        #expect(try unread.step())
        #expect(failure { second.close() }.duration < .seconds(2))
        unread.close()
        statement.close()
        #expect(failure { connection.close() }.duration < .seconds(2))
    }

    @Test func `Cancel stops the statement, and the connection goes on`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            let interrupter = connection.interrupter
            after(milliseconds: 200) { interrupter.cancel() }
            // A SLEEP that is stopped in a SELECT of its own reports success.
            let (error, duration) = failure { _ = try connection.rows("SELECT a, SLEEP(20) FROM t") }
            #expect(error?.code == .cancelled)
            #expect(error?.isConnectionUsable == true && error?.isTransient == false)
            #expect(duration < .seconds(10))
            #expect(connection.transactionState == .active)
            try connection.commit()
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
        }
    }

    @Test func `Cancel names the statement, so that no other can be hit`() throws {
        let proxy = try Proxy(to: TestServer.port)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        defer { connection.close() }
        let interrupter = connection.interrupter
        after(milliseconds: 200) { interrupter.cancel() }
        #expect(failure { _ = try connection.rows("SELECT seq, SLEEP(20) FROM seq_1_to_1") }.error?.code == .cancelled)
        let id = proxy.received.split(separator: "KILL QUERY ID ").last?.prefix { $0.isNumber }
        #expect(id.flatMap { Int($0) } != nil)
        // And now there is no such statement.
        let late = failure { try connection.execute("KILL QUERY ID \(id ?? "")") }.error
        #expect(late?.nativeCode?.number == 1957)
    }

    @Test func `Cancel stops a result that is being sent, and a script`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let interrupter = connection.interrupter
        let statement = try connection.prepare("SELECT seq FROM seq_1_to_1000000000", parameterTypes: [])
        defer { statement.close() }
        try statement.start([], reading: .rowByRow)
        #expect(try statement.step())
        interrupter.cancel()
        #expect(failure { while try statement.step() {} }.error?.code == .cancelled)
        after(milliseconds: 200) { interrupter.cancel() }
        let script = "DO 0; SELECT COUNT(*) FROM seq_1_to_1000000000 a JOIN seq_1_to_1000000000 b; DO 0"
        let error = failure { _ = try connection.executeScript(script) }.error
        #expect(error?.code == .cancelled)
        #expect(error?.message.hasPrefix("statement 2 of the script: ") == true)
        #expect(try connection.cell("SELECT 5") == .integer(5))
    }

    @Test func `Cancel does nothing when nothing runs`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        connection.interrupter.cancel()
        #expect(try connection.cell("SELECT SLEEP(0.05)") == .integer(0))
        connection.close()
        connection.interrupter.cancel()
        connection.interrupter.abort()
    }

    @Test func `A cancel that comes late hits no later statement`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let interrupter = connection.interrupter
        let isOver = Atomic(false)
        let requests = Atomic(0)
        // Whoever cancels does so all the time and at the worst moments; each statement is so short that nearly every
        // request comes late.
        let canceller = Thread {
            while !isOver.load(ordering: .relaxed) {
                interrupter.cancel()
                requests.wrappingAdd(1, ordering: .relaxed)
            }
        }
        canceller.start()
        let short = try connection.prepare("SELECT COUNT(*) FROM seq_1_to_30000", parameterTypes: [])
        let end = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < end {
            let error = failure { _ = try short.rows([]) }.error
            #expect(error == nil || error?.code == .cancelled)
            // Not known to the interrupter as a statement to cancel, and so never to be hit.
            try connection.begin(TransactionOptions())
            try connection.commit()
        }
        isOver.store(true, ordering: .relaxed)
        short.close()
        #expect(connection.isUsable)
        #expect(requests.load(ordering: .relaxed) > 10)
    }
}
