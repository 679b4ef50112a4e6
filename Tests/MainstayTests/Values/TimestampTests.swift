// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct TimestampTests {
    private func parse(_ text: String, assumingUTC: Bool = false) throws(DatabaseError) -> Timestamp {
        try ValueTests.bytes(text) { bytes throws(DatabaseError) in
            try Timestamp(parsing: bytes, assumingUTC: assumingUTC)
        }
    }

    @Test(
        "Texts and microseconds since 1970 belong together",
        arguments: [
            ("1970-01-01 00:00:00Z", 0), ("1969-12-31 23:59:59.999999Z", -1),
            ("2026-11-21 03:33:00.123456Z", 1_795_231_980_123_456), ("-290308-12-21 19:59:05.224192Z", Int64.min),
            ("+294247-01-10 04:00:54.775807Z", Int64.max),
        ] as [(String, Int64)]
    )
    func textsAndMicroseconds(text: String, microseconds: Int64) throws {
        let value = Timestamp(microsecondsSinceEpoch: microseconds)
        #expect(try parse(text) == value)
        #expect(try parse(text.replacing(" ", with: "T")) == value)
        #expect(Timestamp(text) == value)
        #expect(value.description == text)
        #expect(try ValueTests.written { value.write(to: &$0) } == text)
    }

    @Test(
        "All forms of zones name the same instant",
        arguments: [
            "2026-11-21 03:33:00Z", "2026-11-21 03:33:00+00", "2026-11-21 03:33:00-00", "2026-11-21 03:33:00+0000",
            "2026-11-21 03:33:00-00:00", "2026-11-21 05:33:00+02", "2026-11-20 22:33:00-05", "2026-11-21 09:03:00+0530",
            "2026-11-21 09:03:00+05:30", "2026-11-20 23:48:00-0345", "2026-11-21 03:52:32+00:19:32",
            "2026-11-21 19:32:59+15:59:59", "2026-11-20 11:33:01-15:59:59",
        ]
    )
    func zones(text: String) throws {
        #expect(try parse(text).description == "2026-11-21 03:33:00Z")
        #expect(try parse(text, assumingUTC: true).description == "2026-11-21 03:33:00Z")
    }

    @Test("The outermost instants can be written in any zone")
    func outermostZones() throws {
        #expect(try parse("+294247-01-10 06:00:54.775807+02") == Timestamp(microsecondsSinceEpoch: .max))
        #expect(try parse("-290308-12-21 17:59:05.224192-02") == Timestamp(microsecondsSinceEpoch: .min))
    }

    @Test("A text without a zone is UTC if that is assumed, else invalid")
    func noZone() throws {
        #expect(try parse("2026-11-21 03:33:00", assumingUTC: true).description == "2026-11-21 03:33:00Z")
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse("2026-11-21 03:33:00") })
        #expect(error.code == .invalidValue)
        #expect(error.message.contains("zone"))
        #expect(Timestamp("2026-11-21 03:33:00") == nil)
    }

    @Test(
        "What is no instant is invalid",
        arguments: [
            "", "2026-11-21", "2026-11-21Z", "03:33:00Z", "2026-11-21 03:33:00z", "2026-11-21 03:33:00 Z",
            "2026-11-21 03:33:00+", "2026-11-21 03:33:00+0", "2026-11-21 03:33:00+000", "2026-11-21 03:33:00+00:",
            "2026-11-21 03:33:00+00:0", "2026-11-21 03:33:00+00:00:", "2026-11-21 03:33:00+00:00:0",
            "2026-11-21 03:33:00+000000", "2026-11-21 03:33:00+00:00:00:00", "2026-11-21 03:33:00+16",
            "2026-11-21 03:33:00+99", "2026-11-21 03:33:00+00:60", "2026-11-21 03:33:00+00:00:60",
            "2026-11-21 03:33:00ZZ", "2026-11-21 03:33:00Z+00", "2026-11-21 03:33:00 UTC", "2026-11-21 03:33:00+02x",
            "2026-11-21 03:33:00.+02", "2026-02-30 03:33:00Z", "2026-11-21 24:00:00Z", "0000-00-00 00:00:00x",
            "2026-11-21 03:33:00--02", "2026-11-21 03:33:00+00.00",
        ]
    )
    func badTexts(text: String) {
        for assumingUTC in [false, true] {
            let code = ValueTests.code { () throws(DatabaseError) in _ = try parse(text, assumingUTC: assumingUTC) }
            #expect(code == .invalidValue)
        }
        #expect(Timestamp(text) == nil)
    }

    @Test(
        "What PostgreSQL has and a timestamp has not is an overflow",
        arguments: [
            ("infinity", "infinity"), ("-infinity", "infinity"), ("0044-03-15 10:00:00+00 BC", "before Christ"),
            ("0044-03-15 15:53:28+05:53:28 BC", "before Christ"), ("294247-01-10 04:00:54.775808+00", "range"),
            ("294276-12-31 23:59:59.999999+00", "range"), ("294247-01-10 04:00:54.775807-00:00:01", "range"),
            ("-290308-12-21 19:59:05.224192+00:00:01", "range"), ("2026-11-21 03:33:00.1234567Z", "microsecond"),
        ]
    )
    func overflow(text: String, word: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(error.code == .overflow)
        #expect(error.message.contains(word))
    }

    @Test("MariaDB's zero date is invalid and called by its name")
    func zeroDate() throws {
        for assumingUTC in [false, true] {
            let error = try #require(
                ValueTests.error { () throws(DatabaseError) in
                    _ = try parse("0000-00-00 00:00:00", assumingUTC: assumingUTC)
                }
            )
            #expect(error.code == .invalidValue)
            #expect(error.message.contains("zero date"))
        }
    }

    @Test("Any instant survives its text")
    func roundTrips() throws {
        var generator = ValueTests.Generator(seed: 5)
        for _ in 0..<3_000 {
            let value = Timestamp(microsecondsSinceEpoch: Int64.random(in: .min ... .max, using: &generator))
            #expect(Timestamp(value.description) == value)
        }
    }

    @Test("Texts of the years 0 to 9999 sort as the instants do; others are refused")
    func sortable() throws {
        var generator = ValueTests.Generator(seed: 6)
        let range: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999
        var values = (0..<1_000).map { _ in
            Timestamp(microsecondsSinceEpoch: Int64.random(in: range, using: &generator))
        }
        values += [range.lowerBound, range.upperBound, -1, 0, 1].map(Timestamp.init(microsecondsSinceEpoch:))
        let texts = try values.map { value in try ValueTests.written(value.writeSortable) }
        #expect(Set(texts.map(\.utf8.count)) == [27])
        #expect(texts.sorted().compactMap(Timestamp.init) == values.sorted())
        for microseconds in [range.lowerBound - 1, range.upperBound + 1, .min, .max] {
            let value = Timestamp(microsecondsSinceEpoch: microseconds)
            let code = ValueTests.code { () throws(DatabaseError) in _ = try ValueTests.written(value.writeSortable) }
            #expect(code == .invalidParameter)
        }
    }
}
