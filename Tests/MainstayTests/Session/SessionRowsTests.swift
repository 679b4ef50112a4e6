// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

@Suite(.timeLimit(.minutes(1)))
struct SessionRowsTests {
    private typealias UsersError = SessionBench.UsersError

    /// A database on which every SELECT gives the rows 1 to 5.
    private func database(_ driver: ScriptedDriver? = nil) throws -> (Database, ScriptedDriver) {
        let driver =
            driver
            ?? SessionBench.driver { operation, _ in
                operation.hasPrefix("start SELECT") ? .rows(["a"], (1...5).map { [.integer($0)] }) : nil
            }
        return (try SessionBench.database(driver), driver)
    }

    @Test("While rows are being read, the session executes nothing else")
    func pending() async throws {
        let (database, driver) = try database()
        try await database.withSession { session in
            let rows = try session.query("SELECT a", as: Int.self).rows()
            #expect(try rows.next() == 1)
            for attempt: () throws -> Void in [
                { try session.execute("UPDATE 1") }, { _ = try session.query("SELECT b").all() },
                { try session.executeScript("UPDATE 1") }, { try session.execute(each: [1]) { "UPDATE \($0)" } },
                { try session.withSavepoint {} }, { try session.withConnection(as: ScriptedConnection.self) { _ in } },
            ] {
                let error = #expect(throws: DatabaseError.self) { try attempt() }
                #expect(error?.code == .resultPending)
            }
            #expect(try rows.next() == 2)
            rows.discard()
            rows.discard()
            #expect(try rows.next() == nil)
            try session.execute("UPDATE 2")
        }
        await database.close()
        #expect(driver.count("start UPDATE 1") == 0)
        #expect(driver.count("start UPDATE 2") == 1)
        #expect(driver.count("finish SELECT a") == 1)
    }

    @Test("Reading to the end finishes, and a later next is nil")
    func toTheEnd() async throws {
        let (database, driver) = try database()
        try await database.withSession { session in
            let rows = try session.query("SELECT a", as: Int.self).rows()
            var all: [Int] = []
            while let row = try rows.next() { all.append(row) }
            #expect(all == [1, 2, 3, 4, 5])
            #expect(try rows.next() == nil)
            try session.execute("UPDATE 1")
        }
        await database.close()
        #expect(driver.count("finish SELECT a") == 1)
    }

    @Test("Leaving early finishes the result", arguments: ["break", "throw", "first", "drop"])
    func leavingEarly(way: String) async throws {
        let (database, driver) = try database()
        try await database.write { session in
            switch way {
            case "break":
                for try await row in session.query("SELECT a", as: Int.self) where row == 2 { break }
            case "throw":
                #expect(throws: UsersError()) {
                    try session.query("SELECT a", as: Int.self).forEach { if $0 == 2 { throw UsersError() } }
                }
            case "first":
                #expect(try session.query("SELECT a", as: Int.self).first() == 1)
            default:
                _ = try session.query("SELECT a", as: Int.self).rows()
            }
            try session.execute("UPDATE 1")
        }
        await database.close()
        #expect(driver.count("finish SELECT a") == 1)
        #expect(driver.count("commit") == 1)
    }

    @Test("Batches are as large as was asked, and the last is smaller")
    func batches() async throws {
        let (database, _) = try database()
        try await database.withSession { session in
            let rows = try session.query("SELECT a", as: Int.self).rows()
            #expect(try rows.nextBatch(2) == [1, 2])
            #expect(try rows.nextBatch(0) == [3])
            #expect(try rows.nextBatch(9) == [4, 5])
            #expect(try rows.nextBatch(9) == [])
        }
        await database.close()
    }

    @Test("One, first and all count as they say")
    func counts() async throws {
        let driver = SessionBench.driver { operation, _ in
            switch operation {
            case "start none": .rows(["a"], [])
            case "start single": .rows(["a"], [[.integer(1)]])
            case "start pair": .rows(["a"], [[.integer(1)], [.integer(2)]])
            default: nil
            }
        }
        let (database, _) = try database(driver)
        try await database.withSession { session in
            func code(_ body: () throws -> Void) -> DatabaseError.Code? {
                #expect(throws: DatabaseError.self) { try body() }?.code
            }
            let (none, single, pair) = (session.numbers("none"), session.numbers("single"), session.numbers("pair"))
            #expect(try none.all() == [])
            #expect(try none.first() == nil)
            #expect(try none.oneOrNil() == nil)
            #expect(code { _ = try none.one() } == .noRows)
            #expect(try single.one() == 1)
            #expect(try single.oneOrNil() == 1)
            #expect(try pair.first() == 1)
            #expect(try pair.all() == [1, 2])
            #expect(code { _ = try pair.one() } == .tooManyRows)
            #expect(code { _ = try pair.oneOrNil() } == .tooManyRows)
            try session.execute("UPDATE 1")
        }
        await database.close()
    }

    @Test("A commit ends the reading of rows, and what is read afterwards is an error")
    func commitWhileReading() async throws {
        let (database, driver) = try database()
        try await database.withSession { session in
            let rows = try session.query("SELECT a", as: Int.self).rows()
            _ = try rows.next()
            try session.commit()
            let error = #expect(throws: DatabaseError.self) { try rows.next() }
            #expect(error?.code == .misuse)
        }
        await database.close()
        #expect(driver.log.suffix(4).contains("1 commit"))
        #expect(driver.count("finish SELECT a") == 1)
    }

    @Test("A row that can't be read ends the result and not the session")
    func badRow() async throws {
        let driver = SessionBench.driver { operation, _ in
            operation == "start SELECT a" ? .rows(["a"], [[.integer(1)], [.text("x")], [.integer(3)]]) : nil
        }
        let (database, _) = try database(driver)
        try await database.withSession { session in
            let rows = try session.query("SELECT a", as: Int.self).rows()
            #expect(try rows.next() == 1)
            let error = #expect(throws: DatabaseError.self) { try rows.next() }
            #expect(error?.code == .typeMismatch)
            #expect(error?.statement == "SELECT a")
            #expect(try rows.next() == nil)
            try session.execute("UPDATE 1")
        }
        await database.close()
    }

    @Test("A failure at the end of a result that was left early is told by the next statement")
    func failureAfterLeaving() async throws {
        let driver = SessionBench.driver { operation, _ in
            switch operation {
            case "start SELECT a": .rows(["a"], [[.integer(1)]])
            case "finish SELECT a": .fails(DatabaseError(.other, "late"), .failed)
            default: nil
            }
        }
        let (database, _) = try database(driver)
        try await database.withSession { session in
            try session.query("SELECT a", as: Int.self).rows().discard()
            let error = #expect(throws: DatabaseError.self) { try session.execute("UPDATE 1") }
            #expect(error?.code == .transactionFailed)
            #expect((error?.cause as? DatabaseError)?.message == "late")
        }
        await database.close()
    }

    @Test("A batch is one statement, and statements that differ are refused")
    func batch() async throws {
        let (database, driver) = try database()
        try await database.withSession { session in
            try session.execute(each: [1, 2, 3]) { "UPDATE a SET b = \($0)" }
            #expect(try session.execute(each: [Int]()) { "UPDATE a SET b = \($0)" }.affectedRows == 0)
            let error = #expect(throws: DatabaseError.self) {
                try session.execute(each: [1, 2]) { $0 == 1 ? "UPDATE a SET b = \($0)" : "UPDATE c SET b = \($0)" }
            }
            #expect(error?.code == .misuse)
        }
        await database.close()
        #expect(driver.count("prepare UPDATE a SET b = ?") == 1)
        #expect(driver.count("start UPDATE a SET b = ?") == 3)
    }
}

extension Session {
    fileprivate func numbers(_ text: String) -> Query<Int> {
        query(SQL(raw: text), as: Int.self)
    }
}
