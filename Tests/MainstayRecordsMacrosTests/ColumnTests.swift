// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// How properties are columns.
@Suite
struct ColumnTests {
    @Test(
        "In snake case, words are small and divided by underscores",
        arguments: [
            ("teamID", "team_id"), ("createdAt", "created_at"), ("httpURLPath", "http_url_path"), ("name2", "name2"),
            ("`default`", "default"), ("name", "name"), ("URLPath", "url_path"), ("URL", "url"), ("isA", "is_a"),
            ("md5Hash", "md5_hash"), ("tagIDs", "tag_ids"), ("tagIDsSeen", "tag_ids_seen"), ("_private", "_private"),
            ("old_ID", "old_id"), ("x2Y", "x2_y"), ("größeÄrmel", "größe_ärmel"), ("aSet", "a_set"),
            ("atIBSector", "at_ib_sector"),
        ]
    )
    func snakeCase(property: String, column: String) {
        let expansion = expansion(of: "var \(property): Int", columns: ".snakeCase")
        #expect(expansion.has("self.\(property) = MainstayRecords.RecordColumn(table, \"\(column)\", 1)"))
        #expect(expansion.has("MainstayRecords.RecordSchema.Column(\"\(column)\"),"))
    }

    @Test("A name of its own is written as it is, whatever it is made of")
    func quoted() {
        let expansion = expansion(of: #"@Column("a\"b\\c\n\u{41}(d)") var teamID: Int"#, columns: ".snakeCase")
        #expect(expansion.faults.isEmpty)
        #expect(expansion.text.contains(##"#"a"b\c\#nA(d)"#"##))
        let table = Expansion(of: #"@Record("a\"b", schema: "c\\d") struct A {"# + "\n    @ID var a: Int\n}")
        #expect(table.has(##"table: [#"c\d"#, #"a"b"#],"##))
    }

    @Test("The names can be written with their type")
    func qualifiedNaming() {
        let expansion = expansion(of: "var teamID: Int", columns: "MainstayRecords.ColumnNaming.snakeCase")
        #expect(expansion.has("MainstayRecords.RecordSchema.Column(\"team_id\"),"))
    }

    @Test("A mark can be written with its module, and another module's is not ours")
    func qualifiedMark() {
        #expect(
            expansion(of: "@MainstayRecords.Version var a: Int").has(
                "MainstayRecords.RecordSchema.Column(\"a\", .version),"
            )
        )
        #expect(expansion(of: "@Other.Version var a: Int").has("MainstayRecords.RecordSchema.Column(\"a\"),"))
        #expect(expansion(of: "@Other var a: Int").has("MainstayRecords.RecordSchema.Column(\"a\"),"))
    }

    @Test(
        "The type of a literal needn't be written",
        arguments: [
            ("1", "Int"), ("-1", "Int"), ("1.5", "Double"), ("-0.5", "Double"), ("\"a\"", "String"), ("true", "Bool"),
        ]
    )
    func literal(value: String, type: String) {
        #expect(expansion(of: "var a = \(value)").has("let a: MainstayRecords.RecordColumn<A, \(type)>"))
    }

    @Test(
        "An optional is one by how it is written",
        arguments: ["Int?", "Optional<Int>", "Swift.Optional<Int>", "(any B)?"]
    )
    func optional(type: String) {
        let expansion = expansion(of: "var a: \(type)")
        #expect(expansion.has("let a: MainstayRecords.RecordColumn<A, \(type)>"))
        #expect(expansion.has("MainstayRecords.RecordSchema.Column(\"a\", isOptional: true),"))
        #expect(expansion.has("self.a = columns.contains(1) ? nil : base.a"))
    }

    @Test(
        "Anything else is not optional",
        arguments: ["Int", "[Int?]", "Set<Int?>", "Other.Optional<Int>", "Optional"]
    )
    func notOptional(type: String) {
        let expansion = expansion(of: "var a: \(type)")
        #expect(expansion.has("MainstayRecords.RecordSchema.Column(\"a\"),"))
        #expect(expansion.has("self.a = base.a"))
    }

    @Test("The key is without the optional", arguments: ["B?", "Optional<B>", "Swift.Optional<B>", "(B)?"])
    func key(type: String) {
        let expansion = Expansion(of: "@Record(\"a\") struct A {\n    @ID var a: \(type)\n}")
        #expect(expansion.has("typealias Key = B"))
    }

    @Test("Observed properties and constants are columns; computed and static ones are not")
    func stored() {
        let expansion = Expansion(
            of: """
                @Record("a") struct A {
                    @ID let id: Int
                    var observed = 1 { didSet { print(observed) } }
                    var computed: Int { 1 }
                    var accessed: Int { get { 1 } set {} }
                    static let shared = A(), other = 2
                    #if B
                    var conditional: Int { 1 }
                    static let limit = 1
                    #endif
                    func call() {}
                }
                """
        )
        #expect(expansion.faults.isEmpty)
        #expect(expansion.text.split(separator: "MainstayRecords.RecordSchema.Column(").count == 3)
        #expect(expansion.has("MainstayRecords.RecordSchema.Column(\"observed\"),"))
    }

    private func expansion(of property: String, columns: String = ".asWritten") -> Expansion {
        Expansion(of: "@Record(\"a\", columns: \(columns)) struct A {\n    @ID var id: Int\n    \(property)\n}")
    }
}
