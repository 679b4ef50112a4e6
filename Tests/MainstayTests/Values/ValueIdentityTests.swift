// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// That values are the same if a database is given the same bytes, and only then.
struct ValueIdentityTests {
    @Test(arguments: [
        (Value.text("caf\u{E9}"), Value.text("cafe\u{301}")),
        (.json("\"\u{E9}\""), .json("\"e\u{301}\"")),
        (.double(0), .double(-0.0)), (.float(0), .float(-0.0)),
        (.array([.text("\u{E9}")], of: .text), .array([.text("e\u{301}")], of: .text)),
        (.array([], of: .text), .array([], of: .int64)),
        (.int32(1), .int64(1)), (.text("1"), .json("1")), (.null(.text), .null(.int64)),
    ])
    func `other bytes are another value`(_ left: Value, _ right: Value) {
        #expect(left != right)
        #expect(Set([left, right]).count == 2)
    }

    @Test func `the same bytes are the same value`() {
        #expect(Value.double(.nan) == .double(.nan))
        #expect(Value.float(.nan) == .float(.nan))
        let text = String(repeating: "caf\u{E9} ", count: 10)
        #expect(Set([Value.text(text), .text(String(Array(text)))]).count == 1)
        #expect(Set([Value.array([.int64(1)], of: .int64), .array([.int64(1)], of: .int64)]).count == 1)
    }
}
