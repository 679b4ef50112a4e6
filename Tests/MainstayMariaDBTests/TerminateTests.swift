// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct TerminateTests {
    private func isThere(_ id: UInt, _ connection: MariaDBConnection) throws -> Bool {
        let sql = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ?"
        return try connection.cell(sql, .int64(Int64(id))) == .integer(1)
    }

    @Test func `It ends the other connection and no other one`() throws {
        let connections = try (0..<3).map { _ in try TestServer.connect() }
        defer { connections.forEach { $0.close() } }
        let id = connections[1].interruption.connectionID
        #expect(try connections[1].id == Int64(id))
        try connections[0].terminate(connections[1].interrupter)
        let end = ContinuousClock.now + .seconds(10)
        while try isThere(id, connections[0]), ContinuousClock.now < end { usleep(1000) }
        #expect(try !isThere(id, connections[0]))
        #expect(failure { try connections[1].execute("SELECT 1") }.error?.code == .connectionLost)
        for connection in [connections[0], connections[2]] {
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
        // It is gone, and so it stays.
        try connections[0].terminate(connections[1].interrupter)
        #expect(connections[0].isUsable)
        #expect(try connections[0].cell("SELECT 1") == .integer(1))
    }

    @Test func `One that was opened before the server started has ended with it`() throws {
        let (one, other) = (try TestServer.connect(), try TestServer.connect())
        defer { [one, other].forEach { $0.close() } }
        let uptime = try #require(try one.number("SHOW GLOBAL STATUS LIKE 'Uptime'", column: 1))
        try one.terminate(other.interruption, age: .seconds(uptime + 10))
        usleep(200_000)
        #expect(try other.cell("SELECT 1") == .integer(1))
        try one.terminate(other.interruption, age: .seconds(max(0, uptime - 10)))
        let end = ContinuousClock.now + .seconds(10)
        while other.probe(), ContinuousClock.now < end { usleep(1000) }
        #expect(!other.probe())
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
