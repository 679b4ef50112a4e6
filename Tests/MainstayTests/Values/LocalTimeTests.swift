// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct LocalTimeTests {
    private func parse(_ text: String) throws(DatabaseError) -> LocalTime {
        try ValueTests.bytes(text) { bytes throws(DatabaseError) in try LocalTime(parsing: bytes) }
    }

    @Test(
        "Texts and microseconds belong together",
        arguments: [
            ("00:00:00", 0), ("00:00:00.000001", 1), ("00:00:01", 1_000_000), ("00:01:00", 60_000_000),
            ("01:00:00", 3_600_000_000), ("12:34:56.123456", 45_296_123_456), ("23:59:59", 86_399_000_000),
            ("23:59:59.999999", 86_399_999_999), ("09:08:07.060504", 32_887_060_504),
        ] as [(String, Int64)]
    )
    func textsAndMicroseconds(text: String, microseconds: Int64) throws {
        let time = try LocalTime(microsecondsSinceMidnight: microseconds)
        #expect(try parse(text) == time)
        #expect(LocalTime(text) == time)
        #expect(time.description == text)
        #expect(try ValueTests.written { time.write(to: &$0) } == text)
    }

    @Test(
        "A fraction may have any number of digits, if those beyond the sixth are zeros",
        arguments: [
            ("00:00:00.1", 100_000), ("00:00:00.12", 120_000), ("00:00:00.123", 123_000), ("00:00:00.1234", 123_400),
            ("00:00:00.12345", 123_450), ("00:00:00.0", 0), ("00:00:00.1234560", 123_456),
            ("00:00:00.123456000000000000000000000000000000", 123_456),
        ] as [(String, Int64)]
    )
    func fractions(text: String, microseconds: Int64) throws {
        #expect(try parse(text).microsecondsSinceMidnight == microseconds)
    }

    @Test(
        "What is no time is invalid",
        arguments: [
            "", "1", "12", "12:", "12:3", "12:34", "12:34:", "12:34:5", "12:34:567", "1:34:56", "12:34:56.",
            "12:34:56,5", "12:34:56.x", "12:34:56.5x", "12:34:56.1234567x", "12:34:56 ", " 12:34:56", "12:34:56Z",
            "12:34:56+02", "12-34-56", "123456", "24:00:01", "24:01:00", "25:00:00", "24:00:00.000001", "12:60:00",
            "12:34:60", "99:99:99", "-01:00:00", "838:59:59", "infinity", "12:34:56 BC", "12:34:56 PM", "23:60:00",
            "23:59:60",
        ]
    )
    func badTexts(text: String) {
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try parse(text) } == .invalidValue)
        #expect(LocalTime(text) == nil)
    }

    @Test(
        "What is finer than a microsecond is an overflow",
        arguments: ["00:00:00.0000001", "23:59:59.9999999", "00:00:00.0000000000000000000000000000000000001"]
    )
    func tooFine(text: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(error.code == .overflow)
        #expect(error.message.contains("finer than a microsecond"))
    }

    @Test("PostgreSQL's end of the day is an overflow", arguments: ["24:00:00", "24:00:00.000000"])
    func endOfDay(text: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(error.code == .overflow)
        #expect(error.message.contains("24:00:00"))
    }

    @Test("A time is made of hour, minute, second and microsecond")
    func components() throws {
        let time = try LocalTime(hour: 12, minute: 34, second: 56, microsecond: 123_456)
        #expect(time.microsecondsSinceMidnight == 45_296_123_456)
        #expect((time.hour, time.minute, time.second, time.microsecond) == (12, 34, 56, 123_456))
        #expect(try LocalTime(hour: 0, minute: 0) == .midnight)
    }

    @Test(
        "Times that the day has not are invalid",
        arguments: [
            (24, 0, 0, 0), (-1, 0, 0, 0), (0, 60, 0, 0), (0, -1, 0, 0), (0, 0, 60, 0), (0, 0, -1, 0),
            (0, 0, 0, 1_000_000), (0, 0, 0, -1), (Int.max, 0, 0, 0), (0, Int.min, 0, 0),
        ]
    )
    func noSuchTimes(hour: Int, minute: Int, second: Int, microsecond: Int) {
        let code = ValueTests.code { () throws(DatabaseError) in
            _ = try LocalTime(hour: hour, minute: minute, second: second, microsecond: microsecond)
        }
        #expect(code == .invalidValue)
    }

    @Test("Microseconds outside of the day are invalid", arguments: [-1, 86_400_000_000, Int64.min, .max])
    func noSuchMicroseconds(microseconds: Int64) {
        let code = ValueTests.code { () throws(DatabaseError) in
            _ = try LocalTime(microsecondsSinceMidnight: microseconds)
        }
        #expect(code == .invalidValue)
    }

    @Test("Any time survives its texts, which sort as the times do")
    func roundTrips() throws {
        var generator = ValueTests.Generator(seed: 2)
        var times: [LocalTime] = []
        for _ in 0..<2_000 {
            // Also those of short fractions.
            let unit = ([1, 1_000, 1_000_000] as [Int64]).randomElement(using: &generator) ?? 1
            let microseconds = Int64.random(in: 0..<86_400_000_000 / unit, using: &generator) * unit
            times.append(try LocalTime(microsecondsSinceMidnight: microseconds))
        }
        for time in times { #expect(LocalTime(time.description) == time) }
        let texts = try times.map { time in try ValueTests.written { time.writeSortable(to: &$0) } }
        #expect(texts.compactMap(LocalTime.init) == times)
        #expect(texts.sorted().compactMap(LocalTime.init) == times.sorted())
        #expect(Set(texts.map(\.utf8.count)) == [15])
    }
}
