// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct DoubleTextTests {
    private func parse(_ text: String) throws(DatabaseError) -> Double? {
        try ValueTests.bytes(text) { Double(decimalText: $0) }
    }

    @Test(
        "Numbers are read to the nearest Double",
        arguments: [
            ("0", 0), ("1", 1), ("-1", -1), ("+1", 1), ("0.1", 0.1), ("12.30", 12.3), ("1e+20", 1e20), ("1e-05", 1e-5),
            ("1E5", 1e5), ("9007199254740992", 9_007_199_254_740_992), ("9007199254740993", 9_007_199_254_740_992),
            ("9007199254740993.0000000000000000000000001", 9_007_199_254_740_994),
            ("9007199254740995", 9_007_199_254_740_996), ("0.30000000000000004", 0.1 + 0.2),
            ("1.7976931348623157e+308", .greatestFiniteMagnitude), ("5e-324", .leastNonzeroMagnitude),
            ("2.2250738585072014e-308", .leastNormalMagnitude), ("1e22", 1e22), ("1e23", 1e23), ("1e-22", 1e-22),
            ("1e-23", 1e-23), ("8.41e21", 8.41e21), ("9007199254740992e22", 9_007_199_254_740_992e22), ("1e-400", 0),
            ("123456789012345678901234567890.12345678", 123_456_789_012_345_678_901_234_567_890.12345678),
            ("0.000000000000000000000000000000000000001", 1e-39), ("100000000000000000000000000000000000000000e-41", 1),
        ] as [(String, Double)]
    )
    func numbers(text: String, value: Double) throws {
        #expect(try parse(text) == value)
    }

    @Test("What PostgreSQL writes for the special values is read")
    func specialValues() throws {
        #expect(try parse("NaN")?.isNaN == true)
        #expect(try parse("Infinity") == .infinity)
        #expect(try parse("-Infinity") == -.infinity)
    }

    @Test("Zero keeps its sign", arguments: ["-0", "-0.000", "-0e5", "-0e-999999999999"])
    func negativeZero(text: String) throws {
        let zero = try #require(try parse(text))
        #expect(zero == 0 && zero.sign == .minus)
        #expect(try parse(String(text.dropFirst()))?.sign == .plus)
    }

    @Test(
        "What is no number, or too large, is none",
        arguments: [
            "", " ", "-", ".", "1.", ".5", "e5", "1e", "1e+", "1,5", " 1", "1 ", "1x", "0x1p3", "nan", "NAN", "inf",
            "infinity", "+Infinity", "INFINITY", "NaN ", "nan(1)", "1e309", "-1e400", "1e99999999999999999999",
            "1e18446744073709551616", "1.8e308", "1\u{0}",
        ]
    )
    func noNumbers(text: String) throws {
        #expect(try parse(text) == nil)
    }

    @Test("Any Double survives its shortest text")
    func roundTrips() throws {
        var generator = ValueTests.Generator(seed: 16)
        for _ in 0..<5_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            #expect(try parse("\(value)") == value)
        }
    }

    @Test("Short numbers, which are not left to the standard library, are read as it reads them")
    func shortNumbers() throws {
        var generator = ValueTests.Generator(seed: 17)
        for _ in 0..<5_000 {
            let digits = generator.next() >> UInt64.random(in: 8...63, using: &generator)
            let text = "-\(digits)e\(Int.random(in: -25...25, using: &generator))"
            #expect(try parse(text) == Double(text))
        }
    }

    @Test("Random bytes give what the standard library reads, or nil")
    func noise() throws {
        var generator = ValueTests.Generator(seed: 18)
        for round in 0..<6_000 {
            let bytes =
                round % 2 == 0
                ? ValueTests.noise(&generator) : ValueTests.mutation(of: "-1234567890.125e-17", &generator)
            let text = String(decoding: bytes, as: UTF8.self)
            let isNumber = text.wholeMatch(of: /[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
            let expected = isNumber ? Double(text).flatMap { $0.isFinite ? $0 : nil } : nil
            #expect(try ValueTests.bytes(bytes) { Double(decimalText: $0) } == expected)
        }
    }
}
