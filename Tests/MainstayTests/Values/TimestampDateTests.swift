// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct TimestampDateTests {
    // From 1970 to 2001, where Date counts from.
    private static let referenceDate: Int64 = 978_307_200_000_000

    @Test("A date is rounded to the nearest microsecond")
    func rounding() throws {
        for (seconds, microseconds) in [
            (0, 0), (1e-6, 1), (0.4e-6, 0), (0.6e-6, 1), (-1e-6, -1), (-0.4e-6, 0), (-0.6e-6, -1), (0.1, 100_000),
            (-0.1, -100_000), (0.999_999_6, 1_000_000), (12_345.678_901, 12_345_678_901), (1.5, 1_500_000),
            (-1.5, -1_500_000),
        ] as [(Double, Int64)] {
            let timestamp = try Timestamp(Date(timeIntervalSinceReferenceDate: seconds))
            #expect(timestamp.microsecondsSinceEpoch - Self.referenceDate == microseconds)
        }
        #expect(try Timestamp(Date(timeIntervalSince1970: 0)).microsecondsSinceEpoch == 0)
    }

    @Test(
        "Dates that no timestamp can tell are an overflow",
        arguments: [
            Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1e13, -1e13,
            1e12 * 9.3, -1e12 * 9.3, 9_222_393_729_655, -9_224_350_344_056,
        ]
    )
    func uncountable(seconds: Double) {
        let code = ValueTests.code { () throws(DatabaseError) in
            _ = try Timestamp(Date(timeIntervalSinceReferenceDate: seconds))
        }
        #expect(code == .overflow)
    }

    @Test("The outermost whole seconds are still counted")
    func outermost() throws {
        let latest = try Timestamp(Date(timeIntervalSinceReferenceDate: 9_222_393_729_654))
        #expect(latest.microsecondsSinceEpoch == 9_223_372_036_854_000_000)
        let earliest = try Timestamp(Date(timeIntervalSinceReferenceDate: -9_224_350_344_054))
        #expect(earliest.microsecondsSinceEpoch == -9_223_372_036_854_000_000)
    }

    @Test("Every microsecond of the years 1729 to 2272 survives a Date")
    func roundTrips() throws {
        let range = -7_605_187_200_000_000...9_561_801_599_999_999 as ClosedRange<Int64>
        #expect(Timestamp(microsecondsSinceEpoch: range.lowerBound).description == "1729-01-01 00:00:00Z")
        #expect(Timestamp(microsecondsSinceEpoch: range.upperBound).description == "2272-12-31 23:59:59.999999Z")
        var generator = ValueTests.Generator(seed: 7)
        var samples = (0..<5_000).map { _ in Int64.random(in: range, using: &generator) }
        for border in [range.lowerBound, range.upperBound - 999, 0, Self.referenceDate] {
            samples += border...border + 999
        }
        for microseconds in samples {
            let timestamp = Timestamp(microsecondsSinceEpoch: microseconds)
            guard try Timestamp(timestamp.date()) == timestamp else {
                Issue.record("\(timestamp) came back as another instant")
                return
            }
        }
    }

    @Test("Elsewhere the instants that a Date can hold survive, and the others are an overflow")
    func farAway() throws {
        let wholeSecond = try #require(Timestamp("9999-12-31 23:59:59Z"))
        #expect(try Timestamp(wholeSecond.date()) == wholeSecond)
        #expect(try wholeSecond.date() == Date(timeIntervalSince1970: 253_402_300_799))
        for text in ["9999-12-31 23:59:59.999999Z", "0001-01-01 00:00:00.000001Z", "+294247-01-10 04:00:54.775807Z"] {
            let timestamp = try #require(Timestamp(text))
            let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try timestamp.date() })
            #expect(error.code == .overflow)
            #expect(error.hint?.contains("Timestamp") == true)
        }
    }

    @Test("Any instant gives itself or an overflow, never another instant")
    func neverAnother() throws {
        var generator = ValueTests.Generator(seed: 8)
        for _ in 0..<3_000 {
            let shift = Int.random(in: 0..<40, using: &generator)
            let microseconds = Int64.random(in: .min ... .max, using: &generator) >> shift
            let timestamp = Timestamp(microsecondsSinceEpoch: microseconds)
            do throws(DatabaseError) {
                let date = try timestamp.date()
                #expect(try Timestamp(date) == timestamp)
            } catch {
                #expect(error.code == .overflow)
            }
        }
        for microseconds in [Int64.min, .min + 1, .max - 1, .max] {
            let timestamp = Timestamp(microsecondsSinceEpoch: microseconds)
            #expect(ValueTests.code { () throws(DatabaseError) in _ = try timestamp.date() } == .overflow)
        }
    }
}
