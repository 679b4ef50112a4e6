// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct TerminateTests {
    @Test func `It ends the other connection and no other one`() throws {
        let connections = try (0..<3).map { _ in try TestServer.connect() }
        defer { connections.forEach { $0.close() } }
        let process = try connections[1].process()
        try connections[0].terminate(connections[1].interrupter)
        try expectEnd(of: process, connections[0])
        #expect(failure { try connections[1].execute("SELECT 1") }.error?.sqlState == "57P01")
        for connection in [connections[0], connections[2]] {
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
        // It is gone, and so it stays.
        try connections[0].terminate(connections[1].interrupter)
        #expect(try connections[0].cell("SELECT 1") == .integer(1))
    }

    private func expectEnd(of process: Int32, _ connection: PostgreSQLConnection) throws {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let count = try connection.cell("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", .int32(process))
            if count == .integer(0) { return }
            usleep(1000)
        }
        Issue.record("process \(process) is still there")
    }

    @Test func `Whatever the sessions' time zones are`() throws {
        let (one, other) = (try TestServer.connect(), try TestServer.connect())
        defer { [one, other].forEach { $0.close() } }
        _ = try one.executeScript("SET TimeZone = 'Asia/Kathmandu'")
        try one.terminate(other.interrupter)
        try expectEnd(of: try #require(other.link.interrupter.process?.id), one)
    }

    @Test func `A process that has the id of one that ended is left alone`() throws {
        let (one, other) = (try TestServer.connect(), try TestServer.connect())
        defer { [one, other].forEach { $0.close() } }
        let process = try #require(other.link.interrupter.process)
        #expect(try other.process() == process.id)
        // As if it had begun at another time.
        other.link.interrupter.process?.start = try #require(one.link.interrupter.process).start
        try one.terminate(other.interrupter)
        usleep(200_000)
        #expect(try other.cell("SELECT 1") == .integer(1))
        // Nobody knows which process it is.
        other.link.interrupter.process = nil
        try one.terminate(other.interrupter)
        usleep(200_000)
        #expect(try other.cell("SELECT 1") == .integer(1))
    }

    @Test func `What another driver interrupts is no business of this one`() throws {
        final class Foreign: Interrupter {
            func cancel() {}
            func abort() {}
        }
        let connection = try TestServer.connect()
        defer { connection.close() }
        try connection.terminate(Foreign())
        #expect(try connection.cell("SELECT 1") == .integer(1))
    }
}
