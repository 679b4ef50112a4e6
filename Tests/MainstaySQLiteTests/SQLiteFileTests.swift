// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MainstaySQLite

/// What file is opened, and what comes of files that can't be.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteFileTests {
    private let folder = try? TemporaryFolder()

    /// The error of opening a file and looking into it.
    private func failure(_ url: String) async throws -> DatabaseError? {
        try await databaseError {
            _ = try await TemporaryFolder.withDatabase(url) { try await $0.value("SELECT 1", as: Int.self) }
        }
    }

    @Test("A new file is in WAL mode, with one writer and several readers")
    func wal() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: "CREATE TABLE a (b)") { database async throws in
            #expect(try await database.value("PRAGMA journal_mode") == "wal")
            #expect(try await database.value("PRAGMA foreign_keys") == 1)
            #expect(try await database.value("PRAGMA synchronous") == 2)
            #expect(database.poolFigures[.writer]?.limit == 1)
            #expect(database.poolFigures[.reader]?.limit == 10)
            #expect(database.driver.topology == .singleWriter)
        }
        #expect(
            try await folder.withDatabase("test.db", "synchronous=normal&foreign_keys=off") { database async throws in
                let synchronous = try await database.value("PRAGMA synchronous", as: Int.self)
                return [synchronous, try await database.value("PRAGMA foreign_keys", as: Int.self)]
            } == [1, 0]
        )
        // The last connection to leave has put everything into the file.
        #expect(folder.names == ["test.db"])
    }

    @Test(
        "A name is a name and no URI",
        arguments: ["file:a.db", "file:a.db?mode=memory", "file::memory:", ":memory:", "a b%20c#d.db", "?mode=memory"]
    )
    func names(name: String) async throws {
        let folder = try #require(folder)
        let database = try Database(SQLiteDriver(.path(folder.file(name))))
        try await database.write { try $0.executeScript("CREATE TABLE a (b)") }
        await database.close()
        #expect(folder.names == [name])
    }

    @Test("A relative name that looks like a URI is a name")
    func relativeName() async throws {
        let name = "file:\(UUID().uuidString).db?mode=memory"
        let database = try Database(SQLiteDriver(.path(name)))
        try await database.write { try $0.executeScript("CREATE TABLE a (b)") }
        await database.close()
        #expect(FileManager.default.fileExists(atPath: name))
        try FileManager.default.removeItem(atPath: name)
    }

    @Test("A folder is no database")
    func folderAsFile() async throws {
        let folder = try #require(folder)
        let error = try await failure("sqlite://\(folder.path)")
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == false)
        #expect(error?.message.contains(folder.path) == true)
    }

    @Test("A file in a folder that is missing can't be opened")
    func missingFolder() async throws {
        let folder = try #require(folder)
        let error = try await failure("sqlite://\(folder.path)/missing/test.db")
        #expect(error?.code == .cannotConnect)
        #expect(error?.isTransient == false)
    }

    @Test("A file that is missing is not made where it must exist", arguments: ["ro", "rw"])
    func missingFile(mode: String) async throws {
        let folder = try #require(folder)
        let error = try await failure("sqlite://\(folder.file())?mode=\(mode)")
        #expect(error?.code == .cannotConnect)
        #expect(folder.names == [])
    }

    @Test("A file that is no database is left as it is", arguments: ["", "?mode=ro"])
    func noDatabase(parameters: String) async throws {
        let folder = try #require(folder)
        let text = Data(String(repeating: "This is no database. ", count: 200).utf8)
        try text.write(to: URL(fileURLWithPath: folder.file()))
        let error = try await failure("sqlite://\(folder.file())\(parameters)")
        #expect(error?.code == .dataCorrupted)
        #expect(error?.isTransient == false)
        #expect(error?.nativeCode == DatabaseError.NativeCode(vendor: "SQLite", number: 26))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file())) == text)
        #expect(folder.names == ["test.db"])
    }

    @Test("An empty file is an empty database")
    func emptyFile() async throws {
        let folder = try #require(folder)
        try Data().write(to: URL(fileURLWithPath: folder.file()))
        #expect(try await failure("sqlite://\(folder.file())") == nil)
    }

    @Test("A file that is opened for reading is read and never written")
    func readOnly() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: "CREATE TABLE a (b); INSERT INTO a VALUES (7)") { _ in }
        try await folder.withDatabase("test.db", "mode=ro") { database async throws in
            #expect(try await database.value("SELECT b FROM a") == 7)
            let error = try await databaseError { try await database.execute("INSERT INTO a VALUES (8)") }
            #expect(error?.code == .readOnly)
            #expect(error?.isConnectionUsable == true)
            #expect(try await database.value("SELECT count(*) FROM a") == 1)
        }
    }

    @Test("A file that is being written by another is read at the same time")
    func readOnlyBesideWriter() async throws {
        let folder = try #require(folder)
        try await folder.withDatabase(schema: "CREATE TABLE a (b)") { writer async throws in
            try await folder.withDatabase("test.db", "mode=ro") { reader async throws in
                for number in 1...3 {
                    try await writer.execute("INSERT INTO a VALUES (\(number))")
                    #expect(try await reader.value("SELECT count(*) FROM a") == number)
                }
            }
        }
    }

    @Test(
        "A parameter that is not understood is refused before anything is opened",
        arguments: [
            "cache=shared", "busy_timeout=5", "busy_timeout=-1s", "mode=memory", "foreign_keys=maybe",
            "synchronous=off",
            "vfs=x",
        ]
    )
    func parameters(parameter: String) throws {
        let folder = try #require(folder)
        let error = #expect(throws: DatabaseError.self) {
            try Database("sqlite://\(folder.file())?\(parameter)", drivers: [.sqlite])
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(folder.names == [])
    }

    @Test("A name with U+0000 in it opens no other file")
    func zeroInName() async throws {
        let folder = try #require(folder)
        let database = try? Database(SQLiteDriver(.path(folder.file("a.db\0.txt"))))
        _ = try? await database?.write { try $0.executeScript("CREATE TABLE a (b)") }
        await database?.close()
        #expect(folder.names == [])
    }

    @Test("Many scopes open a new file at once")
    func openingInParallel() async throws {
        for _ in 0..<10 { try await openInParallel() }
    }

    private func openInParallel() async throws {
        let folder = try TemporaryFolder()
        try await folder.withDatabase { database async throws in
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        _ = try await database.value("SELECT count(*) FROM sqlite_schema", as: Int.self)
                    }
                }
                group.addTask { try await database.execute("CREATE TABLE a (b)") }
                try await group.waitForAll()
            }
            #expect(try await database.value("PRAGMA journal_mode") == "wal")
        }
    }
}
