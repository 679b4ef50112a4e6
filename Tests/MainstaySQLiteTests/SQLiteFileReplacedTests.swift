// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import MainstayTesting
import Synchronization
import Testing

@testable import MainstaySQLite

/// Files that are replaced or deleted while they are open.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteFileReplacedTests {
    private let folder = try? TemporaryFolder()
    private let manager = FileManager.default

    private func connect(_ name: String) throws -> SQLiteConnection {
        try SQLiteConnection(SQLiteConfiguration(.path(name)), role: .writer)
    }

    /// Makes a file with one table, without a write-ahead log beside it.
    private func makeFile(_ path: String, value: Int) throws {
        let connection = try connect(path)
        _ = try connection.executeScript("CREATE TABLE a (b INTEGER); INSERT INTO a VALUES (\(value))")
        connection.close()
    }

    /// What a deployment or a restored backup does.
    private func replace(_ path: String, value: Int = 2) throws {
        let another = path + ".new"
        try makeFile(another, value: value)
        for suffix in ["-wal", "-shm"] { try? manager.removeItem(atPath: path + suffix) }
        #expect(rename(another, path) == 0)
    }

    private func expectReplaced(_ connection: SQLiteConnection) {
        #expect(!connection.probe())
        let error = failure { try connection.ping() }.error
        #expect(error?.code == .connectionLost)
        #expect(error?.isTransient == true)
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
    }

    @Test("A file that is still there is no reason to open it again")
    func same() throws {
        let path = try #require(folder).file()
        let connection = try connect(path)
        try connection.execute("CREATE TABLE a (b)")
        // Its name is another one; the file is not.
        try manager.linkItem(atPath: path, toPath: path + ".link")
        try manager.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: path)
        #expect(connection.probe())
        try connection.ping()
        #expect(try connection.reset() == false)
        #expect(connection.probe())
    }

    @Test("A database in memory has no file to be replaced")
    func memory() throws {
        let inMemory = try SQLiteConnection(SQLiteConfiguration(.memory), role: .writer)
        #expect(inMemory.probe())
        try inMemory.ping()
    }

    @Test("A file that was replaced is noticed")
    func replaced() throws {
        let path = try #require(folder).file()
        let connection = try connect(path)
        try replace(path)
        expectReplaced(connection)
    }

    @Test("A file that was deleted is noticed, and so is its folder")
    func deleted() throws {
        for isFolder in [false, true] {
            let folder = try TemporaryFolder()
            let connection = try connect(folder.file())
            try manager.removeItem(atPath: isFolder ? folder.path : folder.file())
            expectReplaced(connection)
        }
    }

    @Test("A symbolic link that leads to another file is noticed")
    func symbolicLink() throws {
        let folder = try #require(folder)
        let link = folder.file("link.db")
        for number in 1...2 { try makeFile(folder.file("\(number).db"), value: number) }
        try manager.createSymbolicLink(atPath: link, withDestinationPath: folder.file("1.db"))
        let connection = try connect(link)
        #expect(connection.probe())
        try manager.removeItem(atPath: link)
        try manager.createSymbolicLink(atPath: link, withDestinationPath: folder.file("2.db"))
        expectReplaced(connection)
    }

    @Test("A relative name is looked for where it was opened")
    func relative() throws {
        let name = "\(UUID().uuidString).db"
        let connection = try connect(name)
        #expect(connection.probe())
        #expect(connection.file?.path == "\(manager.currentDirectoryPath)/\(name)")
        try replace(name)
        expectReplaced(connection)
        try manager.removeItem(atPath: name)
    }

    @Test("A path that one may not look at says nothing about the file")
    func forbidden() throws {
        let connection = try connect(try #require(folder).file())
        // A name that is too long stands for everything but "there is none", also for tests that run as root.
        let path = try #require(folder).file(String(repeating: "a", count: 300))
        let isReplaced = try connection.withNativeHandle { database in
            var file = SQLiteFile(path: path, openedBy: database)
            return file.isReplaced(database)
        }
        #expect(!isReplaced)
    }

    // MARK: - Transactions

    @Test("Nothing is committed to a file that was replaced", arguments: [true, false])
    func commit(isDeleted: Bool) throws {
        let path = try #require(folder).file()
        try makeFile(path, value: 1)
        let connection = try connect(path)
        try connection.begin(TransactionOptions())
        try connection.execute("UPDATE a SET b = 3")
        try isDeleted ? manager.removeItem(atPath: path) : replace(path)
        let error = failure { try connection.commit() }.error
        #expect(error?.code == .connectionLost)
        #expect(error?.isConnectionUsable == false)
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
    }

    @Test("A transaction that only reads ends well in a file that was replaced")
    func commitReading() throws {
        let path = try #require(folder).file()
        try makeFile(path, value: 1)
        let connection = try connect(path)
        try connection.begin(TransactionOptions(access: .readOnly))
        try connection.execute("SELECT * FROM a")
        try replace(path)
        try connection.commit()
        #expect(!connection.probe())
    }

    @Test("Where SQLite notices it by itself the connection is lost as well")
    func moved() throws {
        let path = try #require(folder).file()
        try makeFile(path, value: 1)
        let connection = try connect(path)
        try connection.execute("PRAGMA journal_mode = DELETE")
        try connection.begin(TransactionOptions())
        try replace(path)
        let error = failure { try connection.execute("UPDATE a SET b = 3") }.error
        #expect(error?.code == .connectionLost)
        #expect(error?.nativeCode?.number == 1032)
        #expect(error?.isConnectionUsable == false)
        #expect(error?.hint?.contains("-wal") == true)
        #expect(!connection.isUsable)
        #expect(connection.transactionState == .unknown)
    }

    // MARK: - The pool

    @Test("The next scope has the file that took the place of the old one")
    func pool() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: "CREATE TABLE a (b INTEGER); INSERT INTO a VALUES (1)") { database in
            #expect(try await database.value("SELECT b FROM a") == 1)
            let opened = database.statistics.connectionsOpened
            try replace(folder.file())
            #expect(try await database.value("SELECT b FROM a") == 2)
            try await database.execute("UPDATE a SET b = 3")
            #expect(try await database.value("SELECT b FROM a") == 3)
            #expect(database.statistics.connectionsOpened == opened + 2)
        }
        #expect(try await folder.withDatabase { try await $0.value("SELECT b FROM a") } == 3)
    }

    @Test("A scope whose file is replaced while it writes is run again on the new one")
    func scope() async throws {
        let folder = try #require(folder)
        let schema = "CREATE TABLE a (b INTEGER); INSERT INTO a VALUES (1)"
        try await folder.withDatabase(schema: schema, attempts: 2) { database in
            let runs = Mutex(0)
            try await database.write { session in
                let isFirst = runs.withLock { runs in
                    runs += 1
                    return runs == 1
                }
                try session.execute("UPDATE a SET b = b + 10")
                if isFirst { try replace(folder.file()) }
            }
            #expect(runs.withLock { $0 } == 2)
            #expect(try await database.value("SELECT b FROM a") == 12)
        }
    }

    // MARK: - Opening

    @Test("A file that was replaced at the moment of opening is noticed", arguments: [true, false])
    func openedWhileReplaced(isLink: Bool) throws {
        let folder = try #require(folder)
        let path = folder.file()
        // Without write-ahead logs, which would not change places together with their files.
        for number in 1...2 {
            let connection = try connect(folder.file("\(number).db"))
            _ = try connection.executeScript("PRAGMA journal_mode = DELETE; PRAGMA user_version = \(number)")
            connection.close()
        }
        try manager.linkItem(atPath: folder.file("1.db"), toPath: path)
        var connections: [(connection: SQLiteConnection, version: Int64)] = []
        let configuration = SQLiteConfiguration(.path(path), mode: .readOnly)
        try whileReplacing(path, (1...2).map { folder.file("\($0).db") }, isLink: isLink) {
            // At least so many, and until both were found: a busy machine may not let the files change places for a while.
            while connections.count < (isLink ? 400 : 150) || Set(connections.map(\.version)).count < 2 {
                let connection = try SQLiteConnection(configuration, role: .reader)
                let version = try version(connection)
                if connections.count < 400 || version != connections.last?.version {
                    connections.append((connection, version))
                }
            }
        }
        #expect(Set(connections.map(\.version)) == [1, 2])
        let last = try version(try SQLiteConnection(configuration, role: .reader))
        // Those that have the file may have noted the other one, and be opened once more.
        for (connection, version) in connections where version != last { #expect(!connection.probe()) }
    }

    private func version(_ connection: SQLiteConnection) throws -> Int64 {
        let statement = try connection.prepare("PRAGMA user_version", parameterTypes: [])
        defer { statement.close() }
        try statement.start([], reading: .all)
        guard try statement.step(), case .integer(let version) = try statement.cell(at: 0) else { return -1 }
        return version
    }

    /// Has two files change places all the time.
    private func whileReplacing(
        _ path: String,
        _ files: [String],
        isLink: Bool,
        _ body: () throws -> Void
    ) rethrows {
        let (over, stopped) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            while over.wait(timeout: .now()) == .timedOut {
                for file in files {
                    // Renaming a file over itself leaves both names.
                    _ = unlink(path + ".new")
                    let isMade = isLink ? symlink(file, path + ".new") : link(file, path + ".new")
                    if isMade == 0 { _ = rename(path + ".new", path) }
                }
            }
            stopped.signal()
        }
        defer {
            over.signal()
            stopped.wait()
        }
        try body()
    }
}
