// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Records of other shapes than the usual one.
@Suite
struct RecordShapeTests {
    private let item = Expansion(
        of: """
            @Record("items", schema: "app")
            public struct Item {
                @ID @References(Order.self) public var orderID: Int64
                @ID public var number: Int?
                @ID public var `in`: Optional<Int>
                public var count = 1
            }
            """
    )

    @Test("Keys of several columns are compared as they are bound")
    func keyBytes() {
        let expansion = Expansion(
            of: "@Record(\"seats\") struct Seat {\n    @ID var hall: String\n    @ID var number: Int\n}"
        )
        #expect(expansion.has("return MainstayRecords.KeyBytes.areSame(left.hall, right.hall)"))
        #expect(expansion.has("MainstayRecords.KeyBytes.hash(key.number, into: &hasher)"))
        let single = Expansion(of: "@Record(\"seats\") struct Seat {\n    @ID var hall: String\n}")
        #expect(!single.text.contains("KeyBytes"))
    }

    @Test("Several properties are a key of their own type, without their optionals")
    func compositeKey() {
        #expect(item.faults.isEmpty)
        #expect(item.has("public nonisolated struct Key: Hashable, Sendable {"))
        #expect(item.has("public var orderID: Int64") && item.has("public var number: Int"))
        #expect(item.has("public init(orderID: Int64, number: Int, `in`: Int) {"))
        #expect(item.has("self.number = number") && item.has("self.`in` = `in`"))
        #expect(item.has("return try [value(key.orderID), value(key.number), value(key.`in`)]"))
    }

    @Test("A composite key is nil as long as a part of it is")
    func compositeRecordKey() {
        #expect(item.has("guard let part1 = self.number, let part2 = self.`in` else {"))
        // With backticks before the colon, the compiler would warn.
        #expect(item.has("return Key(orderID: self.orderID, number: part1, in: part2)"))
        let whole = Expansion(of: "@Record(\"a\") struct A {\n    @ID var a: Int\n    @ID var `inout`: Int\n}")
        #expect(whole.has("Key(a: self.a, `inout`: self.`inout`)"))
        #expect(!whole.text.contains("guard"))
    }

    @Test("A part of the key can be a reference")
    func keyReference() {
        #expect(item.has("table: [\"app\", \"items\"],"))
        #expect(item.has("MainstayRecords.RecordSchema.Column(\"orderID\", .key, references: Order.self),"))
        #expect(item.has("MainstayRecords.RecordSchema.Column(\"in\", .generatedKey, isOptional: true),"))
        #expect(item.has("public let orderID: MainstayRecords.RecordReference<Item, Int64, Order>"))
    }

    @Test("Without a version, nothing counts")
    func noVersion() {
        #expect(!item.text.contains("advanceVersion"))
    }

    @Test("The schema can be nil")
    func nilSchema() {
        let expansion = Expansion(
            of: "@Record(\"a\", schema: nil, columns: .asWritten) struct A {\n    @ID var aB: Int\n}"
        )
        #expect(expansion.faults.isEmpty)
        #expect(expansion.has("table: [\"a\"],") && expansion.has("MainstayRecords.RecordSchema.Column(\"aB\", .key),"))
    }

    @Test("A nested struct is extended by its whole name, also where it says Self")
    func nested() {
        let expansion = Expansion(
            of: """
                enum Shop {
                    @Record("a") struct Item {
                        @ID var id: Self.ID
                        @References(Self.self) var parent: Self.ID?
                    }
                }
                """
        )
        #expect(expansion.faults.isEmpty)
        #expect(expansion.has("extension Shop.Item: MainstayRecords.Record {"))
        #expect(expansion.has("typealias Key = Item.ID"))
        #expect(expansion.has("let parent: MainstayRecords.RecordReference<Item, Item.ID?, Item>"))
        #expect(expansion.has("init(_ base: Shop.Item, without columns: MainstayRecords.ColumnSet) {"))
    }

    @Test("What names types is in the struct, where those beside it are seen")
    func members() throws {
        let expansion = Expansion(
            of: "enum Shop {\n    @Record(\"a\") struct Item {\n        @ID var id: Number\n    }\n}"
        )
        let start = try #require(expansion.text.firstRange(of: "extension"))
        #expect(expansion.text[..<start.lowerBound].contains("typealias Key = Number"))
        #expect(!expansion.text[start.lowerBound...].contains("Number"))
    }

    @Test("A struct that conforms by itself does not conform again")
    func conforming() {
        let source = "@Record(\"a\") struct A: Record {\n    @ID var a: Int\n}"
        #expect(Expansion(of: source, isRecord: true).has("extension A {"))
    }

    @Test("The extension is available where the struct is")
    func availability() {
        let source = "@available(macOS 26, *) @Record(\"a\") struct A {\n    @ID var a: Int\n}"
        #expect(
            Expansion(of: source).text.contains("}\n\n@available(macOS 26, *)\nextension A: MainstayRecords.Record {")
        )
    }

    @Test(
        "Members are seen as far as the struct, and columns no further than their properties",
        arguments: [
            ("public struct A", "public ", "public ", "", "fileprivate "),
            ("package struct A", "package ", "package ", "", "fileprivate "),
            ("struct A", "", "", "", "fileprivate "),
            ("internal struct A", "", "", "", "fileprivate "),
            ("fileprivate struct A", "", "", "", ""),
            ("private struct A", "", "", "", ""),
        ]
    )
    func access(head: String, member: String, shown: String, inside: String, hidden: String) {
        let source = """
            @Record("a") \(head) {
                @ID public private(set) var shown: Int
                private(set) var inside: Int
                private var hidden: Int
            }
            """
        let expansion = Expansion(of: source)
        #expect(expansion.has("\(member)static let schema = MainstayRecords.RecordSchema("))
        #expect(expansion.has("\(member)var recordKey: Key? {"))
        #expect(expansion.has("\(member)nonisolated struct Columns: Sendable {"))
        #expect(expansion.has("\(shown)let shown: MainstayRecords.RecordColumn<A, Int>"))
        #expect(expansion.has("\(inside)let inside: MainstayRecords.RecordColumn<A, Int>"))
        #expect(expansion.has("\(hidden)let hidden: MainstayRecords.RecordColumn<A, Int>"))
    }

    @Test("The column of a private type is private", arguments: ["struct", "private struct"])
    func privateType(head: String) {
        let source = """
            @Record("a") \(head) A {
                @ID var id: Int
                private var state: State?
                private var open: Open?
                private enum State: Int { case a }
                fileprivate enum Open: Int { case a }
            }
            """
        let expansion = Expansion(of: source)
        #expect(expansion.has("private let state: MainstayRecords.RecordColumn<A, State?>"))
        #expect(!expansion.has("private let open: MainstayRecords.RecordColumn<A, Open?>"))
    }

    @Test("In an extension with a modifier, the struct has it too")
    func accessOfExtension() {
        let nested = "@Record(\"a\") struct A {\n        @ID public var a: Int\n    }"
        #expect(Expansion(of: "public extension B {\n    \(nested)\n}").has("public typealias Key = Int"))
        #expect(Expansion(of: "extension B {\n    \(nested)\n}").has("typealias Key = Int"))
    }
}
