// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstaySQLite

/// Disks that fail, and files that are damaged.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteDiskTests {
    private let folder = try? TemporaryFolder()

    private func connect() throws -> SQLiteConnection {
        let path = try #require(folder).file()
        let connection = try SQLiteConnection(SQLiteConfiguration(.path(path), busyTimeout: .zero), role: .writer)
        try connection.execute("CREATE TABLE IF NOT EXISTS a (b)")
        return connection
    }

    private func value(_ text: String, _ connection: SQLiteConnection) throws -> Int64 {
        let statement = try connection.prepare(text, parameterTypes: [])
        defer { statement.close() }
        try statement.start([], reading: .all)
        guard try statement.step(), case .integer(let value) = try statement.cell(at: 0) else { return -1 }
        return value
    }

    private func count(_ connection: SQLiteConnection) throws -> Int64 {
        try value("SELECT count(*) FROM a", connection)
    }

    // MARK: - COMMIT

    @Test("COMMIT on a failing disk has committed nothing, and says so", arguments: FailingDisk.Failure.whenCommitting)
    func commit(failing: FailingDisk.Failure) throws {
        for hasWAL in [true, false] {
            let connection = try connect()
            if !hasWAL { try connection.execute("PRAGMA journal_mode = DELETE") }
            // The pages are written at COMMIT and no sooner.
            try connection.execute("PRAGMA cache_spill = OFF")
            try connection.begin(TransactionOptions())
            try connection.execute("INSERT INTO a VALUES (1), (2)")
            let disk = try FailingDisk(failing, of: connection, isJournal: hasWAL)
            try #require(disk.isInPlace)
            let error = failure { try connection.commit() }.error
            disk.mend()
            let isFull = failing == .writeIsFull
            #expect(error?.code == (isFull ? .storageFull : .other))
            #expect(error?.isConnectionUsable == isFull)
            #expect(connection.isUsable == isFull)
            // SQLite has rolled back: it is known that nothing was committed.
            #expect(connection.transactionState == (isFull ? .none : .unknown))
            if isFull {
                #expect(try count(connection) == 0)
                try connection.rollback()
                try connection.begin(TransactionOptions())
                try connection.commit()
            }
            connection.close()
            withExtendedLifetime(disk) {}
            #expect(try count(try connect()) == 0)
        }
    }

    @Test("COMMIT on a disk that dies in its middle is not known to be done or undone, and that is said")
    func deadDisk() throws {
        let connection = try connect()
        try connection.execute("CREATE TABLE d (e)")
        try connection.begin(TransactionOptions())
        try connection.execute("INSERT INTO d VALUES (1)")
        let disk = try FailingDisk(.syncAndAllAfterItFails, of: connection, isJournal: true)
        try #require(disk.isInPlace)
        let error = failure { try connection.commit() }.error
        #expect(error?.code == .commitOutcomeUnknown, "\(String(describing: error))")
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        withExtendedLifetime(disk) {}
    }

    @Test("A statement outside of any transaction stays undone as well", arguments: FailingDisk.Failure.whenCommitting)
    func autocommit(failing: FailingDisk.Failure) throws {
        let connection = try connect()
        try connection.execute("PRAGMA user_version = 7")
        let statement = try connection.prepare("INSERT INTO a VALUES (1)", parameterTypes: [])
        let disk = try FailingDisk(failing, of: connection, isJournal: true)
        let error = failure { try statement.start([], reading: .all) }.error
        #expect(error?.isConnectionUsable == (failing == .writeIsFull))
        // With its last statement the closed connection goes, and could not tidy up the log.
        statement.close()
        disk.mend()
        connection.close()
        withExtendedLifetime(disk) {}
        let other = try connect()
        #expect(try count(other) == 0)
        #expect(try value("PRAGMA user_version", other) == 7)
    }

    // MARK: - Errors after which a connection is not to be used

    @Test("A connection that could not read is closed, and keeps no lock")
    func reading() throws {
        let connection = try connect()
        try connection.begin(TransactionOptions())
        try connection.execute("INSERT INTO a VALUES (1)")
        let text = "SELECT count(*) FROM a"
        let statement = try connection.prepare(text, parameterTypes: [])
        try connection.execute("PRAGMA shrink_memory")
        try connection.commit()
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try connection.begin(TransactionOptions())
        try connection.execute("PRAGMA cache_size = 0")
        try connection.execute("PRAGMA shrink_memory")
        let disk = try FailingDisk(.readFails, of: connection, isJournal: false)
        let error = failure { try statement.start([], reading: .all) }.error
        #expect(error?.nativeCode?.number == 266)
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        #expect(!connection.probe())
        #expect(connection.transactionState == .unknown)
        // The statement is still about, as the core has it in its cache.
        let other = try connect()
        try other.begin(TransactionOptions())
        try other.rollback()
        statement.close()
        withExtendedLifetime(disk) {}
    }

    /// Overwrites everything but the first page.
    private func damage(_ path: String) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xFF, count: Int(size) - 4096))
        try file.close()
    }

    @Test("A connection that found its file damaged is closed, and the next scope has another")
    func damaged() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: "CREATE TABLE a (b); INSERT INTO a VALUES (1)") { _ in }
        try damage(folder.file())
        let connection = try SQLiteConnection(SQLiteConfiguration(.path(folder.file())), role: .writer)
        let error = failure { try connection.execute("SELECT * FROM a") }.error
        #expect(error?.code == .dataCorrupted)
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        connection.close()
        try await folder.withDatabase { database in
            for opened in 1...3 {
                let error = try await databaseError { _ = try await database.query("SELECT * FROM a") }
                #expect(error?.code == .dataCorrupted)
                #expect(database.statistics.connectionsOpened == opened)
            }
        }
    }

    @Test("A database in memory is not given up because of another file")
    func memory() throws {
        let path = try #require(folder).file()
        try Data(String(repeating: "This is no database. ", count: 200).utf8).write(to: URL(fileURLWithPath: path))
        let connection = try SQLiteConnection(SQLiteConfiguration(.memory), role: .writer)
        _ = try connection.executeScript("CREATE TABLE a (b); INSERT INTO a VALUES (1)")
        for (other, code) in [(path, DatabaseError.Code.dataCorrupted), ("/nowhere/at/all.db", .cannotConnect)] {
            let error = failure { _ = try connection.executeScript("ATTACH '\(other)' AS c; SELECT * FROM c.d") }.error
            #expect(error?.code == code)
            #expect(error?.isConnectionUsable == true)
            #expect(connection.isUsable)
            #expect(try count(connection) == 1)
        }
    }

    @Test("Another file that can't be opened leaves the connection as it is")
    func otherFile() throws {
        let connection = try connect()
        let error = failure { try connection.execute("ATTACH '/nowhere/at/all.db' AS c") }.error
        #expect(error?.code == .cannotConnect)
        #expect(error?.isConnectionUsable == true)
        #expect(connection.isUsable)
        #expect(try count(connection) == 0)
    }
}
