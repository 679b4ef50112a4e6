// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct IntegerTextTests {
    private func signed(_ text: String) throws(DatabaseError) -> Int64? {
        try ValueTests.bytes(text) { Int64(integralText: $0) }
    }

    private func unsigned(_ text: String) throws(DatabaseError) -> UInt64? {
        try ValueTests.bytes(text) { UInt64(integralText: $0) }
    }

    @Test(
        "Integers are read with and without zeros behind the point",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("42", 42), ("+42", 42), ("-7", -7), ("42.000", 42), ("-42.0", -42),
            ("007", 7), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("-9223372036854775808.00", .min), ("000000000000000000000000000000001", 1),
            ("1.0000000000000000000000000000000000", 1),
        ] as [(String, Int64)]
    )
    func signedIntegers(text: String, value: Int64) throws {
        #expect(try signed(text) == value)
        #expect(try unsigned(text) == UInt64(exactly: value))
    }

    @Test(
        "What is no integer is none",
        arguments: [
            "", " ", "-", "+", ".", ".0", "42.", "42.5", "42.0001", "42.05", "42.0x", "42 ", " 42", "4 2", "1e3", "--7",
            "+-7", "NaN", "Infinity", "0x10", "1,000", "４", "42.0.0", "18446744073709551616", "18446744073709551620",
            "99999999999999999999", "184467440737095516150", "340282366920938463463374607431768211456",
            "-18446744073709551616",
        ]
    )
    func noIntegers(text: String) throws {
        #expect(try signed(text) == nil)
        #expect(try unsigned(text) == nil)
    }

    @Test("What fits one kind only is nil for the other")
    func borders() throws {
        #expect(try signed("9223372036854775808") == nil)
        #expect(try signed("-9223372036854775809") == nil)
        #expect(try signed("18446744073709551615") == nil)
        #expect(try signed("-18446744073709551615") == nil)
        #expect(try unsigned("9223372036854775808") == 1 << 63)
        #expect(try unsigned("18446744073709551615") == .max)
        #expect(try unsigned("18446744073709551615.0") == .max)
        #expect(try unsigned("-1") == nil)
    }

    @Test("Any integer survives its text")
    func roundTrips() throws {
        var generator = ValueTests.Generator(seed: 14)
        for _ in 0..<2_000 {
            let shift = Int.random(in: 0..<64, using: &generator)
            let value = UInt64.random(in: .min ... .max, using: &generator) >> shift
            #expect(try unsigned("\(value)") == value)
            let negative = Int64(truncatingIfNeeded: value)
            #expect(try signed("\(negative).000") == negative)
        }
    }

    @Test("Random bytes give what the standard library reads, or nil")
    func noise() throws {
        var generator = ValueTests.Generator(seed: 15)
        for round in 0..<10_000 {
            let bytes =
                round % 2 == 0
                ? ValueTests.noise(&generator) : ValueTests.mutation(of: "-9223372036854775808.0", &generator)
            let text = String(decoding: bytes, as: UTF8.self)
            let whole = text.wholeMatch(of: /([+-]?[0-9]+)(\.0+)?/)?.1
            #expect(try ValueTests.bytes(bytes) { Int64(integralText: $0) } == whole.flatMap { Int64($0) })
            #expect(try ValueTests.bytes(bytes) { UInt64(integralText: $0) } == whole.flatMap { UInt64($0) })
        }
    }
}
