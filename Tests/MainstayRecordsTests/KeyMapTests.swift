// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayRecords

/// The identity map beside a dictionary of bytes, without a database.
@Suite struct KeyMapTests {
    /// Each letter in two ways that Swift takes for equal.
    private static let letters = ["\u{E9}", "e\u{301}", "\u{F6}", "o\u{308}", "n\u{303}", "\u{F1}"]

    @Test(arguments: 0..<50)
    func `keys are told apart by their bytes`(seed: Int) {
        var random = Xorshift(seed: seed)
        var map = IdentityMap<PlainRecord>()
        var model: [[UInt8]: Tracked<PlainRecord>] = [:]
        for _ in 0..<400 {
            let key = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                Self.letters.randomElement(using: &random) ?? ""
            }.joined()
            let bytes = Array(key.utf8)
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                map[key] = nil
                model[bytes] = nil
            case 1:
                map.removeUnheld { handle in model.values.contains { $0 === handle } }
            case 2...4:
                let handle = Tracked(PlainRecord(key))
                map[key] = handle
                model[bytes] = handle
            default:
                #expect(map[key] === model[bytes])
            }
            let broken = map.brokenPromise
            #expect(broken == nil)
            if broken != nil { return }
        }
        #expect(map.values.count == model.count)
        for (bytes, handle) in model { #expect(map[String(decoding: bytes, as: UTF8.self)] === handle) }
    }

    @Test func `a map that lost a key says so`() {
        var map = IdentityMap<PlainRecord>()
        for number in 0..<20 { map["\(number)"] = Tracked(PlainRecord("\(number)")) }
        #expect(map.brokenPromise == nil)
        map.slots = map.slots.map { $0 == 3 ? -1 : $0 }
        #expect(map.brokenPromise != nil)
    }

    @Test func `a handle under two keys is no identity`() {
        var map = IdentityMap<PlainRecord>()
        let handle = Tracked(PlainRecord("a"))
        map["a"] = handle
        map["b"] = handle
        #expect(map.brokenPromise == "a handle has one key")
    }
}
