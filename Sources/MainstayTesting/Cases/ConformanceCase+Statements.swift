// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    static let statements: [ConformanceCase] = [
        ConformanceCase("interpolated values are bound and never spliced") { database, _ in
            try await database.makePeople()
            let hostile = "x'); DROP TABLE people; --\" ` \\ ? $1 %s :name"
            try await database.write { session in
                try session.addPerson(hostile)
                #expect(
                    try session.query("SELECT name FROM people WHERE name = \(hostile)", as: String.self).one()
                        == hostile
                )
            }
        },
        ConformanceCase("lists expand, an empty one included") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                for (index, name) in ["a", "b", "c"].enumerated() { try session.addPerson(name, age: index) }
                let names = { (condition: SQL) throws -> [String] in
                    try session.query("SELECT name FROM people WHERE \(condition) ORDER BY name", as: String.self).all()
                }
                #expect(try names("name IN (\(list: ["a", "c", "zz"]))") == ["a", "c"])
                #expect(try names("name IN (\(list: [String]()))") == [])
                #expect(try names("name NOT IN (\(list: [String]()))") == ["a", "b", "c"])
                #expect(try names("age IN (\(list: [Int]()))") == [])
                #expect(try names("age NOT IN (\(list: [Int]()))") == ["a", "b", "c"])
                #expect(try names("age IN (\(list: [1]))") == ["b"])
                #expect(try names("age IN (\(list: Set([0, 1])))") == ["a", "b"])
            }
        },
        ConformanceCase("a statement has as many values as the database takes, and no more") { database, backend in
            try await database.makePeople()
            try await database.write { session in
                for age in [1, 2] { try session.addPerson("\(age)", age: age) }
            }
            // Only the last value is found, so that none was lost on the way.
            let limit = backend.dialect.parameterLimit
            let values = (0..<limit - 1).map { -1 - $0 } + [2]
            let names = try await database.query(
                "SELECT name FROM people WHERE age IN (\(list: values))",
                as: String.self
            )
            #expect(names == ["2"])
            try await database.write { session in
                let completion = try session.execute("UPDATE people SET age = 3 WHERE age IN (\(list: values))")
                #expect(completion.affectedRows == 1)
                // And the line is as good as before.
                #expect(try session.query("SELECT count(*) FROM people WHERE age = 3", as: Int.self).one() == 1)
            }
            await expectAsyncError(.invalidParameter, .parameterCount) {
                try await database.query("SELECT name FROM people WHERE age IN (\(list: [0] + values))")
            }
        },
        ConformanceCase("identifiers are quoted, whatever is in them") { database, _ in
            let names = [
                "select", "two words", "quo\"te", "back`tick", "x'y", "ünï日本", "semi;colon", "UPPER", "a.b", "$1", "?",
            ]
            try await database.write { session in
                for (index, name) in names.enumerated() {
                    try session.execute("CREATE TABLE \(identifier: name) (\(identifier: name) \(type: .int64))")
                    try session.execute("INSERT INTO \(identifier: name) (\(identifier: name)) VALUES (\(index))")
                    let value = try session.query("SELECT \(identifier: name) FROM \(identifier: name)").one()
                    #expect(value.columns == [Column(name: name)])
                    #expect(try value[name, as: Int.self] == index)
                }
            }
        },
        ConformanceCase("identifiers that a server would cut are refused") { database, backend in
            let tooLong = String(repeating: "x", count: backend.dialect.identifierLimit + 1)
            for name in [tooLong, "", "zero\0"] {
                await expectAsyncError(.invalidParameter) {
                    try await database.query("SELECT 1 AS \(identifier: name)")
                }
            }
        },
        ConformanceCase("fragments nest and keep their values in order") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                for age in 1...5 { try session.addPerson("p\(age)", age: age) }
                let low: SQL = "age > \(1)"
                let high: SQL = "age < \(4)"
                let both: SQL = "(\(low) AND \(high))"
                let any: SQL = "\([both, "name = \("p5")", "age = \(1)"], separator: " OR ")"
                let names = try session.query("SELECT name FROM people WHERE \(any) ORDER BY name", as: String.self)
                    .all()
                #expect(names == ["p1", "p2", "p3", "p5"])
                let raw: SQL = "SELECT \(raw: "name") FROM people WHERE age = \(2)"
                #expect(try session.query(raw, as: String.self).one() == "p2")
                let sum = "SELECT count(*) FROM people " + ("WHERE age >= \(3)" as SQL)
                #expect(try session.query(sum, as: Int.self).one() == 3)
            }
        },
        ConformanceCase("one literal with values of several types is right each time") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                func add(_ name: String, _ age: some SQLEncodable, _ session: isolated Session) throws {
                    try session.execute("INSERT INTO people (name, age) VALUES (\(name), \(age))")
                }
                try add("a", 1, session)
                try add("b", Int16(2), session)
                try add("c", Int?.none, session)
                try add("d", UInt8(4), session)
                try add("e", Int32?(5), session)
                let ages = try session.query("SELECT age FROM people ORDER BY name", as: Int?.self).all()
                #expect(ages == [1, 2, nil, 4, 5])
            }
        },
        ConformanceCase("affected rows are the rows that matched") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                for name in ["a", "b", "c"] { try session.addPerson(name, age: 1) }
                #expect(try session.execute("UPDATE people SET age = 1").affectedRows == 3)
                #expect(try session.execute("UPDATE people SET age = 2 WHERE name <> 'a'").affectedRows == 2)
                #expect(try session.execute("UPDATE people SET age = 2 WHERE name = 'zz'").affectedRows == 0)
                #expect(try session.execute("DELETE FROM people WHERE name = 'a'").affectedRows == 1)
                #expect(try session.execute("DELETE FROM people WHERE name = 'a'").affectedRows == 0)
                #expect(try session.execute("SELECT * FROM people").affectedRows == 0)
                #expect(try session.execute("INSERT INTO people (name) VALUES ('x'), ('y')").affectedRows == 2)
                #expect(try session.execute("CREATE TABLE other (id \(type: .int64))").affectedRows == 0)
            }
        },
        ConformanceCase("a generated key is reported", requires: .generatedKeys) { database, _ in
            try await database.makePeople()
            try await database.write { session in
                let first = try #require(try session.addPerson("a").generatedKey)
                let second = try #require(try session.addPerson("b").generatedKey)
                #expect(try session.query("SELECT name FROM people WHERE id = \(first)", as: String.self).one() == "a")
                #expect(try session.query("SELECT name FROM people WHERE id = \(second)", as: String.self).one() == "b")
                #expect(try session.execute("UPDATE people SET age = 3").generatedKey == nil)
                #expect(try session.execute("SELECT 1").generatedKey == nil)
            }
        },
        ConformanceCase("INSERT … RETURNING gives the generated keys", requires: .insertReturning) { database, _ in
            try await database.makePeople()
            try await database.write { session in
                let key = try session.query("INSERT INTO people (name) VALUES (\("a")) RETURNING id", as: Int.self)
                    .one()
                #expect(try session.query("SELECT name FROM people WHERE id = \(key)", as: String.self).one() == "a")
                let rows = try session.query(
                    "INSERT INTO people (name) VALUES ('b'), ('c') RETURNING id, name",
                    as: (Int, String).self
                ).all()
                #expect(rows.map(\.1).sorted() == ["b", "c"])
                // Leaving the rows early takes nothing back.
                let first = try session.query("INSERT INTO people (name) VALUES ('d'), ('e') RETURNING name").first()
                #expect(first != nil)
                #expect(try session.people() == ["a", "b", "c", "d", "e"])
            }
            #expect(try await database.people() == ["a", "b", "c", "d", "e"])
        },
        ConformanceCase("UPDATE … RETURNING gives what was changed", requires: .updateReturning) { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a", age: 1)
                let age = try session.query("UPDATE people SET age = age + 1 RETURNING age", as: Int.self).one()
                #expect(age == 2)
            }
        },
        ConformanceCase("DELETE … RETURNING gives what was deleted", requires: .deleteReturning) { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                #expect(try session.query("DELETE FROM people RETURNING name", as: String.self).all() == ["a"])
                #expect(try session.people() == [])
            }
        },
        ConformanceCase("one statement is executed for several sets of values") { database, _ in
            try await database.makePeople()
            let people = (0..<500).map { (name: "p\($0)", age: $0 % 7 == 0 ? nil : $0) }
            try await database.write { session in
                let completion = try session.execute(each: people) {
                    "INSERT INTO people (name, age) VALUES (\($0.name), \($0.age))"
                }
                #expect(completion.affectedRows == 500)
                #expect(try session.query("SELECT count(*) FROM people", as: Int.self).one() == 500)
                #expect(try session.query("SELECT count(age) FROM people", as: Int.self).one() == 428)
                let updated = try session.execute(each: 0..<10) {
                    "UPDATE people SET age = -1 WHERE name = \("p\($0)")"
                }
                #expect(updated.affectedRows == 10)
                #expect(try session.execute(each: [Int]()) { "SELECT \($0)" }.affectedRows == 0)
            }
            #expect(try await database.query("SELECT count(*) FROM people WHERE age = -1", as: Int.self) == [10])
        },
        ConformanceCase("a batch whose third set fails stops the scope") { database, _ in
            try await database.makePeople()
            await expectAsyncError(.uniqueViolation) {
                try await database.write { session in
                    try session.execute(each: ["a", "b", "a", "c"]) { "INSERT INTO people (name) VALUES (\($0))" }
                }
            }
            #expect(try await database.people() == [])
            try await database.write { session in
                expectError(.misuse) {
                    try session.execute(each: [1, 2]) { $0 == 1 ? "SELECT 1" : "SELECT 2" }
                }
            }
        },
        ConformanceCase("a script executes several statements") { database, _ in
            try await database.write { session in
                try session.executeScript(
                    """
                    CREATE TABLE one (a INTEGER); -- a comment; with a semicolon
                    CREATE TABLE two (a INTEGER);
                    INSERT INTO one VALUES (1), (2);
                    /* another; comment */
                    INSERT INTO two SELECT a FROM one;
                    SELECT * FROM two;
                    """
                )
                #expect(try session.query("SELECT count(*) FROM two", as: Int.self).one() == 2)
                try session.executeScript("")
                #expect(try session.query("SELECT count(*) FROM two", as: Int.self).one() == 2)
            }
        },
        ConformanceCase("a script that fails is an error, and the session goes on after a rollback") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                expectError(.undefinedObject) {
                    try session.executeScript(
                        "INSERT INTO people (name) VALUES ('a'); INSERT INTO nope VALUES (1); SELECT 1"
                    )
                }
                session.rollback()
                #expect(try session.people() == [])
                try session.addPerson("b")
                try session.commit()
            }
            #expect(try await database.people() == ["b"])
        },
        ConformanceCase("several statements in one text are refused outside of scripts") { database, _ in
            try await database.makePeople()
            await expectAsyncError(.syntaxError) {
                try await database.execute("INSERT INTO people (name) VALUES ('a'); DELETE FROM people")
            }
            #expect(try await database.people() == [])
        },
        ConformanceCase("too few and too many values are refused") { database, backend in
            let placeholder: SQL = backend.dialect.placeholder == .questionMark ? "?" : "$1"
            try await database.withSession { session throws in
                expectError(.parameterCount) { try session.query("SELECT \(placeholder)").all() }
                session.rollback()
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        },
        ConformanceCase("more values than the database takes are refused") { database, backend in
            let values = Array(repeating: 1, count: backend.dialect.parameterLimit + 1)
            await expectAsyncError(.invalidParameter) {
                try await database.query("SELECT 1 WHERE 1 IN (\(list: values))")
            }
        },
        ConformanceCase("transactions are not begun and ended by statements") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                try session.addPerson("a")
                for text in ["COMMIT", "rollback", "BEGIN", "/* x */ COMMIT", "SAVEPOINT x", "START TRANSACTION"] {
                    expectError(.misuse) { try session.execute(SQL(raw: text)) }
                }
                try session.commit()
            }
            #expect(try await database.people() == ["a"])
        },
        ConformanceCase(
            "more statements than the cache keeps",
            configuration: DatabaseConfiguration(pool: PoolConfiguration(statementCacheCapacity: 8))
        ) { database, _ in
            try await database.makePeople()
            try await database.write { session in
                for round in 0..<3 {
                    for index in 0..<40 {
                        let value = try session.query(SQL(raw: "SELECT \(index)"), as: Int.self).one()
                        #expect(value == index, "round \(round)")
                    }
                }
            }
        },
        ConformanceCase("a statement that failed can be executed again") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                for attempt in 0..<3 {
                    try session.addPerson("a\(attempt)")
                    try session.commit()
                    expectError(.uniqueViolation) { try session.addPerson("a\(attempt)") }
                    session.rollback()
                }
                #expect(try session.people() == ["a0", "a1", "a2"])
            }
        },
        ConformanceCase("a table that gets another column is read with it") { database, _ in
            try await database.makePeople()
            let select: @Sendable () -> SQL = { "SELECT * FROM people" }
            try await database.withSession { session in
                try session.addPerson("a")
                #expect(try session.query(select()).one().columns.count == 3)
                try session.commit()
                try session.execute("ALTER TABLE people ADD COLUMN nick \(type: .varchar(20))")
                try session.commit()
                #expect(try session.query(select()).one().columns.count == 4)
            }
        },
        ConformanceCase("large texts and blobs go both ways") { database, _ in
            try await database.execute("CREATE TABLE large (id \(type: .int64), t \(type: .text), b \(type: .bytes))")
            try await database.write { session in
                for size in [0, 1, 255, 256, 8_191, 8_192, 65_535, 65_536, 1_000_003] {
                    let text = String(repeating: "é", count: size / 2)
                    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                    try session.execute("INSERT INTO large (id, t, b) VALUES (\(size), \(text), \(bytes))")
                    let (readText, readBytes) = try session.query(
                        "SELECT t, b FROM large WHERE id = \(size)",
                        as: (String, [UInt8]).self
                    ).one()
                    #expect(readText == text)
                    #expect(readBytes == bytes)
                }
            }
        },
    ]
}
