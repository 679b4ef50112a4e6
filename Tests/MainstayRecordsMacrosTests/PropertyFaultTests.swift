// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What is said of a property that can't be a column.
@Suite
struct PropertyFaultTests {
    @Test(
        "A property that can't be read from a row is refused",
        arguments: [
            ("var a, b: Int", "3:9: write one property per declaration: each is a column"),
            ("var (a, b) = (1, 2)", "3:9: write one property per declaration: each is a column"),
            ("var a = b", "3:9: write the property's type: the columns are made from it"),
            ("var a = Int64(1)", "3:9: write the property's type: the columns are made from it"),
            ("var a = -b", "3:9: write the property's type: the columns are made from it"),
            ("var a: Int!", "3:12: write Int?: Int! would crash where the column is NULL"),
            ("let a = 1", "3:5: a constant with a value can't be read from a row: write var"),
            ("let a: Int = b", "3:5: a constant with a value can't be read from a row: write var"),
            ("lazy var a = 1", "3:5: a column can't be lazy: remove it, or make the property computed"),
            ("weak var a: B?", "3:5: a column can't be weak: remove it, or make the property computed"),
            ("unowned var a: B", "3:5: a column can't be unowned: remove it, or make the property computed"),
            ("unowned(unsafe) let a: B", "3:5: a column can't be unowned: remove it, or make the property computed"),
            ("#if A\n    var a: Int\n    #endif", "4:5: a column can't depend on #if: move the property out of it"),
            (
                "#if A\n    #elseif B\n    #if C\n    let a: Int\n    #endif\n    #endif",
                "6:5: a column can't depend on #if: move the property out of it"
            ),
            ("@ID var a: Key", "3:16: write the key's type by another name: @Record makes Key an alias of it"),
            ("@ID var a: Key?", "3:16: write the key's type by another name: @Record makes Key an alias of it"),
        ]
    )
    func property(property: String, fault: String) {
        expect(fault, of: property)
    }

    @Test(
        "A column's name that the macro can't read, or that another has, is refused",
        arguments: [
            ("@Column(a) var a: Int", "3:13: write the column's name as a plain string literal that isn't empty"),
            ("@Column(\"\") var a: Int", "3:13: write the column's name as a plain string literal that isn't empty"),
            (
                "@Column(\"\\(b)\") var a: Int",
                "3:13: write the column's name as a plain string literal that isn't empty"
            ),
            ("@Column(\"id\") var a: Int", "3:13: another property has the column \"id\": name this one with @Column"),
            ("var iD: Int", "3:9: another property has the column \"i_d\": name this one with @Column"),
        ]
    )
    func column(property: String, fault: String) {
        expect(fault, of: property, columns: "@Column(\"i_d\") var i: Int")
    }

    @Test(
        "A version that can't be counted is refused",
        arguments: [
            ("@Version var a: Int?", "3:21: every row has a version: write a type that isn't optional, like Int"),
            ("@Version let a: Int", "3:14: the version changes with the row: write var"),
            ("@Version @ID var a: Int", "3:5: a version only counts changes: remove @Version or @ID"),
            (
                "@References(B.self) @Version var a: Int",
                "3:25: a version only counts changes: remove @Version or @References"
            ),
            ("@Version @Generated var a: Int?", "3:5: a version only counts changes: remove @Version or @Generated"),
            (
                "@Version var a: String",
                "3:21: a version is counted: write an integer type, like Int, in place of String"
            ),
            ("@Version var a = 1.5", "3:18: a version is counted: write an integer type, like Int, in place of Double"),
            ("@Version var a = 1; @Version var b = 1", "3:25: a record has one version: remove this @Version"),
        ]
    )
    func version(property: String, fault: String) {
        expect(fault, of: property)
    }

    @Test(
        "A generated value that couldn't be missing is refused",
        arguments: [
            ("@Generated var a: Int", "3:23: the value is nil until the database has made it: write an optional type"),
            ("@Generated var a = 1", "3:20: the value is nil until the database has made it: write an optional type"),
            ("@ID @Generated var a: Int?", "3:9: remove @Generated: an optional @ID is generated anyway"),
            ("@ID @Generated var a: Int", "3:9: remove @Generated: an optional @ID is generated anyway"),
        ]
    )
    func generated(property: String, fault: String) {
        expect(fault, of: property)
    }

    @Test(
        "A reference that can't be followed is refused",
        arguments: [
            (
                "@References(B.self) let a: Int",
                "3:25: the reference is set when the other record is inserted: write var"
            ),
            (
                "@References(b) var a: Int",
                "3:17: write the other record's type with .self, as in @References(Team.self)"
            ),
            (
                "@References(B.b) var a: Int",
                "3:17: write the other record's type with .self, as in @References(Team.self)"
            ),
            (
                "@References(.self) var a: Int",
                "3:17: write the other record's type with .self, as in @References(Team.self)"
            ),
            ("@References var a: Int", "3:5: write the other record's type with .self, as in @References(Team.self)"),
        ]
    )
    func reference(property: String, fault: String) {
        expect(fault, of: property)
    }

    /// The property is on the third line of a record that is right otherwise.
    private func expect(
        _ fault: String,
        of property: String,
        columns: String = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        let head = "@Record(\"a\", columns: .snakeCase) struct A {\n    @ID var id: Int; \(columns)"
        let expansion = Expansion(of: "\(head)\n    \(property)\n}")
        #expect(expansion.faults == [fault], sourceLocation: location)
        #expect(!expansion.text.contains("extension"), sourceLocation: location)
    }
}
