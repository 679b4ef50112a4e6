// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct StatementLimitTests {
    private static let setting = "SELECT CAST(@@max_statement_time * 1000000 AS SIGNED)"

    @Test func `It is set once, until it is another one`() throws {
        let proxy = try Proxy(to: TestServer.port)
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
        let connection = try TestServer.connect(TestServer.configuration(endpoint: endpoint))
        defer { connection.close() }
        func settings() -> [String] {
            proxy.received.ranges(of: "SET max_statement_time = ").map { range in
                String(proxy.received[range.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "." })
            }
        }
        try connection.begin(TransactionOptions())
        try connection.commit()
        #expect(settings() == [])
        connection.statementLimit = .milliseconds(1500)
        for _ in 0..<3 {
            try connection.begin(TransactionOptions())
            #expect(try connection.cell(Self.setting) == .integer(1_500_000))
            try connection.commit()
            // Outside of a transaction it holds as well.
            #expect(try connection.cell(Self.setting) == .integer(1_500_000))
        }
        #expect(settings() == ["1.500"])
        // From the next transaction on.
        try connection.begin(TransactionOptions())
        connection.statementLimit = .seconds(7)
        #expect(try connection.cell(Self.setting) == .integer(1_500_000))
        try connection.commit()
        #expect(try connection.cell(Self.setting) == .integer(7_000_000))
        #expect(settings() == ["1.500", "7.000"])
        connection.statementLimit = nil
        try connection.begin(TransactionOptions(access: .readOnly))
        #expect(try connection.cell(Self.setting) == .integer(0))
        try connection.commit()
        #expect(settings() == ["1.500", "7.000", "DEFAULT"])
        // A reset takes it back, and then it is set again.
        connection.statementLimit = .seconds(7)
        #expect(try connection.cell(Self.setting) == .integer(7_000_000))
        _ = try connection.reset()
        #expect(try connection.cell(Self.setting) == .integer(7_000_000))
        #expect(settings() == ["1.500", "7.000", "DEFAULT", "7.000", "7.000"])
        connection.statementLimit = nil
        _ = try connection.reset()
        #expect(try connection.cell(Self.setting) == .integer(0))
        #expect(settings().count == 5)
    }

    @Test(
        arguments: [
            (.microseconds(1), 1000), (.zero, 1000), (.seconds(-5), 1000), (.microseconds(1_999), 1000),
            (.milliseconds(61_007), 61_007_000), (.seconds(31_535_999), 31_535_999_000_000),
            (.seconds(31_536_000), 31_536_000_000_000), (.seconds(Int64.max), 31_536_000_000_000),
        ] as [(Duration, Int64)]
    )
    func `It is in whole milliseconds, at least one and not more than the server takes`(
        _ limit: Duration,
        _ microseconds: Int64
    ) throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        connection.statementLimit = limit
        try connection.begin(TransactionOptions())
        // What asks for it may itself take longer than a millisecond.
        let setting = Result { try connection.cell(Self.setting) }
        guard microseconds == 1000, case .failure(let error as DatabaseError) = setting else {
            #expect(try setting.get() == .integer(microseconds))
            return
        }
        #expect(error.code == .timeout)
    }

    @Test func `The server stops what takes longer, and the transaction goes on`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            connection.statementLimit = .milliseconds(100)
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            for sql in ["SELECT SLEEP(20)", "INSERT INTO t SELECT 2 + SLEEP(20)"] {
                let (error, duration) = failure { _ = try connection.rows(sql) }
                #expect(error?.code == .timeout)
                #expect(error?.nativeCode?.number == 1969)
                #expect(error?.isTransient == false)
                #expect(error?.isConnectionUsable == true)
                #expect(duration < .seconds(5))
                #expect(connection.transactionState == .active)
            }
            try connection.commit()
            #expect(try connection.rows("SELECT a FROM t") == [[.integer(1)]])
            #expect(failure { _ = try connection.rows("SELECT SLEEP(20)") }.error?.code == .timeout)
            #expect(connection.transactionState == .none)
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
    }
}
