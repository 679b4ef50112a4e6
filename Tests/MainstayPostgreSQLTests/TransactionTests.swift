// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct TransactionTests {
    @Test func `COMMIT of a failed transaction is not taken for a success`() throws {
        try TestServer.withConnection { connection throws in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(failure { try connection.execute("INSERT INTO t VALUES (1)") }.error?.code == .uniqueViolation)
            #expect(connection.transactionState == .failed)
            // What the core never sends: the server would answer with success and the tag ROLLBACK.
            #expect(failure { try connection.commit() }.error?.code == .transactionRolledBack)
            #expect(connection.transactionState == .none)
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(0))
        }
    }

    @Test(
        arguments: [
            "DO $$ BEGIN COMMIT; INSERT INTO t VALUES (1); END $$", "DO $$ BEGIN INSERT INTO t VALUES (1); END $$",
            "CALL p()", "/* a procedure */ CALL p()", "INSERT INTO t VALUES (1) RETURNING a", "TRUNCATE t",
            "WITH w AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM w", "SELECT f()",
        ]
    )
    func `A statement that may only read can neither write nor commit and write then`(_ text: String) throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript(
                """
                CREATE TABLE t (a INT);
                INSERT INTO t VALUES (0);
                CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; INSERT INTO t VALUES (1); END';
                CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING a'
                """
            )
            #expect(try connection.limitToReading(true))
            let error = failure {
                let statement = try connection.prepare(text, parameterTypes: [])
                try statement.start([], reading: .all)
                while try statement.step() {}
                _ = try statement.finish()
            }.error
            #expect(error != nil)
            #expect(error?.isConnectionUsable == true)
            #expect(error?.isTransient == false)
            try connection.rollback()
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(1))
            #expect(try connection.limitToReading(false))
            try connection.execute("INSERT INTO t VALUES (2)")
        }
    }

    @Test func `A deferred constraint fails after the statement's rows`() throws {
        try TestServer.withConnection { connection throws in
            try connection.execute("CREATE TABLE t (a INT UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let insert = try connection.prepare("INSERT INTO t VALUES (1), (1) RETURNING a", parameterTypes: [])
            for reading in [Reading.all, .rowByRow] {
                // Outside of a transaction the server commits after the last row, and only then looks at the constraint.
                let error = failure {
                    try insert.start([], reading: reading)
                    while try insert.step() {}
                    _ = try insert.finish()
                }.error
                #expect(error?.code == .uniqueViolation)
                #expect(error?.constraint == "t_a_key")
            }
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(0))
        }
    }

    @Test func `A transaction has the options that it was begun with`() throws {
        try TestServer.withConnection { connection throws in
            try connection.begin(TransactionOptions(isolation: .serializable, access: .readOnly))
            #expect(try connection.cell("SHOW transaction_isolation") == .text("serializable"))
            #expect(try connection.cell("SHOW transaction_read_only") == .text("on"))
            #expect(failure { try connection.execute("CREATE TABLE t (a INT)") }.error?.code == .readOnly)
            try connection.rollback()
            #expect(connection.transactionState == .none)
            try connection.rollback()
        }
    }

    @Test func `COMMIT on a connection that is known to be broken was not sent`() throws {
        try TestServer.withConnection { administrator throws in
            let connection = try TestServer.connect()
            defer { connection.close() }
            try connection.begin(TransactionOptions())
            try connection.execute("SELECT 1")
            try administrator.kill(connection)
            let error = failure { try connection.commit() }.error
            #expect(error?.code == .connectionLost)
            #expect(error?.isTransient == true)
            #expect(connection.transactionState == .unknown)
        }
    }

    @Test func `COMMIT that gets no answer has an unknown outcome`() throws {
        let proxy = try Proxy(on: "127.0.0.1", to: TestServer.port)
        let configuration = try TestServer.configuration(endpoint: .tcp(host: "127.0.0.1", port: proxy.port))
        try TestServer.withConnection { administrator throws in
            let connection = try TestServer.connect(configuration)
            defer { connection.close() }
            // The commit waits for the constraint's trigger, and is cut off meanwhile.
            try administrator.execute("CREATE TABLE t (a INT)")
            let schema = try administrator.cell("SELECT current_schema()::text")
            guard case .text(let name) = schema else { return }
            let path = "\"\(name.replacing("\"", with: "\"\""))\""
            _ = try connection.executeScript("SET search_path TO \(path)")
            _ = try connection.executeScript(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow();
                """
            )
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            after(milliseconds: 300) { proxy.cut() }
            let error = failure { try connection.commit() }.error
            #expect(error?.code == .commitOutcomeUnknown)
            #expect(error?.isTransient == false)
            #expect(error?.isConnectionUsable == false)
        }
    }

    @Test func `A script that fails has undone all of itself`() throws {
        try TestServer.withConnection { connection throws in
            let error = failure {
                _ = try connection.executeScript("CREATE TABLE t (a INT); INSERT INTO t VALUES (1); SELECT 1 / 0")
            }.error
            #expect(error?.sqlState == "22012")
            #expect(failure { try connection.execute("SELECT * FROM t") }.error?.code == .undefinedObject)
            #expect(try connection.executeScript("CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2)") == 2)
        }
    }

    @Test func `COPY in a script is refused, and the connection goes on or is known to be lost`() throws {
        try TestServer.withConnection { connection throws in
            #expect(failure { _ = try connection.executeScript("COPY (SELECT 1) TO STDOUT") }.error != nil)
            guard connection.isUsable else { return }
            #expect(try connection.cell("SELECT 1") == .integer(1))
        }
    }

    @Test func `A batch that fails names the set of values`() throws {
        try TestServer.withConnection { connection throws in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            let insert = try connection.prepare("INSERT INTO t VALUES ($1)", parameterTypes: [.int64])
            #expect(try insert.executeBatch((0..<5000).map { [.int64($0)] }).affectedRows == 5000)
            try connection.begin(TransactionOptions())
            let error = failure { _ = try insert.executeBatch([[.int64(6000)], [.int64(3)], [.int64(6001)]]) }.error
            #expect(error?.code == .uniqueViolation)
            #expect(connection.transactionState == .failed)
            try connection.rollback()
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(5000))
        }
    }
}

extension PostgreSQLConnection {
    /// The server's process for this connection.
    var processID: Int64 {
        get throws {
            guard case .integer(let id) = try cell("SELECT pg_backend_pid()") else { return 0 }
            return id
        }
    }

    /// Ends another connection's process, and waits until it has ended.
    func kill(_ other: PostgreSQLConnection) throws {
        _ = try cell("SELECT pg_terminate_backend($1, 10000)", .int32(Int32(try other.processID)))
    }
}
