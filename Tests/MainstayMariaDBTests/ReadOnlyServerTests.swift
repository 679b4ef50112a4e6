// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayMariaDB

/// Who was to write and finds a server that only reads is to look for another one. The server of the tests can't be
/// made one, which all of them share; it is made to say what such a one says.
@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct ReadOnlyServerTests {
    private static let words = [
        1290: "The MariaDB server is running with the --read-only option so it cannot execute this statement",
        1836: "Running in read-only mode",
    ]

    private func signal(_ number: Int) -> String {
        "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = \(number), MESSAGE_TEXT = '\(Self.words[number] ?? "")'"
    }

    private func expectGivenUp(_ connection: MariaDBConnection, _ error: DatabaseError?, _ number: Int) {
        #expect(error?.code == .readOnly)
        #expect(error?.nativeCode?.number == number)
        #expect(error?.isTransient == true)
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
    }

    @Test(arguments: [1290, 1836], [true, false])
    func `Who was to write gives the connection up`(_ number: Int, _ isAlone: Bool) throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        // A transaction before, which was begun to read, says nothing of this one.
        try connection.begin(TransactionOptions(access: .readOnly))
        try connection.commit()
        if !isAlone { try connection.begin(TransactionOptions()) }
        expectGivenUp(connection, failure { _ = try connection.executeScript(signal(number)) }.error, number)
        try connection.rollback()
    }

    @Test(arguments: [1290, 1836])
    func `Who was to read got what was asked for`(_ number: Int) throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        try connection.begin(TransactionOptions(access: .readOnly))
        let error = failure { _ = try connection.executeScript(signal(number)) }.error
        #expect(error?.code == .readOnly)
        #expect(error?.isTransient == false)
        #expect(error?.isConnectionUsable == true)
        #expect(connection.transactionState == .active)
        try connection.rollback()
        #expect(try connection.cell("SELECT 1") == .integer(1))
    }

    @Test func `A transaction that was begun to read is no read-only server`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT) ENGINE = InnoDB")
            try connection.begin(TransactionOptions(access: .readOnly))
            let error = failure { try connection.execute("INSERT INTO t VALUES (1)") }.error
            #expect(error?.nativeCode?.number == 1792)
            #expect(error?.isTransient == false)
            #expect(error?.isConnectionUsable == true)
            #expect(connection.isUsable)
            try connection.rollback()
        }
    }

    @Test func `A COMMIT that such a server refuses has not happened`() throws {
        try TestServer.withDatabase { configuration, creator in
            try creator.execute("CREATE PROCEDURE c() \(signal(1290))")
            let proxy = try Proxy(to: TestServer.port, .replaces("COMMIT", by: "CALL c"))
            let endpoint = ServerConfiguration.Endpoint.tcp(host: "127.0.0.1", port: proxy.port)
            let connection = try TestServer.connect(
                TestServer.configuration(endpoint: endpoint, database: configuration.server.database)
            )
            defer { connection.close() }
            try connection.begin(TransactionOptions())
            expectGivenUp(connection, failure { try connection.commit() }.error, 1290)
        }
    }
}
