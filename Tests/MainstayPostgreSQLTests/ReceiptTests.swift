// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ReceiptTests {
    @Test func `Who only read has no receipt`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(.keepingReceipt)
            #expect(try connection.rows("SELECT a FROM t") == [])
            #expect(try connection.rows("WITH x AS (SELECT a FROM t) SELECT a FROM x") == [])
            // Nothing is written, so there is nothing to find out.
            try connection.execute("UPDATE t SET a = 1")
            #expect(try connection.receipt() == nil)
            try connection.commit()
            // Also of a transaction after one that wrote.
            try connection.begin(.keepingReceipt)
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(try connection.receipt() != nil)
            try connection.commit()
            #expect(connection.link.number.value == nil)
            try connection.begin(.keepingReceipt)
            #expect(try connection.receipt() == nil)
            try connection.rollback()
        }
    }

    @Test(arguments: [
        "INSERT INTO t VALUES (2)", "UPDATE t SET a = 2", "delete from t", "INSERT INTO t VALUES (2) RETURNING a",
        "WITH x AS (INSERT INTO t VALUES (2) RETURNING a) SELECT a FROM x",
        "MERGE INTO t USING (VALUES (1)) AS v (a) ON t.a = v.a WHEN MATCHED THEN UPDATE SET a = 3",
    ])
    func `The first statement that writes brings the number along`(_ sql: String) throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            try connection.begin(.keepingReceipt)
            _ = try connection.rows(sql)
            try expectNumber(connection, isKnown: true)
            try connection.commit()
        }
    }

    @Test func `Else it is asked for afterwards`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            let batch = try connection.prepare("INSERT INTO t VALUES ($1)", parameterTypes: [.int32])
            let ways: [() throws -> Void] = [
                { _ = try connection.rows("INSERT INTO t VALUES (1) RETURNING a", reading: .rowByRow) },
                { _ = try batch.executeBatch([[.int32(1)], [.int32(2)]]) },
                { _ = try connection.executeScript("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)") },
                { _ = try connection.rows("/* why */ INSERT INTO t VALUES (1)") },
                { _ = try connection.rows("CREATE TABLE u (a int)") },
            ]
            for way in ways {
                try connection.begin(.keepingReceipt)
                try way()
                try expectNumber(connection, isKnown: false)
                try connection.commit()
            }
        }
    }

    /// The number is the server's, and known before or after it was asked for.
    private func expectNumber(_ connection: PostgreSQLConnection, isKnown: Bool) throws {
        #expect((connection.link.number.value != nil) == isKnown)
        let receipt = try #require(try connection.receipt() as? PostgreSQLReceipt)
        #expect(try connection.cell("SELECT pg_current_xact_id()::text::int8") == .integer(Int64(receipt.number)))
        #expect(try connection.process() == receipt.process)
        #expect(receipt.server == connection.server)
    }

    @Test func `Without being asked to, a statement brings nothing along`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(connection.link.number.value == nil)
            try connection.rollback()
            // Nor does one outside of a transaction, after one that would have.
            try connection.begin(.keepingReceipt)
            try connection.rollback()
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(connection.link.number.value == nil)
        }
    }

    @Test func `It takes no round trip`() throws {
        try TestServer.withSchema { configuration, connection in
            try connection.execute("CREATE TABLE t (a int)")
            let proxy = try Proxy(to: TestServer.port)
            var proxied = configuration
            proxied.server = try TestServer.configuration(endpoint: .tcp(host: "127.0.0.1", port: proxy.port)).server
            let counted = try TestServer.connect(proxied)
            defer { counted.close() }
            let insert = try counted.prepare("INSERT INTO t VALUES (1)", parameterTypes: [])
            try counted.begin(.keepingReceipt)
            let before = proxy.requests
            _ = try insert.rows([])
            #expect(proxy.requests == before + 1)
            #expect(try counted.receipt() != nil)
            #expect(proxy.requests == before + 1)
            try counted.commit()
            #expect(proxy.requests == before + 2)
        }
    }

    @Test func `A savepoint that was rolled back leaves the number as it is`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            try connection.begin(.keepingReceipt)
            try connection.savepoint(.set, "one")
            try connection.execute("INSERT INTO t VALUES (1)")
            let number = connection.link.number.value
            try connection.savepoint(.rollback, "one")
            #expect(number != nil)
            #expect(connection.link.number.value == number)
            try expectNumber(connection, isKnown: true)
            // By SQL it is asked for again.
            _ = try connection.executeScript("SAVEPOINT two; ROLLBACK TO SAVEPOINT two")
            try expectNumber(connection, isKnown: false)
            #expect(connection.link.number.value == number)
            try connection.commit()
        }
    }

    @Test func `A transaction that SQL ends and follows by another one is the other one`() throws {
        for end in ["COMMIT; BEGIN", "ROLLBACK; BEGIN", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN"] {
            try TestServer.withConnection { connection in
                try connection.execute("CREATE TABLE t (a int)")
                try connection.begin(.keepingReceipt)
                try connection.execute("INSERT INTO t VALUES (1)")
                let first = connection.link.number.value
                _ = try connection.executeScript("\(end); INSERT INTO t VALUES (2)")
                try expectNumber(connection, isKnown: false)
                #expect(connection.link.number.value != first)
                try connection.commit()
            }
        }
    }

    @Test func `A process that is not that of before is asked which server it is of`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int)")
            let server = try #require(connection.server)
            // As if a pooler in between had led to another process, or a server that was started anew.
            for change in [{ connection.serverProcess = 1 }, { connection.server?.start += 1 }] {
                connection.server?.checkpoint = "old"
                change()
                try connection.begin(.keepingReceipt)
                try connection.execute("INSERT INTO t VALUES (1)")
                let receipt = try #require(try connection.receipt() as? PostgreSQLReceipt)
                #expect(receipt.server.checkpoint != "old")
                #expect(receipt.server.start == server.start)
                try expectNumber(connection, isKnown: true)
                try connection.commit()
            }
        }
    }

    @Test func `A server that does not tell who it is gives no receipt, and all else`() throws {
        let name = "receipt_\(UInt32.random(in: 0 ... .max))"
        let creator = try TestServer.connect()
        defer { creator.close() }
        try creator.execute("CREATE DATABASE \(name)")
        _ = try creator.executeScript("CREATE ROLE \(name) LOGIN PASSWORD 'secret'")
        defer {
            _ = try? creator.execute("DROP DATABASE \(name) WITH (FORCE)")
            _ = try? creator.executeScript("DROP ROLE \(name)")
        }
        _ = try creator.executeScript("ALTER ROLE \(name) SET idle_session_timeout = '90s'")
        let administrator = try TestServer.connect(TestServer.configuration(database: name))
        defer { administrator.close() }
        _ = try administrator.executeScript(
            """
            REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC; CREATE TABLE public.t (a int);
            GRANT ALL ON public.t TO \(name)
            """
        )
        let connection = try TestServer.connect(
            TestServer.configuration(user: name, password: Secret("secret"), database: name)
        )
        defer { connection.close() }
        #expect(connection.silenceLimit == .seconds(90))
        #expect(connection.link.interrupter.process != nil)
        #expect(connection.server == nil)
        try connection.begin(.keepingReceipt)
        try connection.execute("INSERT INTO t VALUES (1)")
        #expect(connection.link.number.value == nil)
        let error = failure { _ = try connection.receipt() }.error
        #expect(error?.code == .unsupported)
        // Nothing was asked that such a server refuses, and the transaction with it.
        #expect(connection.transactionState == .active)
        #expect(error?.hint != nil)
        try connection.commit()
    }
}

extension TransactionOptions {
    static var keepingReceipt: TransactionOptions {
        var options = TransactionOptions()
        options.keepsReceipt = true
        return options
    }
}
