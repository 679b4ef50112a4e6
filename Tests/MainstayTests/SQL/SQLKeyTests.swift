// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What makes two statements the same prepared statement.
struct SQLKeyTests {
    private func select<Bound: SQLEncodable>(_ value: Bound) -> SQL { "SELECT \(value)" }
    private func list(_ values: [Int]) -> SQL { "SELECT \(list: values)" }
    private func name(_ names: String) -> SQL { "SELECT \(identifier: names)" }
    private func raw(_ text: String) -> SQL { "SELECT \(raw: text)" }
    private func type(_ type: ColumnType) -> SQL { "SELECT \(type: type)" }

    @Test("The same literal is the same key whatever its values are")
    func sameLiteral() {
        #expect(select(1).shape == select(2).shape)
        #expect(select(1).shape.hashValue == select(2).shape.hashValue)
        #expect(select(1).shape == select(Int?.none).shape)
        #expect(select(1).values != select(2).values)
    }

    @Test("Another type is another key")
    func otherType() {
        let keys: Set<SQL.Shape> = [
            select(1).shape, select(Int32(1)).shape, select(UInt64(1)).shape, select("1").shape, select(1.0).shape,
            select([UInt8]()).shape, select([1]).shape, select(["1"]).shape,
        ]
        #expect(keys.count == 8)
    }

    @Test("Another length of a list is another key")
    func otherLength() {
        #expect(list([1, 2]).shape == list([3, 4]).shape)
        #expect(list([1, 2]).shape != list([1]).shape)
        #expect(list([]).shape != list([1]).shape)
    }

    @Test("Texts that are equal in Swift and have other bytes are other keys")
    func otherBytes() {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        #expect(raw(composed).shape != raw(decomposed).shape)
        #expect(name(composed).shape != name(decomposed).shape)
        let list = NameList(["a"])
        #expect(SQL.names(list, of: composed).shape != SQL.names(list, of: decomposed).shape)
        #expect(raw(composed).shape == raw(composed).shape)
        #expect(raw(composed).shape.hashValue == raw(composed).shape.hashValue)
    }

    @Test("What is spliced into the text is part of the key")
    func splicedText() {
        #expect(name("a").shape == name("a").shape)
        #expect(name("a").shape != name("b").shape)
        #expect(raw("a").shape == raw("a").shape)
        #expect(raw("a").shape != raw("b").shape)
        #expect(raw("a").shape != name("a").shape)
        #expect(type(.text).shape != type(.json).shape)
        #expect(type(.varchar(1)).shape != type(.varchar(2)).shape)
        #expect(SQL(raw: "SELECT 1").shape == SQL(raw: "SELECT 1").shape)
    }

    @Test("Different literals are different keys, however alike they begin or end")
    func otherLiterals() {
        let literals: [SQL] = ["SELECT 1", "SELECT 12", "ELECT 1", "1", "", "SELECT 1 "]
        #expect(Set(literals.map(\.shape)).count == literals.count)
    }

    @Test("Literals of one character and of none are literals")
    func shortLiterals() throws {
        let sql: SQL = "(\(1),\(2))"
        #expect("\(sql)" == "(?,?)")
        #expect("\(("" as SQL))" == "")
        #expect("\(("é" as SQL))" == "é")
    }

    @Test("Names, types and texts of fragments stay where they stand")
    func fragmentsWithOthers() {
        func pair(_ left: SQL, _ right: SQL) -> SQL { "\(identifier: "x") \(left), \(right)" }
        let sql = pair(name("a"), "\(raw: "b") \(1) \([1])")
        #expect("\(sql)" == "\"x\" SELECT \"a\", b ? ?")
        #expect(pair(name("a"), name("b")).shape == pair(name("a"), name("b")).shape)
        #expect(pair(name("a"), name("b")).shape != pair(name("b"), name("a")).shape)
        #expect((name("a") + name("b")).shape != (name("b") + name("a")).shape)
    }

    @Test("A fragment is part of its statement's key")
    func fragments() {
        func statement(_ condition: SQL) -> SQL { "SELECT 1 WHERE \(condition)" }
        #expect(statement(select(1)).shape == statement(select(2)).shape)
        #expect(statement(select(1)).shape != statement(select("1")).shape)
        #expect(statement(list([1])).shape != statement(list([1, 2])).shape)
    }
}
