// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Where the marks of properties may stand.
@Suite
struct PropertyMacroTests {
    private static let misplacedMarks = [
        ("struct A {\n    @ID var a: Int { 1 }\n}", "2:5", "ID"),
        ("struct A {\n    @Column(\"a\") var a: Int { get { 1 } set {} }\n}", "2:5", "Column"),
        ("struct A {\n    @Version static var a = 1\n}", "2:5", "Version"),
        ("struct A {\n    @Generated func a() {}\n}", "2:5", "Generated"),
        ("class A {\n    @ID var a = 1\n}", "2:5", "ID"),
        ("class A {\n    @References(B.self) class var a: Int { 1 }\n}", "2:5", "References"),
        ("@ID struct A {\n}", "1:1", "ID"),
        ("extension A {\n    @ID var a: Int { 1 }\n}", "2:5", "ID"),
        ("struct A {\n    func a() {\n        @ID var b = 1\n    }\n}", "3:9", "ID"),
    ]

    @Test("A mark on anything but a stored property of a struct is refused", arguments: misplacedMarks)
    func misplaced(source: String, place: String, mark: String) {
        let fault = "\(place): @\(mark) marks a column: write it on a stored property of a struct"
        #expect(Expansion(of: source).faults == [fault])
    }

    @Test(
        "A mark on a stored property adds nothing",
        arguments: ["var a = 1", "let a: Int", "var a = 1 { didSet {} }", "var a = 1 {\n        willSet {}\n    }"]
    )
    func placed(property: String) {
        let expansion = Expansion(of: "struct A {\n    @ID \(property)\n}")
        #expect(expansion.faults.isEmpty)
        #expect(expansion.text == "struct A {\n    \(property)\n}")
    }
}
