// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What is said of a struct that can't be a record.
@Suite
struct RecordFaultTests {
    @Test(
        "A type that can't have a table is refused",
        arguments: [
            ("@Record(\"a\")\nfinal class A {\n}", ["2:7: a record is a value: @Record needs a struct"]),
            ("@Record(\"a\")\nenum A {\n}", ["2:1: a record is a value: @Record needs a struct"]),
            ("@Record(\"a\")\nactor A {\n}", ["2:1: a record is a value: @Record needs a struct"]),
            (
                "@Record(\"a\")\nstruct A<B> {\n    @ID var a: Int\n}",
                ["2:9: a record has one table: @Record needs a struct without generic parameters, also around it"]
            ),
            (
                "enum B<C> {\n    @Record(\"a\")\n    struct A {\n        @ID var a: Int\n    }\n}",
                ["3:12: a record has one table: @Record needs a struct without generic parameters, also around it"]
            ),
            (
                "enum B {\n    @Record(\"a\")\n    private struct A {\n        @ID var a: Int\n    }\n}",
                ["3:5: @Record can't extend a private type inside another: write fileprivate"]
            ),
        ]
    )
    func type(source: String, faults: [String]) {
        expect(faults, of: source)
    }

    @Test(
        "A name that the macro can't read is refused",
        arguments: [
            (#"table"#, "1:9: write the table's name as a plain string literal that isn't empty"),
            (#""""#, "1:9: write the table's name as a plain string literal that isn't empty"),
            (#""a\(b)""#, "1:9: write the table's name as a plain string literal that isn't empty"),
            (#""a", schema: b"#, "1:22: write the schema's name as a plain string literal that isn't empty"),
            (#""a", schema: """#, "1:22: write the schema's name as a plain string literal that isn't empty"),
            (#""a", columns: b"#, "1:23: write .asWritten or .snakeCase: the names are made when the code is compiled"),
        ]
    )
    func argument(arguments: String, fault: String) {
        expect([fault], of: "@Record(\(arguments))\nstruct A {\n    @ID var a: Int\n}")
    }

    @Test("A record without a key is refused")
    func noKey() {
        let fault = "2:8: a record needs a primary key: mark the properties that identify a row with @ID"
        expect([fault], of: "@Record(\"a\")\nstruct A {\n    var a: Int\n}")
        expect([fault], of: "@Record(\"a\")\nstruct A {\n}")
    }

    @Test(
        "Types with the names of those that the macro makes are refused",
        arguments: [
            ("struct Key {}", 8, "Key"), ("enum Columns {}", 6, "Columns"), ("typealias Key = Int", 11, "Key"),
            ("final class Key {}", 13, "Key"), ("actor Columns {}", 7, "Columns"), ("protocol Key {}", 10, "Key"),
        ]
    )
    func takenName(type: String, column: Int, name: String) {
        let fault = "2:\(column + 20): rename this type: @Record makes a type \(name) of its own"
        expect([fault], of: "@Record(\"a\") struct A {\n    @ID var a: Int; \(type)\n}")
    }

    @Test("The 129th column is refused")
    func tooManyColumns() {
        func source(_ count: Int) -> String {
            let properties = (1..<count).map { "    var a\($0): Int\n" }.joined()
            return "@Record(\"a\") struct A {\n    @ID var a: Int\n\(properties)}"
        }
        #expect(Expansion(of: source(128)).faults.isEmpty)
        let fault = "130:9: a record has at most 128 columns: move the properties from here on to another table"
        expect([fault], of: source(129))
        expect([fault], of: source(140))
    }

    @Test("All faults are reported together")
    func several() {
        expect(
            [
                "1:9: write the table's name as a plain string literal that isn't empty",
                "2:9: write the property's type: the columns are made from it",
                "1:20: a record needs a primary key: mark the properties that identify a row with @ID",
            ],
            of: "@Record(\"\") struct A {\n    var a = b\n}"
        )
    }

    /// Where anything is wrong, nothing is added that could be wrong too.
    private func expect(_ faults: [String], of source: String, at location: SourceLocation = #_sourceLocation) {
        let expansion = Expansion(of: source)
        #expect(expansion.faults == faults, sourceLocation: location)
        #expect(!expansion.text.contains("extension"), sourceLocation: location)
    }
}
