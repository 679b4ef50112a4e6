// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct SecretTests {
    private let secret = Secret("hunter2")

    @Test func isNeverShown() {
        struct Holder {
            var optional: Secret? = Secret("hunter2")
            var list = [Secret("hunter2")]
            var table = ["key": Secret("hunter2")]
        }
        var dumped = ""
        dump(Holder(), to: &dumped)
        dump(secret, to: &dumped)
        let shown = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder())",
            String(reflecting: Holder()), dumped,
        ]
        for text in shown {
            #expect(text.contains("***"))
            #expect(!text.contains("hunter2"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func isLentInClear() {
        #expect(secret.withExposed { $0 } == "hunter2")
        #expect(secret.withExposedCString { String(cString: $0) } == "hunter2")
        #expect(Secret("pä🔑").withExposed { $0 } == "pä🔑")
        #expect(Secret("pä🔑").withExposedCString { String(cString: $0) } == "pä🔑")
    }

    @Test func lendsWithTheClosuresOwnError() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) { try secret.withExposed { _ in throw Refusal() } }
        #expect(throws: Refusal.self) { try secret.withExposedCString { _ in throw Refusal() } }
    }

    @Test func mayBeEmpty() {
        #expect(Secret("").isEmpty)
        #expect(!secret.isEmpty)
        #expect(Secret("").withExposed { $0 }.isEmpty)
        #expect(Secret("").withExposedCString { $0.pointee } == 0)
        #expect("\(Secret(""))" == "***")
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), ("hunter2", "hunter2"), ("a\u{0}b", "a\u{0}b"),
    ])
    func equalsTheSameText(one: String, other: String) {
        #expect(Secret(one) == Secret(other))
    }

    @Test(arguments: [
        ("", "a"), ("a", "b"), ("ab", "a"), ("ab", "cb"), ("ab", "ac"), ("a", "a\u{0}"), ("a\u{0}b", "a\u{0}c"),
        ("\u{E9}", "e\u{301}"), // equal as strings, but not as passwords
    ])
    func differsFromAnotherText(one: String, other: String) {
        #expect(Secret(one) != Secret(other))
        #expect(Secret(other) != Secret(one))
    }

    @Test func isMadeOfALiteral() {
        let literal: Secret = "hunter2"
        // `Secret("…")` would be made of a literal too.
        #expect(literal == Secret(String("hunter2")))
    }

    @Test func erasesBytes() {
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 8)
        defer { bytes.deallocate() }
        bytes.initialize(repeating: 0xAA)
        bytes.eraseForGood()
        #expect(bytes.allSatisfy { $0 == 0 })
    }
}
