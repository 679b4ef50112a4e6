// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB
import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct TransactionTests {
    @Test func `The state is what the server says`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT)")
            #expect(connection.transactionState == .none)
            try connection.begin(TransactionOptions())
            #expect(connection.transactionState == .active)
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
            #expect(connection.transactionState == .active)
            try connection.rollback()
            #expect(connection.transactionState == .none)
            try connection.rollback()
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (2)")
            try connection.commit()
            #expect(connection.transactionState == .none)
            #expect(try connection.rows("SELECT a FROM t") == [[.integer(2)]])
        }
    }

    @Test func `A transaction within a transaction is refused, for MariaDB would commit the first`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(failure { try connection.begin(TransactionOptions()) }.error?.code == .misuse)
            try connection.rollback()
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
        }
    }

    @Test func `DDL commits, and the state tells`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            try connection.execute("CREATE TABLE u (a INT)")
            #expect(connection.transactionState == .none)
            try connection.rollback()
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
            // Also when the statement that commits fails, and when it has rows.
            try connection.begin(TransactionOptions())
            #expect(failure { try connection.execute("CREATE TABLE u (a INT)") }.error?.code == .duplicateObject)
            #expect(connection.transactionState == .none)
            try connection.begin(TransactionOptions())
            _ = try connection.rows("ANALYZE TABLE t")
            #expect(connection.transactionState == .none)
        }
    }

    @Test func `What the last packet of a result says is believed, whether its rows are read or skipped`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        try connection.begin(TransactionOptions())
        let statement = try connection.prepare("SELECT 1 UNION SELECT 2", parameterTypes: [])
        defer { statement.close() }
        for readsAll in [true, false] {
            try statement.start([], reading: .all)
            #expect(try statement.step())
            // As if it had been said before the first row that there is no transaction.
            try connection.withNativeHandle { $0.pointee.server_status = 0 }
            while readsAll, try statement.step() {}
            _ = try statement.finish()
            #expect(connection.transactionState == .active)
        }
        try connection.rollback()
    }

    @Test func `A failed statement leaves the transaction as it is`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(failure { try connection.execute("INSERT INTO t VALUES (1)") }.error?.code == .uniqueViolation)
            #expect(failure { try connection.execute("NONSENSE") }.error?.code == .syntaxError)
            #expect(connection.transactionState == .active)
            try connection.commit()
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
        }
    }

    @Test func `Access and isolation are those that were asked for, and only for one transaction`() throws {
        try TestServer.withDatabase { configuration, connection in
            try connection.execute("CREATE TABLE t (a INT) ENGINE = InnoDB")
            try connection.begin(TransactionOptions(access: .readOnly))
            let error = failure { try connection.execute("INSERT INTO t VALUES (1)") }.error
            #expect(error?.code == .readOnly)
            #expect(error?.isTransient == false)
            try connection.commit()
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            for (level, isSeen): (IsolationLevel, [Int64]) in [
                (.readUncommitted, [1, 1]), (.readCommitted, [0, 1]), (.repeatableRead, [0, 0]),
            ] {
                try connection.begin(TransactionOptions(isolation: level))
                #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
                try other.begin(TransactionOptions())
                try other.execute("INSERT INTO t VALUES (1)")
                #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(isSeen[0]), "\(level)")
                try other.commit()
                #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(isSeen[1]), "\(level)")
                try connection.commit()
                try other.execute("DELETE FROM t")
            }
            // What is read is locked.
            try connection.begin(TransactionOptions(isolation: .serializable))
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
            try other.execute("SET innodb_lock_wait_timeout = 1")
            #expect(failure { try other.execute("INSERT INTO t VALUES (1)") }.error?.code == .lockTimeout)
            try connection.commit()
            // The next one has the server's own again, and so has a statement outside of any.
            try connection.begin(TransactionOptions())
            #expect(try connection.cell("SELECT @@tx_isolation") == .text("REPEATABLE-READ"))
            try connection.commit()
            try connection.begin(TransactionOptions(isolation: .readUncommitted))
            try connection.commit()
            #expect(try connection.limitToReading(true))
            #expect(try connection.cell("SELECT @@tx_isolation") == .text("REPEATABLE-READ"))
            try connection.begin(TransactionOptions(isolation: .serializable))
            try connection.commit()
            #expect(try connection.limitToReading(false))
            #expect(try connection.cell("SELECT @@tx_isolation") == .text("REPEATABLE-READ"))
            try connection.execute("INSERT INTO t VALUES (1)")
        }
    }

    @Test func `A snapshot detects conflicts, and the server's own level does not`() throws {
        try TestServer.withDatabase { configuration, connection in
            try connection.execute("CREATE TABLE t (a INT PRIMARY KEY, n INT) ENGINE = InnoDB")
            try connection.execute("INSERT INTO t VALUES (1, 0)")
            let other = try TestServer.connect(configuration)
            defer { other.close() }
            try connection.begin(TransactionOptions(isolation: .snapshot))
            #expect(try connection.cell("SELECT @@innodb_snapshot_isolation") == .integer(1))
            #expect(try connection.cell("SELECT n FROM t") == .integer(0))
            try other.execute("UPDATE t SET n = 7")
            #expect(failure { try connection.execute("UPDATE t SET n = 8") }.error?.code == .serializationFailure)
            try connection.rollback()
            // The server's own, at which the update is lost, is what an unmanaged session gets.
            try connection.begin(TransactionOptions())
            #expect(try connection.cell("SELECT @@innodb_snapshot_isolation") == .integer(0))
            try connection.commit()
        }
    }

    @Test func `A level that a statement gives the session is kept, and a snapshot is none the less one`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.rows("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            try connection.begin(TransactionOptions())
            #expect(try connection.cell("SELECT @@tx_isolation") == .text("READ-COMMITTED"))
            try connection.commit()
            try connection.begin(TransactionOptions(isolation: .snapshot))
            #expect(try connection.cell("SELECT @@tx_isolation") == .text("REPEATABLE-READ"))
            #expect(try connection.cell("SELECT @@innodb_snapshot_isolation") == .integer(1))
            try connection.commit()
            try connection.begin(TransactionOptions())
            #expect(try connection.cell("SELECT @@tx_isolation") == .text("READ-COMMITTED"))
            try connection.commit()
        }
    }

    @Test func `A reset gives the session the isolation that the server gives new ones`() throws {
        try TestServer.withConnection { connection in
            try connection.begin(TransactionOptions(isolation: .snapshot))
            try connection.commit()
            _ = try connection.reset()
            try connection.begin(TransactionOptions())
            #expect(try connection.cell("SELECT @@innodb_snapshot_isolation") == .integer(0))
            try connection.commit()
            try connection.begin(TransactionOptions(isolation: .snapshot))
            #expect(try connection.cell("SELECT @@innodb_snapshot_isolation") == .integer(1))
            try connection.commit()
        }
    }

    @Test func `Savepoints`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT)")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO t VALUES (1)")
            try connection.savepoint(.set, "s1")
            try connection.execute("INSERT INTO t VALUES (2)")
            try connection.savepoint(.set, "s2")
            try connection.execute("INSERT INTO t VALUES (3)")
            try connection.savepoint(.rollback, "s2")
            #expect(failure { try connection.savepoint(.release, "s2") }.error?.code == .undefinedObject)
            try connection.savepoint(.release, "s1")
            try connection.commit()
            #expect(try connection.rows("SELECT a FROM t ORDER BY a") == [[.integer(1)], [.integer(2)]])
        }
    }

    @Test func `A deadlock ends the transaction of its victim`() throws {
        try TestServer.withDatabase { configuration, one in
            try one.execute("CREATE TABLE t (a INT PRIMARY KEY, v INT)")
            try one.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
            try one.begin(TransactionOptions())
            // The smaller transaction is the victim: this one.
            try one.execute("UPDATE t SET v = 1 WHERE a = 1")
            let other = DispatchQueue(label: "other")
            let isReady = DispatchSemaphore(value: 0)
            let isDone = DispatchSemaphore(value: 0)
            other.async {
                defer { isDone.signal() }
                guard let two = try? TestServer.connect(configuration) else {
                    isReady.signal()
                    return
                }
                defer { two.close() }
                _ = try? two.begin(TransactionOptions())
                _ = try? two.execute("CREATE TEMPORARY TABLE u (a INT) ENGINE = InnoDB")
                _ = try? two.execute("INSERT INTO t SELECT seq + 10, 0 FROM seq_1_to_100")
                _ = try? two.execute("UPDATE t SET v = 2 WHERE a = 2")
                isReady.signal()
                _ = try? two.execute("UPDATE t SET v = 2 WHERE a = 1")
                _ = try? two.commit()
            }
            isReady.wait()
            // Once the other one waits for us, we wait for it. The server keeps the table's rows as long as somebody looks at
            // them every 0.1 s.
            // https://dev.mysql.com/doc/refman/5.7/en/innodb-information-schema-internal-data.html
            let waits = "SELECT COUNT(*) FROM information_schema.innodb_lock_waits"
            for _ in 0..<100 where try one.cell(waits) == .integer(0) { usleep(200_000) }
            let error = try #require(failure { try one.execute("UPDATE t SET v = 1 WHERE a = 2") }.error)
            #expect(error.code == .deadlock)
            #expect(error.nativeCode?.number == 1213)
            #expect(error.sqlState == "40001")
            #expect(error.isTransient && error.isConnectionUsable)
            #expect(one.transactionState == .none)
            isDone.wait()
            try one.rollback()
            #expect(try one.rows("SELECT v FROM t WHERE a < 10") == [[.integer(2)], [.integer(2)]])
        }
    }

    @Test func `A lock that is not granted in time ends the statement only`() throws {
        try TestServer.withDatabase { configuration, one in
            try one.execute("CREATE TABLE t (a INT PRIMARY KEY)")
            try one.execute("INSERT INTO t VALUES (1), (2)")
            let two = try TestServer.connect(configuration)
            defer { two.close() }
            try two.begin(TransactionOptions())
            try two.execute("DELETE FROM t WHERE a = 2")
            try one.execute("SET innodb_lock_wait_timeout = 1")
            try one.begin(TransactionOptions())
            try one.execute("DELETE FROM t WHERE a = 1")
            let error = try #require(failure { try one.execute("DELETE FROM t WHERE a = 2") }.error)
            #expect(error.code == .lockTimeout)
            #expect(error.isTransient && error.isConnectionUsable)
            #expect(one.transactionState == .active)
            try one.commit()
            try two.rollback()
            #expect(try one.rows("SELECT a FROM t") == [[.integer(2)]])
        }
    }

    @Test func `A connection that is dead before COMMIT is not in doubt`() throws {
        try TestServer.withDatabase { configuration, connection in
            try connection.execute("CREATE TABLE t (a INT)")
            let victim = try TestServer.connect(configuration)
            defer { victim.close() }
            try victim.begin(TransactionOptions())
            try victim.execute("INSERT INTO t VALUES (1)")
            try connection.execute("KILL CONNECTION \(victim.id)")
            while victim.probe() { usleep(1000) }
            let error = try #require(failure { try victim.commit() }.error)
            #expect(error.code == .connectionLost)
            #expect(error.isTransient && !error.isConnectionUsable)
            #expect(victim.transactionState == .unknown && !victim.isUsable)
            try victim.rollback()
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(0))
        }
    }

    @Test func `A connection that breaks while COMMIT is under way is in doubt`() throws {
        try TestServer.withDatabase { configuration, connection in
            try connection.execute("CREATE TABLE t (a INT)")
            let proxy = try Proxy(to: TestServer.port)
            let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
            let database = configuration.server.database
            let victim = try TestServer.connect(TestServer.configuration(endpoint: endpoint, database: database))
            defer { victim.close() }
            try victim.begin(TransactionOptions())
            try victim.execute("INSERT INTO t VALUES (1)")
            // The server gets COMMIT, and its answer gets lost.
            proxy.pause()
            after(milliseconds: 300) { proxy.cut() }
            let error = try #require(failure { try victim.commit() }.error)
            #expect(try connection.cell("SELECT COUNT(*) FROM t") == .integer(1))
            #expect(error.code == .commitOutcomeUnknown)
            #expect(!error.isTransient && !error.isConnectionUsable)
            #expect((error.cause as? DatabaseError)?.code == .connectionLost)
            #expect(victim.transactionState == .unknown)
        }
    }
}
