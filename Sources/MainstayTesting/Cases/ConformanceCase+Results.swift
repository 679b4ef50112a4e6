// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

private struct Person: Decodable, Sendable, Equatable {
    var id: Int
    var name: String
    var age: Int?
}

extension ConformanceCase {
    private static func fill(_ database: Database, _ names: [String]) async throws {
        try await database.makePeople()
        try await database.write { session in
            for (index, name) in names.enumerated() { try session.addPerson(name, age: index == 1 ? nil : index) }
        }
    }

    static let results: [ConformanceCase] = [
        ConformanceCase("rows are read as tuples, single values, Decodable values and rows") { database, _ in
            try await fill(database, ["a", "b"])
            try await database.read { session in
                let tuples = try session.query("SELECT name, age FROM people ORDER BY name", as: (String, Int?).self)
                    .all()
                #expect(tuples.map(\.0) == ["a", "b"])
                #expect(tuples.map(\.1) == [0, nil])
                #expect(try session.query("SELECT count(*) FROM people", as: Int.self).one() == 2)
                let people = try session.query("SELECT * FROM people ORDER BY name", decoding: Person.self).all()
                #expect(people.map(\.name) == ["a", "b"])
                #expect(people.map(\.age) == [0, nil])
                let rows = try session.query("SELECT id, name FROM people ORDER BY name").all()
                #expect(try rows[1][1, as: String.self] == "b")
                #expect(try rows[1]["name", as: String.self] == "b")
                #expect(try rows[0].decode(IDAndName.self) == IDAndName(id: try rows[0]["id"], name: "a"))
            }
        },
        ConformanceCase("first, one, oneOrNil and all ask for what they say") { database, _ in
            try await fill(database, ["a", "b"])
            try await database.read { session in
                // Closures are isolated as the scope is; local functions are not.
                let names = { (condition: SQL) -> Query<String> in
                    session.query("SELECT name FROM people WHERE \(condition) ORDER BY name", as: String.self)
                }
                #expect(try names("name = 'a'").one() == "a")
                #expect(try names("name = 'a'").oneOrNil() == "a")
                #expect(try names("name = 'z'").oneOrNil() == nil)
                #expect(try names("name = 'z'").first() == nil)
                #expect(try names("name > ''").first() == "a")
                #expect(try names("name = 'z'").all() == [])
                expectError(.noRows) { try names("name = 'z'").one() }
                expectError(.tooManyRows) { try names("name > ''").one() }
                expectError(.tooManyRows) { try names("name > ''").oneOrNil() }
                let all = try names("name > ''").all()
                #expect(all == ["a", "b"])
            }
        },
        ConformanceCase("rows are fetched one after the other, and leaving early leaves the session usable") {
            database,
            _ in
            try await fill(database, (0..<300).map { "p\($0)" })
            try await database.write { session in
                var seen = 0
                for try await (_, name) in session.query("SELECT id, name FROM people", as: (Int, String).self) {
                    #expect(name.hasPrefix("p"))
                    seen += 1
                    if seen == 3 { break }
                }
                #expect(try session.query("SELECT count(*) FROM people", as: Int.self).one() == 300)
                try session.addPerson("after")
                seen = 0
                try session.query("SELECT name FROM people", as: String.self).forEach { _ in seen += 1 }
                #expect(seen == 301)
                #expect(throws: ApplicationError(text: "enough")) {
                    try session.query("SELECT name FROM people", as: String.self).forEach { _ in
                        throw ApplicationError(text: "enough")
                    }
                }
                let rows = try session.query("SELECT name FROM people", as: String.self).rows()
                #expect(try rows.nextBatch(100).count == 100)
                #expect(try rows.nextBatch(1000).count == 201)
                #expect(try rows.nextBatch(10).isEmpty)
                #expect(try rows.next() == nil)
            }
            #expect(try await database.query("SELECT count(*) FROM people", as: Int.self) == [301])
        },
        ConformanceCase("a result that is still being read refuses other statements") { database, _ in
            try await fill(database, ["a", "b", "c"])
            try await database.write { session in
                let rows = try session.query("SELECT name FROM people ORDER BY name", as: String.self).rows()
                #expect(try rows.next() == "a")
                expectError(.resultPending) { try session.execute("DELETE FROM people") }
                expectError(.resultPending) { try session.query("SELECT 1", as: Int.self).one() }
                expectError(.resultPending) { try session.executeScript("SELECT 1") }
                #expect(try rows.next() == "b")
                rows.discard()
                #expect(try rows.next() == nil)
                try session.addPerson("d")
            }
            #expect(try await database.people() == ["a", "b", "c", "d"])
        },
        ConformanceCase("a result that was never read to its end does no harm") { database, _ in
            try await fill(database, (0..<50).map { "p\($0)" })
            try await database.write { session in
                try session.addPerson("kept")
                _ = try session.query("SELECT name FROM people", as: String.self).rows().next()
            }
            try await database.withSession { session in
                try session.addPerson("lost")
                let rows = try session.query("SELECT name FROM people", as: String.self).rows()
                _ = try rows.next()
                // The scope ends with rows under way and nothing committed.
            }
            let names = try await database.people()
            #expect(names.contains("kept"))
            #expect(!names.contains("lost"))
        },
        ConformanceCase("commit and rollback end a result that is being read") { database, _ in
            try await fill(database, ["a", "b", "c"])
            try await database.withSession { session in
                let rows = try session.query("SELECT name FROM people ORDER BY name", as: String.self).rows()
                #expect(try rows.next() == "a")
                session.rollback()
                expectError(.misuse, .sessionClosed) { try rows.next() }
                try session.addPerson("d")
                try session.commit()
            }
            #expect(try await database.people().count == 4)
        },
        ConformanceCase("a NULL is read into an optional and nothing else") { database, _ in
            try await fill(database, ["a", "b"])
            try await database.read { session throws in
                let query: SQL = "SELECT age FROM people WHERE name = 'b'"
                #expect(try session.query(query, as: Int?.self).one() == nil)
                let error = expectError(.unexpectedNull) { try session.query(query, as: Int.self).one() }
                #expect(error?.message.contains("age") == true, "the column is named")
                let people: SQL = "SELECT id, NULL AS name, age FROM people"
                expectError(.unexpectedNull) { try session.query(people, decoding: Person.self).all() }
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        },
        ConformanceCase("a value that does not fit is refused, and the session goes on") { database, _ in
            try await fill(database, ["a"])
            try await database.write { session in
                try session.execute("UPDATE people SET age = 300")
                expectError(.overflow) { try session.query("SELECT age FROM people", as: UInt8.self).one() }
                expectError(.overflow) { try session.query("SELECT -age FROM people", as: UInt.self).one() }
                expectError(.typeMismatch) { try session.query("SELECT name FROM people", as: Int.self).one() }
                expectError(.typeMismatch) { try session.query("SELECT age FROM people", as: String.self).one() }
                #expect(try session.query("SELECT age FROM people", as: Int16.self).one() == 300)
            }
        },
        ConformanceCase("the number of columns is checked") { database, _ in
            try await fill(database, ["a"])
            try await database.read { session throws in
                expectError(.columnCount) { try session.query("SELECT id, name FROM people", as: Int.self).all() }
                expectError(.columnCount) { try session.query("SELECT id FROM people", as: (Int, String).self).all() }
                expectError(.columnCount) {
                    try session.query("SELECT id FROM people WHERE 1 = 0", as: (Int, Int).self).all()
                }
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        },
        ConformanceCase("column names: missing and ambiguous ones are errors") { database, _ in
            try await fill(database, ["a"])
            try await database.read { session in
                let row = try session.query("SELECT id AS x, name AS x, age FROM people").one()
                expectError(.columnAmbiguous) { try row["x", as: Int.self] }
                expectError(.columnNotFound) { try row["nope", as: Int.self] }
                expectError(.columnNotFound) { try row[3, as: Int.self] }
                expectError(.columnNotFound) { try row[-1, as: Int.self] }
                #expect(try row[1, as: String.self] == "a")
                expectError(.columnNotFound) { try session.query("SELECT id FROM people", decoding: Person.self).all() }
                expectError(.columnAmbiguous) {
                    try session.query("SELECT id, name, name, age FROM people", decoding: Person.self).all()
                }
            }
        },
        ConformanceCase("a duplicate column name in a table is an error") { database, _ in
            await expectAsyncError(.duplicateObject) {
                try await database.execute("CREATE TABLE twice (a \(type: .int64), a \(type: .int64))")
            }
        },
        ConformanceCase("results without rows and without columns") { database, _ in
            try await database.makePeople()
            try await database.write { session throws in
                #expect(try session.query("SELECT * FROM people").all().isEmpty)
                #expect(try session.query("SELECT name FROM people", as: String.self).first() == nil)
                #expect(try session.query("INSERT INTO people (name) VALUES ('x')").all().isEmpty)
                expectError(.columnCount) {
                    try session.query("INSERT INTO people (name) VALUES ('y')", as: Int.self).all()
                }
            }
        },
        ConformanceCase("rows leave the scope") { database, _ in
            try await fill(database, ["a", "b"])
            let rows = try await database.read { session in
                try session.query("SELECT id, name, age FROM people ORDER BY name").all()
            }
            #expect(try rows.map { try $0["name", as: String.self] } == ["a", "b"])
            #expect(try rows[1]["age", as: Int?.self] == nil)
        },
        ConformanceCase("sums and counts are integers everywhere") { database, _ in
            try await fill(database, ["a", "b", "c"])
            try await database.read { session throws in
                #expect(try session.query("SELECT sum(age) FROM people", as: Int.self).one() == 2)
                #expect(try session.query("SELECT sum(id) FROM people", as: Int64.self).one() > 0)
                #expect(try session.query("SELECT sum(age) FROM people WHERE 1 = 0", as: Int?.self).one() == nil)
                #expect(try session.query("SELECT avg(age) FROM people", as: Double.self).one() == 1)
            }
        },
        ConformanceCase("many rows stream in constant memory") { database, _ in
            try await database.execute("CREATE TABLE many (id \(type: .int64), t \(type: .text))")
            let text = String(repeating: "x", count: 200)
            try await database.write { session in
                try session.execute(each: 0..<20_000) { "INSERT INTO many (id, t) VALUES (\($0), \(text))" }
            }
            let sum = try await database.read { session in
                var sum = 0
                for try await (id, read) in session.query("SELECT id, t FROM many", as: (Int, String).self) {
                    sum += id
                    if read != text { Issue.record("row \(id) was read wrongly") }
                }
                return sum
            }
            #expect(sum == 20_000 * 19_999 / 2)
        },
    ]
}

private struct IDAndName: Decodable, Equatable {
    var id: Int
    var name: String
}
