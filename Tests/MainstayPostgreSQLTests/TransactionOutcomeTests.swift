// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct TransactionOutcomeTests {
    /// A transaction that has written and is open, its receipt, and another connection.
    private func withOpenTransaction(
        _ body: (PostgreSQLConnection, PostgreSQLReceipt, PostgreSQLConnection) throws -> Void
    ) throws {
        try TestServer.withSchema { configuration, connection in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(.keepingReceipt)
            try connection.execute("INSERT INTO t VALUES (1)")
            let receipt = try #require(try connection.receipt() as? PostgreSQLReceipt)
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            try body(connection, receipt, other)
        }
    }

    @Test func `What was committed is committed`() throws {
        try withOpenTransaction { connection, receipt, other in
            try connection.commit()
            #expect(try other.outcome(of: receipt) == .committed)
            #expect(other.isUsable)
        }
    }

    @Test func `What was rolled back is rolled back`() throws {
        try withOpenTransaction { connection, receipt, other in
            try connection.rollback()
            #expect(try other.outcome(of: receipt) == .rolledBack)
        }
    }

    @Test func `What is open is pending, and its process is ended`() throws {
        try withOpenTransaction { connection, receipt, other in
            #expect(try other.outcome(of: receipt) == .pending)
            let end = ContinuousClock.now + .seconds(10)
            var outcome = TransactionOutcome.pending
            while outcome == .pending, ContinuousClock.now < end { outcome = try other.outcome(of: receipt) }
            #expect(outcome == .rolledBack)
            #expect(failure { try connection.commit() }.error?.code == .connectionLost)
            #expect(try other.rows("SELECT a FROM t") == [])
        }
    }

    @Test func `A process that has got to another transaction is left alone`() throws {
        try withOpenTransaction { connection, receipt, other in
            let elsewhere = PostgreSQLReceipt(
                number: receipt.number,
                process: try other.process(),
                server: receipt.server
            )
            #expect(try other.outcome(of: elsewhere) == .pending)
            #expect(other.isUsable)
            #expect(try other.cell("SELECT 1") == .integer(1))
            try connection.commit()
            #expect(try other.outcome(of: elsewhere) == .committed)
        }
    }

    @Test func `A number of the future, another server and another driver's receipt tell nothing`() throws {
        try withOpenTransaction { connection, receipt, other in
            try connection.commit()
            let future = PostgreSQLReceipt(number: receipt.number + 1 << 31, process: 1, server: receipt.server)
            #expect(try other.outcome(of: future) == .unknown)
            var server = receipt.server
            server.system = "1"
            let foreign = PostgreSQLReceipt(number: receipt.number, process: receipt.process, server: server)
            #expect(try other.outcome(of: foreign) == .unknown)
            struct Receipt: TransactionReceipt {}
            #expect(try other.outcome(of: Receipt()) == .unknown)
            #expect(other.isUsable)
        }
    }

    @Test func `Of what the server has forgotten it knows nothing`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        // Zero is nobody's number.
        let receipt = PostgreSQLReceipt(number: 0, process: 1, server: try #require(connection.server))
        #expect(try connection.outcome(of: receipt) == .unknown)
    }
}
