// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct LocalDateTimeTests {
    private func parse(_ text: String) throws(DatabaseError) -> LocalDateTime {
        try ValueTests.bytes(text) { bytes throws(DatabaseError) in try LocalDateTime(parsing: bytes) }
    }

    @Test(
        "Texts and microseconds since 1970 belong together",
        arguments: [
            ("1970-01-01 00:00:00", 0), ("1969-12-31 23:59:59.999999", -1), ("1970-01-01 00:00:00.000001", 1),
            ("1969-12-31 00:00:00", -86_400_000_000), ("2026-11-21 03:33:00.123456", 1_795_231_980_123_456),
            ("9999-12-31 23:59:59.999999", 253_402_300_799_999_999), ("0000-01-01 00:00:00", -62_167_219_200_000_000),
            ("-290308-12-21 19:59:05.224192", Int64.min), ("+294247-01-10 04:00:54.775807", Int64.max),
        ] as [(String, Int64)]
    )
    func textsAndMicroseconds(text: String, microseconds: Int64) throws {
        let value = LocalDateTime(microsecondsSinceEpoch: microseconds)
        #expect(try parse(text) == value)
        #expect(try parse(text.replacing(" ", with: "T")) == value)
        #expect(LocalDateTime(text) == value)
        #expect(value.description == text)
        #expect(try ValueTests.written { value.write(to: &$0) } == text)
        #expect("\(value.date) \(value.time)" == text)
        #expect(try LocalDateTime(date: value.date, time: value.time) == value)
    }

    @Test(
        "What is no date and time is invalid",
        arguments: [
            "", "2026-11-21", "03:33:00", "2026-11-21 ", "2026-11-21 03:33", "2026-11-21  03:33:00",
            "2026-11-21t03:33:00", "2026-11-21_03:33:00", "2026-11-21 03:33:00Z", "2026-11-21 03:33:00+00",
            "2026-11-21 03:33:00 ", "2026-02-29 00:00:00", "2026-11-21 24:00:00", "2026-11-21 24:00:01",
            "2026-11-21 03:33:00.", "2026-13-01 00:00:00", "0000-00-00 00:00", "0000-00-00 25:00:00",
            "2026-11-21 03:33:00BC", "2026-02-29 00:00:00 BC", "INFINITY",
        ]
    )
    func badTexts(text: String) {
        let error = ValueTests.error { () throws(DatabaseError) in _ = try parse(text) }
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains("zero date") == false)
        #expect(LocalDateTime(text) == nil)
    }

    @Test(
        "What PostgreSQL has and a date and time has not is an overflow",
        arguments: [
            ("infinity", "infinity"), ("-infinity", "infinity"), ("0044-03-15 10:00:00 BC", "before Christ"),
            ("0005-02-29 10:00:00.5 BC", "before Christ"), ("294247-01-10 04:00:54.775808", "range"),
            ("294276-12-31 23:59:59.999999", "range"), ("-290308-12-21 19:59:05.224191", "range"),
            ("-5877641-06-23 00:00:00", "range"), ("2026-11-21 03:33:00.1234567", "microsecond"),
        ]
    )
    func overflow(text: String, word: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(error.code == .overflow)
        #expect(error.message.contains(word))
    }

    @Test(
        "MariaDB's zero date is invalid and called by its name",
        arguments: ["0000-00-00 00:00:00", "0000-00-00 00:00:00.000000"]
    )
    func zeroDate(text: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(error.code == .invalidValue)
        #expect(error.message.contains("zero date"))
    }

    @Test("A date too far away can't be put together with a time")
    func uncountable() throws {
        let latest = try LocalTime(hour: 23, minute: 59, second: 59, microsecond: 999_999)
        for days in [Int32.min, -106_751_993, 106_751_992, .max] {
            let code = ValueTests.code { () throws(DatabaseError) in
                _ = try LocalDateTime(date: LocalDate(daysSinceEpoch: days), time: days < 0 ? .midnight : latest)
            }
            #expect(code == .overflow)
        }
        // The outermost days fit in part.
        #expect(
            try LocalDateTime(date: LocalDate(daysSinceEpoch: -106_751_992), time: latest).microsecondsSinceEpoch < 0
        )
        #expect(
            try LocalDateTime(date: LocalDate(daysSinceEpoch: 106_751_991), time: .midnight).microsecondsSinceEpoch > 0
        )
    }

    @Test("Any value survives its text, its date and its time")
    func roundTrips() throws {
        var generator = ValueTests.Generator(seed: 3)
        for _ in 0..<3_000 {
            let unit = ([1, 1_000_000, 86_400_000_000] as [Int64]).randomElement(using: &generator) ?? 1
            let count = Int64.random(in: .min / unit ... .max / unit, using: &generator)
            let value = LocalDateTime(microsecondsSinceEpoch: count * unit)
            #expect(LocalDateTime(value.description) == value)
            #expect(try LocalDateTime(date: value.date, time: value.time) == value)
        }
    }

    @Test("Texts of the years 0 to 9999 sort as the values do; others are refused")
    func sortable() throws {
        var generator = ValueTests.Generator(seed: 4)
        let range: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999
        var values = (0..<1_000).map { _ in
            LocalDateTime(microsecondsSinceEpoch: Int64.random(in: range, using: &generator))
        }
        values += [range.lowerBound, range.upperBound, -1, 0, 1].map(LocalDateTime.init(microsecondsSinceEpoch:))
        let texts = try values.map { value in try ValueTests.written(value.writeSortable) }
        #expect(Set(texts.map(\.utf8.count)) == [26])
        #expect(texts.sorted().compactMap(LocalDateTime.init) == values.sorted())
        for microseconds in [range.lowerBound - 1, range.upperBound + 1, .min, .max] {
            let value = LocalDateTime(microsecondsSinceEpoch: microseconds)
            let code = ValueTests.code { () throws(DatabaseError) in _ = try ValueTests.written(value.writeSortable) }
            #expect(code == .invalidParameter)
        }
    }
}
