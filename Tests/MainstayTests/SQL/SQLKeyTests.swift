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
        #expect(select(1).parts == select(2).parts)
        #expect(select(1).parts.hashValue == select(2).parts.hashValue)
        #expect(select(1).parts == select(Int?.none).parts)
        #expect(select(1).values != select(2).values)
    }

    @Test("Another type is another key")
    func otherType() {
        let keys: Set<[SQL.Part]> = [
            select(1).parts, select(Int32(1)).parts, select(UInt64(1)).parts, select("1").parts, select(1.0).parts,
            select([UInt8]()).parts, select([1]).parts, select(["1"]).parts,
        ]
        #expect(keys.count == 8)
    }

    @Test("Another length of a list is another key")
    func otherLength() {
        #expect(list([1, 2]).parts == list([3, 4]).parts)
        #expect(list([1, 2]).parts != list([1]).parts)
        #expect(list([]).parts != list([1]).parts)
    }

    @Test("What is spliced into the text is part of the key")
    func splicedText() {
        #expect(name("a").parts == name("a").parts)
        #expect(name("a").parts != name("b").parts)
        #expect(raw("a").parts == raw("a").parts)
        #expect(raw("a").parts != raw("b").parts)
        #expect(raw("a").parts != name("a").parts)
        #expect(type(.text).parts != type(.json).parts)
        #expect(type(.varchar(1)).parts != type(.varchar(2)).parts)
        #expect(SQL(raw: "SELECT 1").parts == SQL(raw: "SELECT 1").parts)
    }

    @Test("Different literals are different keys, however alike they begin or end")
    func otherLiterals() {
        let literals: [SQL] = ["SELECT 1", "SELECT 12", "ELECT 1", "1", "", "SELECT 1 "]
        #expect(Set(literals.map(\.parts)).count == literals.count)
    }

    @Test("Literals of one character and of none are literals")
    func shortLiterals() throws {
        let sql: SQL = "(\(1),\(2))"
        #expect("\(sql)" == "(?,?)")
        #expect("\(("" as SQL))" == "")
        #expect("\(("é" as SQL))" == "é")
    }

    @Test("A fragment is part of its statement's key")
    func fragments() {
        func statement(_ condition: SQL) -> SQL { "SELECT 1 WHERE \(condition)" }
        #expect(statement(select(1)).parts == statement(select(2)).parts)
        #expect(statement(select(1)).parts != statement(select("1")).parts)
        #expect(statement(list([1])).parts != statement(list([1, 2])).parts)
    }
}
