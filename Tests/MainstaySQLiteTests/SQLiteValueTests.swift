// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstaySQLite
import Testing

/// What SQLite stores of values, and which it refuses to lose.
@Suite(.timeLimit(.minutes(1)))
struct SQLiteValueTests {
    /// A value that went into SQLite and came out again.
    private func roundTrip<Output: SQLCodable & Sendable>(_ value: Output, column: ColumnType) async throws -> Output {
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            try await database.write { session in
                try session.execute("CREATE TABLE a (b \(type: column))")
                try session.execute("INSERT INTO a VALUES (\(value))")
                return try session.query("SELECT b FROM a", as: Output.self).one()
            }
        }
    }

    private func failure<Bound: SQLEncodable & Sendable>(_ value: Bound) async throws -> DatabaseError? {
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            try await databaseError { try await database.execute("SELECT \(value)") }
        }
    }

    @Test("Empty is not NULL")
    func empty() async throws {
        #expect(try await roundTrip([UInt8]() as [UInt8]?, column: .bytes) == [])
        #expect(try await roundTrip("" as String?, column: .text) == "")
        #expect(try await roundTrip([UInt8]?.none, column: .bytes) == nil)
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            let types = try await database.query(
                "SELECT typeof(\([UInt8]())), typeof(\("")), typeof(\(String?.none))",
                as: (String, String, String).self
            )
            #expect(types.first.map { [$0.0, $0.1, $0.2] } == ["blob", "text", "null"])
        }
    }

    @Test("NaN, which SQLite would store as NULL, is refused")
    func notANumber() async throws {
        #expect(try await failure(Double.nan)?.code == .invalidParameter)
        #expect(try await failure(Float.nan)?.code == .invalidParameter)
        #expect(try await failure(Float.nan as Float?)?.code == .invalidParameter)
    }

    @Test(
        "Doubles come back to the last bit",
        arguments: [
            0, -0.0, 0.1, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .pi, 1e15, 3,
        ]
    )
    func doubles(value: Double) async throws {
        let column = try await roundTrip(value, column: .double)
        // A REAL column keeps integers as integers on the disk, where minus zero has no place.
        #expect(column == value)
        #expect(try await roundTrip(value, column: .bytes).bitPattern == value.bitPattern)
    }

    @Test(
        "Floats come back exactly",
        arguments: [0.1, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude] as [Float]
    )
    func floats(value: Float) async throws {
        #expect(try await roundTrip(value, column: .float) == value)
    }

    @Test(
        "Text comes back to the last byte, U+0000 included",
        arguments: ["a\0b", "\0", "é👩‍👩‍👧", "e\u{301}", "\u{FEFF}", "'"]
    )
    func texts(text: String) async throws {
        #expect(Array(try await roundTrip(text, column: .text).utf8) == Array(text.utf8))
        #expect(Array(try await roundTrip(text, column: .varchar(1)).utf8) == Array(text.utf8))
    }

    @Test("Text that looks like a number stays text", arguments: ["1", "1.50", "1e3", "0x10", " 1", "007"])
    func numericTexts(text: String) async throws {
        for column in [ColumnType.text, .varchar(9), .json, .decimal(precision: 9, scale: 2), .uuid, .timestamp] {
            #expect(try await roundTrip(text, column: column) == text)
        }
    }

    @Test(
        "Decimals are exact, whatever they look like",
        arguments: [
            "0", "0.1", "-0.001", "1.10", "12345678901234567890.123456789", "9007199254740993",
            "1000000000000000000000",
        ]
    )
    func decimals(text: String) async throws {
        let decimal = try #require(Decimal(string: text))
        #expect(try await roundTrip(decimal, column: .decimal(precision: 38, scale: 10)) == decimal)
    }

    @Test("Integers end where SQLite's do", arguments: [Int64.min, -1, 0, 1, .max])
    func integers(value: Int64) async throws {
        #expect(try await roundTrip(value, column: .int64) == value)
    }

    @Test("Unsigned integers of the upper half are refused, and those of the lower are not")
    func unsigned() async throws {
        #expect(try await roundTrip(UInt64(Int64.max), column: .uint64) == UInt64(Int64.max))
        #expect(try await failure(UInt64(Int64.max) + 1)?.code == .invalidParameter)
        #expect(try await failure(UInt64.max)?.code == .invalidParameter)
    }

    @Test("Arrays are refused, and lists expand")
    func arrays() async throws {
        #expect(try await failure([1, 2])?.code == .unsupported)
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            #expect(try await database.value("SELECT 2 IN (\(list: [1, 2]))") == true)
            #expect(try await database.value("SELECT 2 IN (\(list: [Int]()))") == false)
            #expect(try await database.value("SELECT 2 NOT IN (\(list: [Int]()))") == true)
        }
    }

    @Test("Dates and times sort as text and come back")
    func dates() async throws {
        let timestamp = Timestamp(microsecondsSinceEpoch: 1_795_231_980_123_456)
        #expect(try await roundTrip(timestamp, column: .timestamp) == timestamp)
        let date = LocalDate(daysSinceEpoch: 20_778)
        #expect(try await roundTrip(date, column: .date) == date)
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            let isLater: Bool = try await database.value(
                "SELECT \(timestamp) > '2026-11-21' AND \(timestamp) < '2026-11-22'"
            )
            #expect(isLater)
            // SQLite's own time has no zone and is UTC.
            let now: Timestamp = try await database.value("SELECT CURRENT_TIMESTAMP")
            #expect(now > Timestamp(microsecondsSinceEpoch: 0))
        }
    }

    @Test("A text that is not UTF-8 is an error and not mended")
    func invalidText() async throws {
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            let error = try await databaseError {
                _ = try await database.value("SELECT CAST(x'61FF' AS TEXT)", as: String.self)
            }
            #expect(error?.code == .invalidValue)
            #expect(try await database.value("SELECT x'61FF'") == [0x61, 0xFF] as [UInt8])
        }
    }

    @Test("A value larger than SQLite takes is the statement's error")
    func tooLarge() async throws {
        try await TemporaryFolder.withDatabase("sqlite::memory:") { database async throws in
            let error = try await databaseError { _ = try await database.query("SELECT zeroblob(2000000000)") }
            #expect(error?.code == .valueOutOfRange)
            #expect(try await database.value("SELECT 1") == 1)
        }
    }
}
