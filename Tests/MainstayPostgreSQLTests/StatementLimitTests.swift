// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct StatementLimitTests {
    private func limit(_ connection: PostgreSQLConnection) throws -> Datum {
        try connection.cell("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
    }

    @Test func `The server stops what takes longer, with and without the number that comes along`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            connection.statementLimit = .milliseconds(100)
            for options in [TransactionOptions(), .keepingReceipt] {
                for sql in ["SELECT pg_sleep(20)", "INSERT INTO t SELECT 1 FROM pg_sleep(20)"] {
                    try connection.begin(options)
                    let (error, duration) = failure { try connection.execute(sql) }
                    #expect(error?.code == .timeout)
                    #expect(error?.isConnectionUsable == true)
                    #expect(duration < .seconds(5))
                    #expect(connection.transactionState == .failed)
                    try connection.rollback()
                }
            }
            // Each statement has the whole of it.
            try connection.begin(TransactionOptions())
            for _ in 0..<4 { try connection.execute("SELECT pg_sleep(0.05)") }
            try connection.commit()
        }
    }

    @Test(
        arguments: [
            (.milliseconds(1500), 1500), (.microseconds(1_999), 1), (.microseconds(1), 1), (.zero, 1),
            (.seconds(-5), 1),
            (.seconds(1_999_999), 1_999_999_000), (.milliseconds(2_000_000_001), 2_000_000_000),
            (.seconds(2_000_000_000), 2_000_000_000), (.seconds(Int64.max), 2_000_000_000),
        ] as [(Duration, Int64)]
    )
    func `It is in whole milliseconds, at least one and not more than the server takes`(
        _ limit: Duration,
        _ milliseconds: Int64
    ) throws {
        #expect(limit.wholeMilliseconds == milliseconds)
        let connection = try TestServer.connect()
        defer { connection.close() }
        connection.statementLimit = limit
        try connection.begin(TransactionOptions())
        // One that takes longer than a millisecond is stopped, and then tells nothing.
        if milliseconds > 1 { #expect(try self.limit(connection) == .text("\(milliseconds)")) }
        try connection.rollback()
        #expect(try self.limit(connection) == .text("0"))
    }

    @Test func `It ends with the transaction, and without one the session's own stays`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript("SET statement_timeout = 4321")
            connection.statementLimit = .seconds(9)
            for ends in [{ try connection.commit() }, { try connection.rollback() }] {
                #expect(try limit(connection) == .text("4321"))
                try connection.begin(TransactionOptions(isolation: .serializable, access: .readOnly))
                #expect(try limit(connection) == .text("9000"))
                #expect(try connection.cell("SHOW transaction_isolation") == .text("serializable"))
                #expect(try connection.cell("SHOW transaction_read_only") == .text("on"))
                try ends()
            }
            #expect(try limit(connection) == .text("4321"))
            connection.statementLimit = nil
            try connection.begin(TransactionOptions())
            #expect(try limit(connection) == .text("4321"))
            try connection.commit()
        }
    }
}
