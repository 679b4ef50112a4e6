// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct SQLRenderingTests {
    private static func dialect(_ placeholder: Dialect.Placeholder, quote: Character = "\"") -> Dialect {
        Dialect(
            name: "Test",
            placeholder: placeholder,
            identifierQuote: quote,
            identifierLimit: 10,
            parameterLimit: 5,
            emptyList: { "SELECT NULL::\($0) WHERE FALSE" },
            columnType: { type in
                switch type {
                case .varchar(let length): "VARCHAR(\(length))"
                default: "\(type)".uppercased()
                }
            },
            capabilities: []
        )
    }

    private static let questionMarks = dialect(.questionMark, quote: "`")
    private static let dollars = dialect(.dollarNumber)

    /// The text for both kinds of placeholders.
    private func texts(_ sql: SQL) throws -> [String] {
        [try sql.render(for: Self.questionMarks).text, try sql.render(for: Self.dollars).text]
    }

    private enum Status: String, SQLCodable { case open, closed }

    // MARK: - Values

    @Test("Values become placeholders, numbered where the database counts them, and are bound in order")
    func values() throws {
        let sql: SQL = "SELECT \(1), \("two"), \(Status.open) FROM a WHERE b = \(true)"
        #expect(try texts(sql) == ["SELECT ?, ?, ? FROM a WHERE b = ?", "SELECT $1, $2, $3 FROM a WHERE b = $4"])
        #expect(sql.values == [.int64(1), .text("two"), .text("open"), .bool(true)])
        #expect(try sql.render(for: Self.dollars).parameterTypes == [.int64, .text, .text, .bool])
        #expect(sql.failure == nil)
    }

    @Test("A nil is NULL of the type that a value would have had")
    func optionals() throws {
        let name: String? = nil
        let age: Int32? = 42
        let status: Status? = nil
        let sql: SQL = "SELECT \(name), \(age), \(status), \([UInt8]?.none)"
        #expect(sql.values == [.null(.text), .int32(42), .null(.text), .null(.bytes)])
        #expect(try sql.render(for: Self.dollars).parameterTypes == [.text, .int32, .text, .bytes])
    }

    @Test("What looks like SQL in a value stays a value")
    func injection() throws {
        let name = "x'; DROP TABLE users; --"
        #expect(try texts("SELECT \(name)") == ["SELECT ?", "SELECT $1"])
        #expect(try texts("SELECT \("x'; DROP TABLE users; --")") == ["SELECT ?", "SELECT $1"])
        let part = name.prefix(3)
        #expect(try texts("SELECT \(part)") == ["SELECT ?", "SELECT $1"])
    }

    @Test("A value in its bound form is bound as it is")
    func boundValues() throws {
        let sql: SQL = "SELECT \(Value.null(.any)), \(Value.json("{}"))"
        #expect(sql.values == [.null(.any), .json("{}")])
    }

    @Test("The first value that can't be bound is remembered")
    func failures() throws {
        struct Refused: SQLEncodable {
            var code: DatabaseError.Code
            static var sqlType: ValueType { .date }
            var sqlValue: Value { get throws(DatabaseError) { throw DatabaseError(code, "no") } }
        }
        let inner: SQL = "\(Refused(code: .overflow))"
        let sql: SQL = "SELECT \(1), \(inner), \(Refused(code: .invalidParameter))"
        #expect(sql.failure?.code == .overflow)
        #expect(sql.values == [.int64(1), .null(.date), .null(.date)])
        let list: SQL = "\(list: [Refused(code: .invalidParameter)])"
        #expect((SQL(raw: "a") + list).failure?.code == .invalidParameter)
    }

    @Test("More parameters than the database takes are refused")
    func parameterLimit() throws {
        #expect(try texts("\(list: 1...5)") == ["?, ?, ?, ?, ?", "$1, $2, $3, $4, $5"])
        let error = #expect(throws: DatabaseError.self) { try texts("\(list: 1...5), \(6)") }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message == "6 parameters are more than Test takes, 5")
    }

    // MARK: - Lists

    @Test(
        "A list becomes as many placeholders, and an empty one a subquery without rows",
        arguments: [
            ([], "IN (SELECT NULL::int64 WHERE FALSE) AND b = ?", "IN (SELECT NULL::int64 WHERE FALSE) AND b = $1"),
            ([7], "IN (?) AND b = ?", "IN ($1) AND b = $2"),
            ([7, 8, 9], "IN (?, ?, ?) AND b = ?", "IN ($1, $2, $3) AND b = $4"),
        ] as [([Int], String, String)]
    )
    func lists(list: [Int], questionMarks: String, dollars: String) throws {
        let sql: SQL = "IN (\(list: list)) AND b = \("x")"
        #expect(try texts(sql) == [questionMarks, dollars])
        #expect(sql.values == list.map { .int64(Int64($0)) } + [.text("x")])
    }

    @Test("A list may hold nils and be any sequence")
    func otherLists() throws {
        let sql: SQL = "\(list: [1, nil, 3] as [Int16?])"
        #expect(sql.values == [.int16(1), .null(.int16), .int16(3)])
        #expect(try texts("\(list: Set(["a"]))") == ["?", "$1"])
        #expect(try texts("\(list: [1, 2, 3].lazy.filter { $0 > 1 })") == ["?, ?", "$1, $2"])
    }

    // MARK: - Identifiers

    @Test(
        "Identifiers stand in quotes, and a quote in one is doubled",
        arguments: [
            (["a"], "\"a\""), (["a", "b"], "\"a\".\"b\""), (["select"], "\"select\""), (["a b"], "\"a b\""),
            (["a\"b"], "\"a\"\"b\""), (["\""], "\"\"\"\""), (["\"\""], "\"\"\"\"\"\""), (["\"a"], "\"\"\"a\""),
            (["a.b"], "\"a.b\""), (["été"], "\"été\""), (["0123456789"], "\"0123456789\""), (["a`b"], "\"a`b\""),
        ]
    )
    func identifiers(names: [String], quoted: String) throws {
        #expect(try Self.dollars.quote(names) == quoted)
    }

    @Test("The quote is that of the database")
    func quotes() throws {
        #expect(try texts("SELECT \(identifier: "a`b")") == ["SELECT `a``b`", "SELECT \"a`b\""])
        #expect(try texts("SELECT \(identifier: "s", "t", "c")") == ["SELECT `s`.`t`.`c`", "SELECT \"s\".\"t\".\"c\""])
    }

    @Test(
        "A quote is doubled whatever follows it, since servers read bytes and not characters",
        arguments: ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20DD}"]
    )
    func quoteWithMark(mark: String) throws {
        let quoted = try Self.dollars.quote(["a\"\(mark)"])
        #expect(Array(quoted.utf8) == Array("\"a\"\"\(mark)\"".utf8))
    }

    @Test(
        "A name that is empty, too long or contains U+0000 is refused",
        arguments: [[""], ["a", ""], ["01234567890"], ["ééééé0"], ["a\0b"], ["\0"], []]
    )
    func badIdentifiers(names: [String]) throws {
        let error = #expect(throws: DatabaseError.self) { try Self.dollars.quote(names) }
        #expect(error?.code == .invalidParameter)
    }

    @Test("A bad name is the statement's error")
    func badIdentifierInStatement() throws {
        let error = #expect(throws: DatabaseError.self) { try texts("SELECT \(identifier: "far too long")") }
        #expect(error?.code == .invalidParameter)
        #expect(error?.message.contains("far too long") == false)
    }

    // MARK: - Fragments

    @Test("Fragments nest, and placeholders are numbered through")
    func fragments() throws {
        let inner: SQL = "b = \("x") OR \(identifier: "c") IN (\(list: [1, 2]))"
        let sql: SQL = "SELECT a FROM t WHERE a > \(0) AND (\(inner)) AND d = \(true)"
        #expect(
            try texts(sql) == [
                "SELECT a FROM t WHERE a > ? AND (b = ? OR `c` IN (?, ?)) AND d = ?",
                "SELECT a FROM t WHERE a > $1 AND (b = $2 OR \"c\" IN ($3, $4)) AND d = $5",
            ]
        )
        #expect(sql.values == [.int64(0), .text("x"), .int64(1), .int64(2), .bool(true)])
    }

    @Test("Several fragments stand with a text between them")
    func separated() throws {
        let conditions: [SQL] = ["a = \(1)", "b = \("x")", "c IS NULL"]
        #expect(try texts("WHERE \(conditions, separator: " AND ")").last == "WHERE a = $1 AND b = $2 AND c IS NULL")
        #expect(try texts("[\([SQL](), separator: ", ")]").last == "[]")
        #expect(try texts("[\(["a"], separator: ", ")]").last == "[a]")
        #expect(try texts("[\(["a", "b"], separator: "")]").last == "[ab]")
    }

    @Test("Fragments are added one to the other")
    func addition() throws {
        var sql: SQL = "SELECT a FROM t"
        sql.append(" WHERE b = \(1)")
        #expect(try texts(sql + " LIMIT \(2)").last == "SELECT a FROM t WHERE b = $1 LIMIT $2")
    }

    @Test("Raw text and column types stand as they are")
    func raw() throws {
        let sql: SQL = "CREATE TABLE \(raw: "a?b") (c \(type: .varchar(3)), d \(type: .timestamp))"
        #expect(try texts(sql).last == "CREATE TABLE a?b (c VARCHAR(3), d TIMESTAMP)")
        #expect(try texts(SQL(raw: "SELECT '$1'")).last == "SELECT '$1'")
    }

    // MARK: - Descriptions

    @Test("A description has the text and no values")
    func description() {
        let sql: SQL = """
            SELECT \("hunter2") FROM \(identifier: "a", "b") WHERE c IN (\(list: ["hunter2", "x"])) \(raw: "LIMIT 1") \
            \(type: .json) \([("d = \("hunter2")" as SQL)], separator: ",")
            """
        #expect(
            "\(sql)" == "SELECT ? FROM \"a\".\"b\" WHERE c IN (?, ?) LIMIT 1 json d = ?"
        )
    }
}
