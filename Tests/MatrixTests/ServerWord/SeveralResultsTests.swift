// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Testing

@Suite struct SeveralResultsServerWordTests {
    private static let mariaDB = DatabaseRun.all(requiring: .server).filter {
        !$0.dialect.capabilities.contains(.transactionalDDL)
    }

    private struct Line: Decodable, Equatable {
        var number: Int
        var text: String
    }

    private func withProcedures(_ run: DatabaseRun, _ body: (Database) async throws -> Void) async throws {
        try await run.withDatabase { database in
            try await database.withSession { session in
                try session.executeScript(
                    "CREATE PROCEDURE two() BEGIN SELECT 'head'; SELECT 1 AS number, 'a' AS text UNION SELECT 2, 'b'; END"
                )
                try session.executeScript("CREATE PROCEDURE fails() BEGIN SELECT 1; SELECT * FROM nowhere; END")
            }
            try await body(database)
        }
    }

    @Test(arguments: mariaDB)
    func `all results of a procedure are read in order`(_ run: DatabaseRun) async throws {
        try await withProcedures(run) { database in
            try await database.write { session throws in
                for _ in 0..<2 {
                    let (heads, lines) = try session.results("CALL two()") { results in
                        (try results.next(as: String.self), try results.next(decoding: Line.self))
                    }
                    #expect(heads == ["head"])
                    #expect(lines == [Line(number: 1, text: "a"), Line(number: 2, text: "b")])
                }
                let numbers = try session.results("CALL two()") { results in
                    _ = try results.next()
                    return try results.next(as: (Int, String).self).map(\.0)
                }
                #expect(numbers == [1, 2])
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        }
    }

    @Test(arguments: mariaDB)
    func `none is dropped without a word`(_ run: DatabaseRun) async throws {
        try await withProcedures(run) { database in
            try await database.write { session throws in
                func code(_ body: () throws -> Void) -> DatabaseError.Code? {
                    #expect(throws: DatabaseError.self) { try body() }?.code
                }
                let query = session.query("CALL two()", as: String.self)
                #expect(code { _ = try query.all() } == .tooManyResults)
                #expect(code { _ = try query.one() } == .tooManyResults)
                #expect(code { _ = try query.oneOrNil() } == .tooManyResults)
                #expect(code { try query.forEach { _ in } } == .tooManyResults)
                #expect(
                    code {
                        let rows = try query.rows()
                        while try rows.next() != nil {}
                    } == .tooManyResults
                )
                #expect(code { _ = try session.results("CALL two()") { try $0.next() } } == .tooManyResults)
                #expect(
                    code {
                        try session.results("CALL two()") { results in for _ in 0..<3 { _ = try results.next() } }
                    } == .noRows
                )
                #expect(code { _ = try session.query("CALL fails()").all() } == .undefinedObject)
                try session.execute("CALL two()")
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `a statement with one result has one`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            let numbers = try await database.withSession { session in
                try session.results("SELECT 1 UNION SELECT 2") { try $0.next(as: Int.self).sorted() }
            }
            #expect(numbers == [1, 2])
        }
    }
}
