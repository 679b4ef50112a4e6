// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct LocalDateTests {
    private func parse(_ text: String) throws(DatabaseError) -> LocalDate {
        try ValueTests.bytes(text) { bytes throws(DatabaseError) in try LocalDate(parsing: bytes) }
    }

    @Test(
        "Texts and days since 1970 belong together",
        arguments: [
            ("1970-01-01", 0), ("1969-12-31", -1), ("2026-11-21", 20_778), ("2000-02-29", 11_016),
            ("1900-02-28", -25_509), ("1900-03-01", -25_508), ("0001-01-01", -719_162), ("0000-01-01", -719_528),
            ("0000-02-29", -719_469), ("-0001-12-31", -719_529), ("-0004-02-29", -720_930), ("9999-12-31", 2_932_896),
            ("+10000-01-01", 2_932_897), ("-5877641-06-23", Int32.min), ("+5881580-07-11", Int32.max),
        ] as [(String, Int32)]
    )
    func textsAndDays(text: String, days: Int32) throws {
        #expect(try parse(text) == LocalDate(daysSinceEpoch: days))
        #expect(LocalDate(text) == LocalDate(daysSinceEpoch: days))
        #expect(LocalDate(daysSinceEpoch: days).description == text)
        #expect(try ValueTests.written { LocalDate(daysSinceEpoch: days).write(to: &$0) } == text)
    }

    @Test("PostgreSQL writes years above 9999 without a plus")
    func yearsWithoutPlus() throws {
        #expect(try parse("10000-01-01").description == "+10000-01-01")
        #expect(try parse("5874897-12-31").description == "+5874897-12-31")
    }

    @Test(
        "What is no date is invalid",
        arguments: [
            "", " ", "2026", "2026-11", "2026-11-", "2026-11-2", "2026-11-21 ", " 2026-11-21", "2026-11-21x",
            "2026-11-211", "2026-1-21", "2026-011-21", "26-11-21", "226-11-21", "02026-11-21", "+2026-11-21",
            "+02026-11-21", "-0000-01-01", "--2026-11-21", "+-10000-01-01", "2026/11/21", "2026-11/21", "20261121",
            "2026-11-21 00:00:00", "12345678-01-01", "99999999999999999999999999-01-01", "２０２６-11-21", "2026-00-21",
            "2026-13-21", "2026-11-00", "2026-11-31", "2026-02-29", "1900-02-29", "2100-02-29", "2026-04-31",
            "2026-01-32", "2026-99-99", "Infinity", "infinity ", "0000-00-00 ", "0000-00-01", "0000-01-00",
            "2026-00-00", "NaN", "0000-01-01 BC", "2026-02-30 BC", " BC", "BC", "x BC",
        ]
    )
    func badTexts(text: String) {
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try parse(text) } == .invalidValue)
        #expect(LocalDate(text) == nil)
    }

    @Test(
        "What PostgreSQL has and a date has not is an overflow",
        arguments: [
            ("infinity", "infinity"), ("-infinity", "infinity"), ("0044-03-15 BC", "before Christ"),
            ("0005-02-29 BC", "before Christ"), ("5881581-01-01", "range"), ("5881580-07-12", "range"),
            ("-5877641-06-22", "range"), ("9999999-12-31", "range"),
        ]
    )
    func overflow(text: String, word: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(error.code == .overflow)
        #expect(error.message.contains(word))
    }

    @Test("MariaDB's zero date is invalid and called by its name")
    func zeroDate() throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse("0000-00-00") })
        #expect(error.code == .invalidValue)
        #expect(error.message.contains("zero date"))
    }

    @Test(
        "An error keeps the text to itself",
        arguments: ["2026-11-99", "2026-11-2", "2026777-01-01 BC", "9992026-01-01"]
    )
    func errorsHideTexts(text: String) throws {
        let error = try #require(ValueTests.error { () throws(DatabaseError) in _ = try parse(text) })
        #expect(!error.description.contains("2026"))
        #expect(error.sensitiveDetail == text)
    }

    @Test("A date is made of year, month and day")
    func components() throws {
        let date = try LocalDate(year: 2026, month: 11, day: 21)
        #expect(date.daysSinceEpoch == 20_778)
        #expect((date.year, date.month, date.day) == (2026, 11, 21))
        #expect(try LocalDate(year: -5_877_641, month: 6, day: 23).daysSinceEpoch == Int32.min)
        #expect(try LocalDate(year: 5_881_580, month: 7, day: 11).daysSinceEpoch == Int32.max)
    }

    @Test(
        "Days that the calendar has not are invalid",
        arguments: [
            (2023, 2, 30), (2023, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 6, 31), (2026, 9, 31), (2026, 11, 31),
            (2026, 1, 32), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, -1), (2026, Int.max, 1),
            (2026, 1, Int.min),
        ]
    )
    func noSuchDays(year: Int, month: Int, day: Int) {
        let code = ValueTests.code { () throws(DatabaseError) in _ = try LocalDate(year: year, month: month, day: day) }
        #expect(code == .invalidValue)
    }

    @Test(
        "Days that can't be counted are an overflow",
        arguments: [
            (5_881_580, 7, 12), (5_881_581, 1, 1), (-5_877_641, 6, 22), (-5_877_642, 12, 31), (Int.max, 1, 1),
            (Int.min, 1, 1),
        ]
    )
    func uncountableDays(year: Int, month: Int, day: Int) {
        let code = ValueTests.code { () throws(DatabaseError) in _ = try LocalDate(year: year, month: month, day: day) }
        #expect(code == .overflow)
    }

    @Test("Days follow each other as in the calendar", arguments: [-401, 1_599, 9_899])
    func walk(from start: Int) throws {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var days = try LocalDate(year: start, month: 1, day: 1).daysSinceEpoch
        for year in start..<start + 402 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for month in 1...12 {
                for day in 1...lengths[month - 1] + (isLeap && month == 2 ? 1 : 0) {
                    let date = LocalDate(daysSinceEpoch: days)
                    let isSame = date.year == year && date.month == month && date.day == day
                    guard isSame else {
                        Issue.record("\(date) is not \(year)-\(month)-\(day)")
                        return
                    }
                    days += 1
                }
            }
        }
    }

    @Test("Any date survives its text and its components")
    func roundTrips() throws {
        var generator = ValueTests.Generator(seed: 1)
        for _ in 0..<5_000 {
            let date = LocalDate(daysSinceEpoch: Int32.random(in: .min ... .max, using: &generator))
            #expect(LocalDate(date.description) == date)
            #expect(try LocalDate(year: date.year, month: date.month, day: date.day) == date)
        }
    }

    @Test("Earlier dates are less")
    func order() throws {
        #expect(try parse("-0001-12-31") < parse("0000-01-01"))
        #expect(try parse("9999-12-31") < parse("+10000-01-01"))
        #expect(try !(parse("2026-11-21") < parse("2026-11-21")))
    }

    @Test("Texts that sort are refused outside of the years 0 to 9999")
    func sortable() throws {
        for days in [-719_528, 0, 2_932_896] as [Int32] {
            let date = LocalDate(daysSinceEpoch: days)
            #expect(try ValueTests.written(date.writeSortable) == date.description)
        }
        for days in [-719_529, 2_932_897, .min, .max] as [Int32] {
            var buffer: [UInt8] = []
            let code = ValueTests.code { () throws(DatabaseError) in
                try LocalDate(daysSinceEpoch: days).writeSortable(to: &buffer)
            }
            #expect(code == .invalidParameter)
            #expect(buffer.isEmpty)
        }
    }
}
