// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct SessionTests {
    @Test func `A reset puts everything back`() throws {
        try TestServer.withDatabase { configuration, connection in
            let statement = try connection.prepare("SELECT 1", parameterTypes: [])
            _ = try connection.executeScript(
                """
                SET NAMES latin1; SET sql_mode = 'ANSI_QUOTES'; SET time_zone = '+05:00'; SET autocommit = 0;
                SET @a = 5; SET lc_messages = 'de_DE'; CREATE TEMPORARY TABLE temp (a INT); DO GET_LOCK('mainstay', 0);
                USE information_schema; SET SESSION TRANSACTION READ ONLY;
                """
            )
            #expect(try connection.reset() == false)
            #expect(failure { try statement.start([], reading: .all) }.error?.code == .misuse)
            statement.close()
            #expect(try connection.cell("SELECT DATABASE()") == .text(configuration.server.database ?? ""))
            for (name, value) in [
                ("@@character_set_client", Datum.text("utf8mb4")), ("@@time_zone", .text("+00:00")),
                ("@@lc_messages", .text("en_US")), ("@@autocommit", .integer(1)), ("@a", .null),
                ("@@sql_mode LIKE '%ANSI%'", .integer(0)), ("IS_FREE_LOCK('mainstay')", .integer(1)),
                ("@@tx_read_only", .integer(0)),
            ] {
                #expect(try connection.cell("SELECT \(name)") == value, "\(name)")
            }
            #expect(failure { _ = try connection.rows("SELECT * FROM temp") }.error?.code == .undefinedObject)
        }
    }

    @Test func `A reset rolls back`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            _ = try connection.reset()
            #expect(connection.transactionState == .none)
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
        }
    }

    @Test func `A reset that can't go back to no database gives the connection up`() throws {
        let server = try TestServer.configuration().server
        let configuration = try ServerConfiguration(
            endpoint: server.endpoint,
            user: server.user,
            password: server.password
        )
        let connection = try TestServer.connect(MariaDBConfiguration(server: configuration))
        defer { connection.close() }
        _ = try connection.reset()
        try connection.execute("USE mainstay")
        #expect(failure { _ = try connection.reset() }.error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
    }

    @Test func `A script executes its statements and adds up what they did`() throws {
        try TestServer.withConnection { connection in
            let count = try connection.executeScript(
                """
                CREATE TABLE t (a INT); -- a comment; with a semicolon
                INSERT INTO t VALUES (1), (2); SELECT * FROM t, seq_1_to_10000; UPDATE t SET a = 1;
                DELETE FROM t WHERE a = 1;
                """
            )
            #expect(count == 6)
            #expect(try connection.executeScript("INSERT INTO t VALUES (1)") == 1)
            #expect(connection.probe())
        }
    }

    @Test(arguments: ["", "   ", "-- nothing", ";"])
    func `A script without a statement`(_ text: String) throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let error = failure { _ = try connection.executeScript(text) }.error
        #expect(error == nil || error?.code == .syntaxError)
        #expect(try connection.cell("SELECT 5") == .integer(5))
    }

    @Test func `A script that fails says where, and has done what stands before`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            let script = "INSERT INTO t VALUES (1); SELECT 1; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)"
            let violation = scriptError(connection, script)
            #expect(violation?.code == .uniqueViolation)
            #expect(violation?.message.hasPrefix("statement 3 of the script: ") == true)
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
            // Among the rows of the second.
            let late = "DO 0; SELECT (SELECT b.seq FROM seq_1_to_3 b WHERE b.seq <= a.seq) FROM seq_1_to_3 a; DO 0"
            for (script, number) in [("DO 0; NONSENSE", 2), ("NONSENSE", 1), (late, 2)] {
                let error = scriptError(connection, script)
                #expect(error?.message.hasPrefix("statement \(number) of the script: ") == true)
            }
            #expect(connection.probe())
        }
    }

    private func scriptError(_ connection: MariaDBConnection, _ script: String) -> DatabaseError? {
        failure { _ = try connection.executeScript(script) }.error
    }

    @Test func `A script in a transaction leaves the state that the server has`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript("START TRANSACTION; DO 0")
            #expect(connection.transactionState == .active)
            #expect(failure { _ = try connection.executeScript("DO 0; NONSENSE") }.error?.code == .syntaxError)
            #expect(connection.transactionState == .active)
            #expect(failure { _ = try connection.executeScript("ROLLBACK; NONSENSE") }.error?.code == .syntaxError)
            #expect(connection.transactionState == .none)
        }
    }

    @Test func `After a script one statement is one statement again`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        for script in ["DO 0; DO 0", "DO 0; NONSENSE"] {
            _ = try? connection.executeScript(script)
            #expect(failure { try connection.execute("DO 0; DO 0") }.error?.code == .syntaxError)
            // Also by the text protocol, which this one uses.
            #expect(failure { try connection.savepoint(.set, "a; DROP TABLE t") }.error?.code == .syntaxError)
        }
    }

    @Test func `The server gets no file of the client`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a TEXT)")
            let sql = "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t"
            #expect(failure { try connection.execute(sql) }.error != nil)
            #expect(failure { _ = try connection.executeScript(sql) }.error != nil)
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
        }
        // A server that asks for one nevertheless.
        let file = FileManager.default.temporaryDirectory.appending(path: "mainstay-\(UUID().uuidString)")
        try "hunter2".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let rogue = try Proxy(to: TestServer.port, .asksForFile(file.path))
        let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: rogue.port)
        let configuration = try TestServer.configuration(endpoint: endpoint)
        #expect(failure { try TestServer.connect(configuration, timeout: .seconds(1)).close() }.error != nil)
        #expect(rogue.received.contains("NAMES utf8mb4"))
        #expect(!rogue.received.contains("hunter2"))
    }
}
