// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct DecimalTextTests {
    private func parse(_ text: String) throws(DatabaseError) -> Decimal {
        try ValueTests.bytes(text) { bytes throws(DatabaseError) in try Decimal(exactly: bytes) }
    }

    private func written(_ decimal: Decimal) throws(DatabaseError) -> String {
        try ValueTests.written(decimal.writeDecimalText)
    }

    private static let nines = String(repeating: "9", count: 38)
    private static let most = "340282366920938463463374607431768211455"

    @Test(
        "Numbers survive their texts",
        arguments: [
            "0", "1", "-1", "42", "-12.3", "0.1", "-0.001", "100", "1000000000000000000000", "9007199254740993",
            "18446744073709551615", "18446744073709551616", "9999999999999999999", "10000000000000000001",
            "99999999999999999990000000000000000001", nines, "-" + nines, "0." + nines,
            "-1" + nines.dropFirst(2) + ".5", most, "0." + String(repeating: "0", count: 89) + most,
            most + String(repeating: "0", count: 127), "0." + String(repeating: "0", count: 119) + "1",
            "-0." + String(repeating: "0", count: 127) + "1", "1" + String(repeating: "0", count: 127),
            "3.14159265358979323846264338327950288419",
        ]
    )
    func roundTrips(text: String) throws {
        let decimal = try parse(text)
        #expect(!decimal.isNaN)
        #expect(try written(decimal) == text)
        #expect(decimal.description == text)
        #expect(Decimal(string: text) == decimal)
    }

    @Test(
        "Other spellings of a number give the same number",
        arguments: [
            ("+1", "1"), ("-0", "0"), ("-0.000", "0"), ("+0e5", "0"), ("0e999999999999999999999", "0"), ("007", "7"),
            ("1.50", "1.5"), ("-12.30", "-12.3"), ("1e2", "100"), ("1E+2", "100"), ("1.5e1", "15"), ("12e-1", "1.2"),
            ("100e-2", "1"), ("0.00", "0"), ("1e-120", "0." + String(repeating: "0", count: 119) + "1"),
            ("100000000000000000000000000000000000000000e-41", "1"),
            ("0.0000000000000000000000000000000000000000001e43", "1"),
            ("1.000000000000000000000000000000000000000000000000000000000000", "1"), ("120e126", "12e127"),
            ("000000000000000000000000000000000000000000000000001", "1"), ("10e-129", "1e-128"), ("1e-0128", "1e-128"),
            (nines + "e127", nines + "0e126"), (nines + "e-128", nines + "0e-129"),
        ]
    )
    func spellings(text: String, other: String) throws {
        #expect(try parse(text) == parse(other))
        #expect(try written(parse(text)) == written(parse(other)))
        #expect(try parse(text).hashValue == parse(other).hashValue)
    }

    @Test(
        "What is no number is invalid",
        arguments: [
            "", " ", "-", "+", ".", "1.", ".5", "-.5", "e5", "1e", "1e+", "1e-", "1e1.5", "1,5", "1 ", " 1", "12abc",
            "0x10", "NaN", "nan", "Infinity", "-Infinity", "inf", "--1", "+-1", "1.2.3", "1_000", "1'000", "１", "1e5e5",
        ]
    )
    func badTexts(text: String) {
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try parse(text) } == .invalidValue)
    }

    @Test(
        "What would be rounded is an overflow",
        arguments: [
            "340282366920938463463374607431768211456", nines + "9", "1" + nines + "1", "0.4" + nines, "1e128", "1e165",
            "-1e128", "1e-129", "1.5e-128", "1e999999999999999999999999", "1e18446744073709551616",
            "1e-999999999999999999999999", "9" + nines + "e-20",
            "1.00000000000000000000000000000000000000000000000000000000000001", "120e127",
            "0.34028236692093846346337460743176821145600001",
        ]
    )
    func overflow(text: String) {
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try parse(text) } == .overflow)
    }

    @Test("Not a number can't be written")
    func notANumber() {
        var buffer: [UInt8] = [1]
        let code = ValueTests.code { () throws(DatabaseError) in try Decimal.nan.writeDecimalText(to: &buffer) }
        #expect(code == .invalidParameter)
        #expect(buffer == [1])
    }

    @Test("What calculations give is written as Foundation describes it")
    func calculated() throws {
        var generator = ValueTests.Generator(seed: 11)
        var value = Decimal(1)
        for _ in 0..<300 {
            let factor = Decimal(Int.random(in: 1...1_000_000, using: &generator))
            value = Bool.random(using: &generator) ? value * factor : value / factor
            value = Bool.random(using: &generator) ? value - 1 / factor : -value
            if value.isNaN { value = factor }
            #expect(try written(value) == value.description)
        }
        for value in [Decimal.greatestFiniteMagnitude, .leastFiniteMagnitude, .leastNonzeroMagnitude, .pi, Decimal()] {
            #expect(try written(value) == value.description)
            #expect(try parse(written(value)) == value)
        }
    }

    @Test("Random digits survive, wherever the point stands")
    func randomDigits() throws {
        var generator = ValueTests.Generator(seed: 12)
        for _ in 0..<500 {
            let digits = (0..<Int.random(in: 0...36, using: &generator)).map { _ in
                Int.random(in: 0...9, using: &generator)
            }
            let significand = "7" + digits.map(String.init).joined() + "3"
            let exponent = Int.random(in: -128...127, using: &generator)
            let decimal = try parse("-\(significand)e\(exponent)")
            #expect(try parse(written(decimal)) == decimal)
            #expect(decimal.description == "-" + Self.plain(significand, exponent))
        }
    }

    /// An oracle of its own: moves the point in a text.
    private static func plain(_ significand: String, _ exponent: Int) -> String {
        guard exponent < 0 else { return significand + String(repeating: "0", count: exponent) }
        let padded = String(repeating: "0", count: max(0, -exponent + 1 - significand.count)) + significand
        return String(padded.dropLast(-exponent)) + "." + String(padded.suffix(-exponent))
    }

    @Test("Random bytes give a number or an error")
    func noise() {
        var generator = ValueTests.Generator(seed: 13)
        for round in 0..<6_000 {
            let bytes =
                round % 2 == 0
                ? ValueTests.noise(&generator) : ValueTests.mutation(of: "-12345678901234567890.5e-12", &generator)
            do throws(DatabaseError) {
                let decimal = try ValueTests.bytes(bytes) { text throws(DatabaseError) in try Decimal(exactly: text) }
                #expect(try parse(written(decimal)) == decimal)
            } catch {
                #expect(error.code == .invalidValue || error.code == .overflow)
            }
        }
    }

    @Test(
        "A Double of at most fifteen digits gives the decimal that was meant",
        arguments: [
            (0.1, "0.1"), (12.30, "12.3"), (-4.35, "-4.35"), (3.133, "3.133"), (2.675, "2.675"), (1e22, "1e22"),
            (123_456_789_012_345, "123456789012345"), (0.000_000_123_456_789_012_345, "1.23456789012345e-7"), (0, "0"),
            (-0.0, "0"), (1e-100, "1e-100"), (1e127, "1e127"), (999_999_999_999_999, "999999999999999"),
            (5e-128, "5e-128"),
        ] as [(Double, String)]
    )
    func shortest(value: Double, text: String) throws {
        #expect(try Decimal(shortest: value) == parse(text))
    }

    @Test(
        "A Double that means no decimal of fifteen digits is an overflow",
        arguments: [
            0.1 + 0.2, 1.0 / 3.0, .pi, 1_234_567_890_123_456, 9_007_199_254_740_992, 1e128, 1e308, 1e-129,
            .leastNonzeroMagnitude, .greatestFiniteMagnitude,
        ] as [Double]
    )
    func inexact(value: Double) {
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try Decimal(shortest: value) } == .overflow)
    }

    @Test("An infinite Double is no decimal", arguments: [Double.nan, .infinity, -.infinity])
    func infinite(value: Double) {
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try Decimal(shortest: value) } == .invalidValue)
    }
}
