// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct StatementTests {
    private func statementCount(_ connection: PostgreSQLConnection) throws -> Datum {
        try connection.cell("SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql")
    }

    @Test func `A statement outlives a change of its table`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            let all = try connection.prepare("SELECT * FROM t", parameterTypes: [])
            #expect(try all.rows([]) == [[.integer(1)]])
            try connection.execute("ALTER TABLE t ADD b text DEFAULT 'x'")
            #expect(try all.rows([]) == [[.integer(1), .text("x")]])
            #expect(all.columns.map(\.name) == ["a", "b"])
            // In a transaction it is too late for this time.
            try connection.begin(TransactionOptions())
            try connection.execute("ALTER TABLE t DROP b")
            let error = failure { _ = try all.rows([]) }.error
            #expect(error?.code == .staleStatement)
            #expect(error?.isTransient == true)
            try connection.rollback()
            try connection.execute("ALTER TABLE t DROP b")
            #expect(try all.rows([]) == [[.integer(1)]])
        }
    }

    @Test(arguments: ["DEALLOCATE ALL", "DISCARD ALL", "DO 'BEGIN EXECUTE ''DEALLOCATE ALL''; END'"])
    func `A statement outlives its being freed`(sql: String) throws {
        try TestServer.withConnection { connection throws in
            let one = try connection.prepare("SELECT 1", parameterTypes: [])
            _ = try connection.executeScript(sql)
            #expect(try one.rows([]) == [[.integer(1)]])
            try connection.execute("CREATE TABLE t (a int)")
            let insert = try connection.prepare("INSERT INTO t VALUES ($1)", parameterTypes: [.int32])
            _ = try connection.executeScript(sql)
            #expect(try insert.executeBatch([[.int32(1)], [.int32(2)]]).affectedRows == 2)
        }
    }

    @Test func `Statements that are closed are freed, many at once`() throws {
        try TestServer.withConnection { connection throws in
            for number in 0..<100 {
                #expect(try connection.cell("SELECT \(number)") == .integer(Int64(number)))
            }
            guard case .integer(let count) = try statementCount(connection) else { return }
            #expect(count <= 20)
            // Inside of a transaction they wait for its end.
            try connection.begin(TransactionOptions())
            for number in 0..<100 { _ = try connection.cell("SELECT \(number)") }
            guard case .integer(let held) = try statementCount(connection) else { return }
            #expect(held >= 100)
            try connection.commit()
            #expect(try connection.reset())
            #expect(try statementCount(connection) == .integer(1))
        }
    }

    @Test func `Freeing what somebody else freed is no error`() throws {
        try TestServer.withConnection { connection throws in
            for number in 0..<14 { _ = try connection.cell("SELECT \(number)") }
            _ = try connection.executeScript("DO 'BEGIN EXECUTE ''DEALLOCATE ALL''; END'")
            for number in 0..<40 { _ = try connection.cell("SELECT \(number)") }
            #expect(connection.isUsable)
        }
    }

    // MARK: Scripts

    @Test func `A script is one transaction, and counts what it changed`() throws {
        try TestServer.withConnection { connection throws in
            let script = "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); UPDATE t SET a = 3; SELECT * FROM t;"
            #expect(try connection.executeScript(script) == 4)
            #expect(try connection.executeScript("") == 0)
            #expect(try connection.executeScript("-- nothing") == 0)
            let error = failure { _ = try connection.executeScript("DELETE FROM t; SELECT 1 / 0; DROP TABLE t") }.error
            #expect(error?.sqlState == "22012")
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(2))
            #expect(
                failure { _ = try connection.executeScript("SELECT 1;\0 DROP TABLE t") }.error?.code
                    == .invalidParameter
            )
        }
    }

    @Test func `COPY is refused, and the connection goes on`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")
            for copy in ["COPY t TO STDOUT", "COPY t FROM STDIN"] {
                let script = failure { _ = try connection.executeScript("SELECT 1; \(copy); SELECT 2") }.error
                #expect(script?.code == .unsupported)
                #expect(script?.isConnectionUsable == true)
                #expect(connection.transactionState == .none)
                let statement = try connection.prepare(copy, parameterTypes: [])
                for reading in [Reading.all, .rowByRow] {
                    #expect(failure { try statement.start([], reading: reading) }.error?.code == .unsupported)
                    #expect(try connection.cell("SELECT 1") == .integer(1))
                }
                // In a batch libpq gives up, but it does not hang.
                let batch = failure { _ = try statement.executeBatch([[], []]) }.error
                #expect(batch != nil)
                if !connection.isUsable { return }
            }
        }
    }

    // MARK: Batches

    @Test func `A batch adds up`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("CREATE TABLE t (a int8, b text)")
            let insert = try connection.prepare(
                "INSERT INTO t VALUES ($1, $2) RETURNING a, b",
                parameterTypes: [.int64, .text]
            )
            for count in [0, 1, 255, 256, 257, 511, 512, 513, 5000] {
                let sets = (0..<count).map { [Value.int64(Int64($0)), .text("row \($0)")] }
                #expect(try insert.executeBatch(sets) == Completion(affectedRows: count))
                #expect(
                    try connection.rows("SELECT count(*), count(DISTINCT a) FROM t")
                        == [[.integer(Int64(count)), .integer(Int64(count))]]
                )
                try connection.execute("DELETE FROM t")
            }
        }
    }

    // Both directions full at once would be a deadlock if either side waited for the other to read.
    @Test func `A batch of large values with large results`() throws {
        try TestServer.withConnection { connection throws in
            let echo = try connection.prepare("SELECT $1 || $1", parameterTypes: [.bytes])
            let large = [UInt8](repeating: 1, count: 1 << 20)
            let sets = Array(repeating: [Value.bytes(large)], count: 40)
            #expect(try echo.executeBatch(sets).affectedRows == 0)
            let small = Array(repeating: [Value.bytes(Array(large.prefix(4000)))], count: 3000)
            #expect(try echo.executeBatch(small).affectedRows == 0)
        }
    }

    @Test(arguments: [0, 1, 300, 999])
    func `A batch fails as a whole and names the set`(index: Int) throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("CREATE TABLE t (a int8 CHECK (a >= 0))")
            let insert = try connection.prepare("INSERT INTO t VALUES ($1)", parameterTypes: [.int64])
            var sets = (0..<1000).map { [Value.int64(Int64($0))] }
            sets[index] = [.int64(-1)]
            let error = failure { _ = try insert.executeBatch(sets) }.error
            #expect(error?.code == .checkViolation)
            #expect(error?.message.hasPrefix("set \(index): ") == true)
            #expect(connection.transactionState == .none)
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(0))
            try connection.begin(TransactionOptions())
            #expect(failure { _ = try insert.executeBatch(sets) }.error?.code == .checkViolation)
            #expect(connection.transactionState == .failed)
            try connection.rollback()
            // A value that can't be bound is found before anything is sent.
            sets[index] = [.text("x")]
            try connection.begin(TransactionOptions())
            let refused = failure { _ = try insert.executeBatch(sets) }.error
            #expect(refused?.code == .invalidParameter)
            #expect(refused?.message.hasPrefix("set \(index): ") == true)
            #expect(connection.transactionState == .active)
        }
    }

    @Test func `A deferred constraint fails after the batch`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("CREATE TABLE t (a int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let insert = try connection.prepare("INSERT INTO t VALUES ($1)", parameterTypes: [.int64])
            let sets = Array(repeating: [Value.int64(1)], count: 600)
            #expect(failure { _ = try insert.executeBatch(sets) }.error?.code == .uniqueViolation)
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(0))
        }
    }

    @Test func `A batch is lost with its connection, or given up`() throws {
        for gaveUp in [true, false] {
            try TestServer.withConnection { connection in
                let process = try connection.process()
                let interrupter = connection.interrupter
                let sleep = try connection.prepare("SELECT pg_sleep($1)", parameterTypes: [.double])
                after(milliseconds: 100) {
                    if gaveUp { interrupter.abort() } else { try? TestServer.terminate(process) }
                }
                let (error, duration) = failure {
                    _ = try sleep.executeBatch(Array(repeating: [.double(0.1)], count: 1000))
                }
                #expect(error?.code == .connectionLost)
                #expect(duration < .seconds(10))
                #expect(!connection.isUsable)
            }
        }
    }
}
