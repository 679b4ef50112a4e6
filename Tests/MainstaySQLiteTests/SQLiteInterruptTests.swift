// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstaySQLite

/// What becomes of a transaction whose statement is interrupted, and of what is left of a connection that is closed.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteInterruptTests {
    private static let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    static let endless = "\(numbers) SELECT count(*) FROM n"

    private let folder = try? TemporaryFolder()

    private func connect() throws -> SQLiteConnection {
        let path = try #require(folder).file()
        let connection = try SQLiteConnection(
            SQLiteConfiguration(.path(path), busyTimeout: .zero),
            role: .writer
        )
        try connection.execute("CREATE TABLE IF NOT EXISTS a (b INTEGER)")
        return connection
    }

    @Test("An interrupted write takes its transaction with it, an interrupted read does not", arguments: [true, false])
    func interrupted(isWriting: Bool) throws {
        let connection = try connect()
        try connection.begin(TransactionOptions())
        try connection.execute("INSERT INTO a VALUES (1)")
        let text = isWriting ? "INSERT INTO a \(Self.numbers) SELECT i FROM n" : Self.endless
        let statement = try connection.prepare(text, parameterTypes: [])
        defer { statement.close() }
        let error = whileInterrupting(connection.interrupter.cancel) {
            failure {
                try statement.start([], reading: .all)
                while try statement.step() {}
            }.error
        }
        #expect(error?.code == .cancelled)
        #expect(error?.isConnectionUsable == true)
        #expect(connection.isUsable)
        #expect(connection.transactionState == (isWriting ? .none : .active))
        if isWriting {
            // COMMIT of what is gone is no success.
            #expect(failure { try connection.commit() }.error != nil)
        } else {
            try connection.commit()
        }
        let other = try connect()
        let values = try other.prepare("SELECT b FROM a", parameterTypes: [])
        try values.start([], reading: .all)
        #expect(try values.step() == !isWriting)
        values.close()
        other.close()
    }

    @Test("A connection that is closed keeps no lock, though a statement of it is still about")
    func closed() throws {
        let connection = try connect()
        try connection.begin(TransactionOptions())
        let statement = try connection.prepare("INSERT INTO a VALUES (1) RETURNING b", parameterTypes: [])
        try statement.start([], reading: .all)
        connection.close()
        let other = try connect()
        try other.begin(TransactionOptions())
        try other.commit()
        statement.close()
    }

    @Test("COMMIT does not wait for a statement of its own connection")
    func ownStatement() throws {
        let path = try #require(folder).file()
        let configuration = SQLiteConfiguration(.path(path), busyTimeout: .seconds(120))
        let connection = try SQLiteConnection(configuration, role: .writer)
        try connection.execute("CREATE TABLE a (b INTEGER)")
        try connection.begin(TransactionOptions())
        let statement = try connection.prepare("INSERT INTO a VALUES (1), (2) RETURNING b", parameterTypes: [])
        try statement.start([], reading: .all)
        let (error, duration) = failure { try connection.commit() }
        #expect(error?.code == .resultPending)
        #expect(duration < .seconds(60))
        #expect(connection.transactionState == .active)
        _ = try statement.finish()
        statement.close()
        try connection.commit()
    }
}
