// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstaySQLite

/// Waiting for locks that others hold, and being stopped in it.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteBusyTests {
    private let folder = try? TemporaryFolder()
    /// Longer than the suite may take: who waits to its end, fails.
    private static let long = Duration.seconds(120)

    private func connect(_ busyTimeout: Duration) throws -> SQLiteConnection {
        let path = try #require(folder).file()
        let connection = try SQLiteConnection(
            SQLiteConfiguration(.path(path), busyTimeout: busyTimeout),
            role: .writer
        )
        try connection.execute("CREATE TABLE IF NOT EXISTS a (b INTEGER)")
        return connection
    }

    private func count(_ connection: SQLiteConnection) throws -> Int {
        let statement = try connection.prepare("SELECT count(*) FROM a", parameterTypes: [])
        defer { statement.close() }
        try statement.start([], reading: .all)
        guard try statement.step(), case .integer(let count) = try statement.cell(at: 0) else { return -1 }
        _ = try statement.finish()
        return Int(count)
    }

    // MARK: - BEGIN

    @Test("BEGIN waits for as long as it may, and nothing has happened then")
    func begin() throws {
        let connection = try connect(.milliseconds(200))
        let other = try LockHolder.writing(try #require(folder).file())
        let (error, duration) = failure { try connection.begin(TransactionOptions()) }
        #expect(error?.code == .lockTimeout)
        #expect(error?.isTransient == true)
        #expect(error?.isConnectionUsable == true)
        #expect(duration >= .milliseconds(200))
        #expect(connection.isUsable)
        #expect(connection.transactionState == .none)
        other.release()
        try connection.begin(TransactionOptions())
        try connection.execute("INSERT INTO a VALUES (1)")
        try connection.commit()
        #expect(try count(connection) == 1)
    }

    @Test("BEGIN that may not wait fails at once")
    func beginWithoutWaiting() throws {
        let connection = try connect(.zero)
        let other = try LockHolder.writing(try #require(folder).file())
        defer { other.release() }
        #expect(failure { try connection.begin(TransactionOptions()) }.error?.code == .lockTimeout)
    }

    @Test("Each lock is waited for anew")
    func eachLock() throws {
        let connection = try connect(.milliseconds(50))
        let other = try LockHolder.writing(try #require(folder).file())
        for _ in 1...2 {
            let (error, duration) = failure { try connection.begin(TransactionOptions()) }
            #expect(error?.code == .lockTimeout)
            #expect(duration >= .milliseconds(50))
        }
        other.release()
    }

    @Test("A snapshot that another wrote past fails at once, however long one may wait")
    func snapshot() throws {
        let connection = try connect(Self.long)
        _ = try connection.executeScript("BEGIN DEFERRED; SELECT count(*) FROM a")
        let path = try #require(folder).file()
        try LockHolder(SQLiteConfiguration(.path(path)), "INSERT INTO a VALUES (1)").release()
        let error = failure { try connection.execute("INSERT INTO a VALUES (2)") }.error
        #expect(error?.code == .serializationFailure)
        #expect(error?.nativeCode?.number == 517)
        #expect(connection.transactionState == .active)
    }

    // MARK: - Being stopped

    @Test("A statement that waits for a lock is cancelled, and the next one is not", arguments: [true, false])
    func cancelled(isPrepared: Bool) throws {
        let connection = try connect(Self.long)
        let other = try LockHolder.writing(try #require(folder).file())
        let statement = try connection.prepare("INSERT INTO a VALUES (1)", parameterTypes: [])
        defer { statement.close() }
        func write() throws {
            guard isPrepared else { return try connection.begin(TransactionOptions()) }
            try statement.start([], reading: .all)
            _ = try statement.finish()
        }
        let error = whileInterrupting(connection.interrupter.cancel) { failure(write).error }
        #expect(error?.code == .cancelled)
        #expect(error?.isTransient == false)
        #expect(error?.isConnectionUsable == true)
        #expect(connection.transactionState == .none)
        // It waits as well, and nobody asked it to stop.
        other.release(afterMilliseconds: 100)
        try write()
        #expect(connection.transactionState == (isPrepared ? .none : .active))
        #expect(try count(connection) == (isPrepared ? 1 : 0))
    }

    @Test("A request to cancel that comes when nothing runs hits nothing")
    func cancelledBetween() throws {
        let connection = try connect(Self.long)
        let other = try LockHolder.writing(try #require(folder).file())
        connection.interrupter.cancel()
        other.release(afterMilliseconds: 100)
        try connection.begin(TransactionOptions())
        connection.interrupter.cancel()
        #expect(try count(connection) == 0)
        connection.interrupter.cancel()
        try connection.commit()
    }

    @Test("A connection that is broken off while it waits for a lock is lost")
    func aborted() throws {
        let connection = try connect(Self.long)
        let other = try LockHolder.writing(try #require(folder).file())
        defer { other.release() }
        let error = whileInterrupting(connection.interrupter.abort) {
            failure { try connection.begin(TransactionOptions()) }.error
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
        #expect(failure { try connection.execute("SELECT 1") }.error?.code == .connectionLost)
        #expect(failure { _ = try connection.reset() }.error?.code == .connectionLost)
    }

    @Test("A connection that is broken off while it rests executes nothing more")
    func abortedBetween() throws {
        let connection = try connect(Self.long)
        try connection.begin(TransactionOptions())
        try connection.execute("INSERT INTO a VALUES (1)")
        connection.interrupter.abort()
        #expect(!connection.isUsable)
        #expect(!connection.probe())
        #expect(failure { try connection.commit() }.error?.code == .connectionLost)
        connection.close()
        #expect(try count(try connect(.zero)) == 0)
    }

    @Test("Breaking off in memory stops the statement, and the database is not lost")
    func abortedInMemory() throws {
        let connection = try SQLiteConnection(SQLiteConfiguration(.memory), role: .writer)
        let error = whileInterrupting(connection.interrupter.abort) {
            failure { try connection.execute(SQLiteInterruptTests.endless) }.error
        }
        #expect(error?.code == .cancelled)
        #expect(connection.isUsable)
        try connection.execute("SELECT 1")
    }

    @Test("Opening a file waits for its lock and is stopped in it", arguments: [true, false])
    func opening(isAborting: Bool) throws {
        let connection = try connect(Self.long)
        // Only a file that has no write-ahead log yet makes SQLite's BUSY one that it does not wait with.
        try connection.execute("PRAGMA journal_mode = DELETE")
        let other = try LockHolder.reading(try #require(folder).file())
        let interrupter = connection.interrupter
        let error = whileInterrupting(isAborting ? interrupter.abort : interrupter.cancel) {
            failure { _ = try connection.reset() }.error
        }
        #expect(error?.code == (isAborting ? .connectionLost : .cancelled))
        #expect(!connection.isUsable)
        other.release()
    }

    // MARK: - COMMIT

    /// In a file without a write-ahead log a reader is in the way of COMMIT. `withoutHandler` takes away SQLite's own
    /// calls of the handler, as a native `PRAGMA busy_timeout` does.
    private func writeWithoutWAL(_ busyTimeout: Duration, withoutHandler: Bool) throws -> SQLiteConnection {
        let connection = try connect(busyTimeout)
        try connection.execute("PRAGMA journal_mode = DELETE")
        if withoutHandler { try connection.execute("PRAGMA busy_timeout = 0") }
        try connection.begin(TransactionOptions())
        try connection.execute("INSERT INTO a VALUES (1)")
        return connection
    }

    @Test("COMMIT waits for a reader and is done once", arguments: [true, false])
    func commit(withoutHandler: Bool) throws {
        let connection = try writeWithoutWAL(Self.long, withoutHandler: withoutHandler)
        let reader = try LockHolder.reading(try #require(folder).file())
        reader.release(afterMilliseconds: 300)
        try connection.commit()
        #expect(connection.transactionState == .none)
        #expect(try count(connection) == 1)
    }

    @Test("COMMIT that waited in vain leaves the transaction open, to be committed", arguments: [true, false])
    func commitInVain(withoutHandler: Bool) throws {
        let connection = try writeWithoutWAL(.milliseconds(200), withoutHandler: withoutHandler)
        let reader = try LockHolder.reading(try #require(folder).file())
        let (error, duration) = failure { try connection.commit() }
        #expect(error?.code == .lockTimeout)
        #expect(duration >= .milliseconds(200))
        #expect(connection.transactionState == .active)
        reader.release()
        try connection.commit()
        #expect(connection.transactionState == .none)
        #expect(try count(connection) == 1)
    }

    @Test("COMMIT that is stopped while it waits has committed nothing", arguments: [true, false])
    func commitStopped(withoutHandler: Bool) throws {
        let connection = try writeWithoutWAL(Self.long, withoutHandler: withoutHandler)
        let path = try #require(folder).file()
        let reader = try LockHolder.reading(path)
        let cancelled = whileInterrupting(connection.interrupter.cancel) { failure { try connection.commit() }.error }
        #expect(cancelled?.code == .cancelled)
        #expect(connection.transactionState == .active)
        let aborted = whileInterrupting(connection.interrupter.abort) { failure { try connection.commit() }.error }
        #expect(aborted?.code == .connectionLost)
        #expect(connection.transactionState == .unknown)
        reader.release()
        #expect(try count(try connect(.zero)) == 0)
    }
}
