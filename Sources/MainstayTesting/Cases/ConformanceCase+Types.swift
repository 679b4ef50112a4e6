// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private enum Colour: String, SQLCodable, CaseIterable {
    case red, green
}

private enum Level: Int, SQLCodable, CaseIterable {
    case low = -1
    case high = 7
}

private struct Settings: Codable, Sendable, Equatable {
    var theme: String
    var sizes: [Int]
    var nested: [String: Bool?]
}

extension ConformanceCase {
    /// Writes values to a column one by one and as a batch, and reads them back as the same type.
    private static func roundTrip<Value: SQLCodable & Equatable & Sendable>(
        _ database: Database,
        _ type: ColumnType,
        _ values: [Value],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await database.write { session in
            try session.execute("CREATE TABLE round_trip (id \(type: .int64), v \(type: type))")
            for (index, value) in values.enumerated() {
                try session.execute("INSERT INTO round_trip (id, v) VALUES (\(index), \(value))")
            }
            try session.execute(each: values.enumerated()) {
                "INSERT INTO round_trip (id, v) VALUES (\(1_000_000 + $0.offset), \($0.element))"
            }
            try session.execute("INSERT INTO round_trip (id, v) VALUES (-1, \(Value?.none))")
        }
        let (read, batched, null, rows) = try await database.read { session in
            (
                try session.query("SELECT v FROM round_trip WHERE id BETWEEN 0 AND 999999 ORDER BY id", as: Value.self)
                    .all(),
                try session.query("SELECT v FROM round_trip WHERE id >= 1000000 ORDER BY id", as: Value?.self).all(),
                try session.query("SELECT v FROM round_trip WHERE id = -1", as: Value?.self).one(),
                try session.query("SELECT v FROM round_trip WHERE id BETWEEN 0 AND 999999 ORDER BY id").all()
            )
        }
        #expect(read == values, sourceLocation: sourceLocation)
        #expect(batched == values, sourceLocation: sourceLocation)
        #expect(null == nil, sourceLocation: sourceLocation)
        #expect(try rows.map { try $0["v", as: Value.self] } == values, sourceLocation: sourceLocation)
        try await database.execute("DROP TABLE round_trip")
    }

    static let types: [ConformanceCase] = [
        ConformanceCase("integers of all widths, to their borders") { database, _ in
            try await roundTrip(database, .int64, [Int.min, -1, 0, 1, Int.max])
            try await roundTrip(database, .int64, [Int64.min, Int64.max])
            try await roundTrip(database, .int32, [Int32.min, 0, Int32.max])
            try await roundTrip(database, .int16, [Int16.min, 0, Int16.max])
            try await roundTrip(database, .int16, [Int8.min, 0, Int8.max])
            try await roundTrip(database, .int16, [UInt8.min, UInt8.max])
            try await roundTrip(database, .int32, [UInt16.min, UInt16.max])
            try await roundTrip(database, .int64, [UInt32.min, UInt32.max])
            try await roundTrip(database, .uint64, [UInt64(0), 1, UInt64(Int64.max)])
            try await roundTrip(database, .uint64, [UInt(0), UInt(Int.max)])
        },
        ConformanceCase("unsigned integers of 64 bits, or a refusal") { database, _ in
            let large: [UInt64] = [UInt64(Int64.max) + 1, UInt64.max]
            try await database.execute("CREATE TABLE large (v \(type: .uint64))")
            for value in large {
                do {
                    try await database.execute("INSERT INTO large (v) VALUES (\(value))")
                    #expect(try await database.query("SELECT v FROM large", as: UInt64.self) == [value])
                    await expectAsyncError(.overflow) {
                        try await database.query("SELECT v FROM large", as: Int64.self)
                    }
                    try await database.execute("DELETE FROM large")
                } catch let error as DatabaseError {
                    #expect(error.code == .invalidParameter, "\(error)")
                }
            }
        },
        ConformanceCase("unsigned integers of 64 bits are kept", requires: .unsignedIntegers) { database, _ in
            try await roundTrip(database, .uint64, [UInt64(0), UInt64(Int64.max) + 1, UInt64.max])
        },
        ConformanceCase("booleans") { database, _ in
            try await roundTrip(database, .bool, [true, false])
            #expect(try await database.query("SELECT 1 = 1", as: Bool.self) == [true])
            #expect(try await database.query("SELECT 1 = 2", as: Bool.self) == [false])
        },
        ConformanceCase("floating-point numbers, to the last bit") { database, backend in
            let doubles = [
                0, -0.0, 1, -1.5, 0.1, 1 / 3, .pi, .leastNormalMagnitude, .leastNonzeroMagnitude,
                .greatestFiniteMagnitude,
                -.greatestFiniteMagnitude, .ulpOfOne, 1e22, 123_456_789.123_456_78,
            ]
            try await roundTrip(database, .double, doubles)
            try await roundTrip(
                database,
                .float,
                [0 as Float, -1.5, 0.1, 1 / 3, .pi, .leastNormalMagnitude, .greatestFiniteMagnitude, 16_777_216]
            )
            let capabilities = backend.dialect.capabilities
            try await database.execute("CREATE TABLE special (v \(type: .double))")
            for (value, capability) in [
                (Double.infinity, Capabilities.infinity), (-.infinity, .infinity), (.nan, .notANumber),
            ] {
                try await database.execute("DELETE FROM special")
                if capabilities.contains(capability) {
                    try await database.execute("INSERT INTO special (v) VALUES (\(value))")
                    let read = try await database.query("SELECT v FROM special", as: Double.self)
                    #expect(read.map(\.description) == [value.description])
                } else {
                    await expectAsyncError(.invalidParameter) {
                        try await database.execute("INSERT INTO special (v) VALUES (\(value))")
                    }
                }
            }
        },
        ConformanceCase("text: empty, long, and in every script") { database, _ in
            let texts = [
                "", " ", "a", "'\"\\`%_?$1:name;--", "\n\r\t\u{1}\u{7f}", "äöüß é e\u{301}", "日本語", "😀👩‍👩‍👧‍👦🏳️‍🌈", "\u{10FFFF}",
                "العربية",
                String(repeating: "long ", count: 5_000), "NULL", "trailing  ",
            ]
            try await roundTrip(database, .text, texts)
            try await roundTrip(database, .varchar(200), texts.filter { $0.count < 100 })
            // Two spellings of é are two texts: what comes back has the same scalars.
            let read = try await database.query("SELECT \("e\u{301}")", as: String.self)
            #expect(read.map { Array($0.unicodeScalars) } == [Array("e\u{301}".unicodeScalars)])
        },
        ConformanceCase("bytes: empty, every value, and long") { database, _ in
            try await roundTrip(
                database,
                .bytes,
                [[], [0], [255], (0...255).map { UInt8($0) }, [UInt8](repeating: 0, count: 100_000)]
            )
        },
        ConformanceCase("UUIDs") { database, _ in
            let fixed = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
            let zero = try #require(UUID(uuidString: "00000000-0000-0000-0000-000000000000"))
            let ones = try #require(UUID(uuidString: "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"))
            try await roundTrip(database, .uuid, [fixed, zero, ones, UUID(), UUID()])
            try await database.execute("CREATE TABLE keyed (id \(type: .uuid))")
            try await database.execute("INSERT INTO keyed (id) VALUES (\(fixed))")
            #expect(try await database.query("SELECT count(*) FROM keyed WHERE id = \(fixed)", as: Int.self) == [1])
            #expect(
                try await database.query("SELECT id FROM keyed WHERE id IN (\(list: [fixed]))", as: UUID.self) == [
                    fixed
                ]
            )
        },
        ConformanceCase("dates") { database, _ in
            let dates = try [
                (1000, 1, 1), (1582, 10, 15), (1900, 2, 28), (1970, 1, 1), (2000, 2, 29), (2026, 11, 21),
                (9999, 12, 31),
            ]
            .map { try LocalDate(year: $0.0, month: $0.1, day: $0.2) }
            try await roundTrip(database, .date, dates)
        },
        ConformanceCase("times of day, to the microsecond") { database, _ in
            let times = try [(0, 0, 0, 0), (0, 0, 0, 1), (12, 30, 0, 500_000), (23, 59, 59, 999_999)]
                .map { try LocalTime(hour: $0.0, minute: $0.1, second: $0.2, microsecond: $0.3) }
            try await roundTrip(database, .time, times)
        },
        ConformanceCase("dates and times without zone, to the microsecond") { database, _ in
            let noon = try LocalTime(hour: 12, minute: 34, second: 56, microsecond: 123_456)
            let last = try LocalTime(hour: 23, minute: 59, second: 59, microsecond: 999_999)
            let values = try [
                LocalDateTime(date: LocalDate(year: 1000, month: 1, day: 1), time: LocalTime(hour: 0, minute: 0)),
                LocalDateTime(date: LocalDate(year: 1969, month: 12, day: 31), time: last),
                // An hour that many zones skip: without a zone it is a time like any other.
                LocalDateTime(date: LocalDate(year: 2026, month: 3, day: 29), time: LocalTime(hour: 2, minute: 30)),
                LocalDateTime(date: LocalDate(year: 2026, month: 11, day: 21), time: noon),
                LocalDateTime(date: LocalDate(year: 9999, month: 12, day: 31), time: last),
            ]
            try await roundTrip(database, .dateTime, values)
        },
        ConformanceCase("instants, to the microsecond") { database, _ in
            let values: [Timestamp] = [
                Timestamp(microsecondsSinceEpoch: 0),
                Timestamp(microsecondsSinceEpoch: -1),
                Timestamp(microsecondsSinceEpoch: 1_795_000_000_123_456),
                Timestamp(microsecondsSinceEpoch: 4_102_444_800_000_001),
                Timestamp(microsecondsSinceEpoch: 253_402_300_799_999_999),
                Timestamp(microsecondsSinceEpoch: -30_000_000_000_000_000),
            ]
            try await roundTrip(database, .timestamp, values)
            let dates = [Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1_795_000_000.123_456)]
            try await database.execute("CREATE TABLE moments (id \(type: .int64), v \(type: .timestamp))")
            for (index, date) in dates.enumerated() {
                try await database.execute("INSERT INTO moments (id, v) VALUES (\(index), \(date))")
            }
            let read = try await database.query("SELECT v FROM moments ORDER BY id", as: Date.self)
            for (date, back) in zip(dates, read) {
                #expect(abs(date.timeIntervalSince(back)) < 0.000_000_5)
            }
            // Instants are compared as instants.
            let later = try await database.query(
                "SELECT id FROM moments WHERE v > \(Timestamp(dates[0]))",
                as: Int.self
            )
            #expect(later == [1])
            await expectAsyncError(.overflow, .invalidParameter) {
                try await database.execute(
                    "INSERT INTO moments (id, v) VALUES (9, \(Date(timeIntervalSince1970: .nan)))"
                )
            }
        },
        ConformanceCase("a timestamp of one kind is not read as the other", requires: .zonedTimestamps) { database, _ in
            try await database.execute("CREATE TABLE kinds (a \(type: .dateTime), b \(type: .timestamp))")
            let instant = Timestamp(microsecondsSinceEpoch: 1)
            let local = LocalDateTime(microsecondsSinceEpoch: 1)
            try await database.execute("INSERT INTO kinds (a, b) VALUES (\(local), \(instant))")
            await expectAsyncError(.typeMismatch) {
                try await database.query("SELECT a FROM kinds", as: Timestamp.self)
            }
            await expectAsyncError(.typeMismatch) {
                try await database.query("SELECT b FROM kinds", as: LocalDateTime.self)
            }
        },
        ConformanceCase("exact decimal numbers") { database, _ in
            let texts = [
                "0", "0.1", "-0.1", "12.3400000000", "99999999.99", "0.0000000001",
                "-1234567890123456789012345678.0123456789",
                "9999999999999999999999999999.9999999999", "0.3000000000",
            ]
            let values = try texts.map { try #require(Decimal(string: $0)) }
            try await roundTrip(database, .decimal(precision: 38, scale: 10), values)
            try await database.execute("CREATE TABLE money (v \(type: .decimal(precision: 20, scale: 4)))")
            let cent = try #require(Decimal(string: "0.01"))
            try await database.execute("INSERT INTO money (v) VALUES (\(cent))")
            #expect(try await database.query("SELECT v FROM money", as: Decimal.self) == [cent])
            #expect(try await database.query("SELECT v FROM money WHERE v = \(cent)", as: Decimal.self).count <= 1)
            await expectAsyncError(.invalidParameter) {
                try await database.execute("INSERT INTO money (v) VALUES (\(Decimal.nan))")
            }
        },
        ConformanceCase("decimal numbers are compared and computed exactly", requires: .strictColumnTypes) {
            database,
            _ in
            try await database.execute("CREATE TABLE money (v \(type: .decimal(precision: 38, scale: 18)))")
            let value = try #require(Decimal(string: "12345678901234567.123456789012345678"))
            let other = try #require(Decimal(string: "12345678901234567.123456789012345679"))
            try await database.execute("INSERT INTO money (v) VALUES (\(value))")
            #expect(try await database.query("SELECT v FROM money WHERE v = \(value)", as: Decimal.self) == [value])
            #expect(try await database.query("SELECT v FROM money WHERE v = \(other)", as: Decimal.self) == [])
            let sum = try await database.query("SELECT sum(v) FROM money", as: Decimal.self)
            #expect(sum == [value])
        },
        ConformanceCase("JSON from Codable") { database, _ in
            let settings = Settings(theme: "dark \"é😀\\ /", sizes: [1, 2, 3], nested: ["on": true, "off": false])
            try await database.execute("CREATE TABLE documents (id \(type: .int64), v \(type: .json))")
            try await database.execute("INSERT INTO documents (id, v) VALUES (1, \(JSON(settings)))")
            try await database.execute("INSERT INTO documents (id, v) VALUES (2, \(JSON<Settings>?.none))")
            let read = try await database.query("SELECT v FROM documents ORDER BY id", as: JSON<Settings>?.self)
            #expect(read == [JSON(settings), nil])
            struct Document: Decodable, Sendable {
                var id: Int
                var v: Settings?
            }
            let documents = try await database.query("SELECT * FROM documents ORDER BY id", decoding: Document.self)
            #expect(documents.map(\.v) == [settings, nil])
            await expectAsyncError(.invalidValue) {
                try await database.query("SELECT v FROM documents WHERE id = 1", as: JSON<[Int]>.self)
            }
        },
        ConformanceCase("enums by their raw values") { database, _ in
            try await roundTrip(database, .varchar(20), Colour.allCases)
            try await roundTrip(database, .int16, Level.allCases)
            await expectAsyncError(.invalidValue) { try await database.query("SELECT 'blue'", as: Colour.self) }
            await expectAsyncError(.invalidValue) { try await database.query("SELECT 3", as: Level.self) }
        },
        ConformanceCase("arrays", requires: .arrays) { database, _ in
            try await database.write { session in
                try session.execute(
                    "CREATE TABLE lists (a BIGINT[], b TEXT[], c BOOLEAN[], d UUID[], e DOUBLE PRECISION[])"
                )
                let (a, b) = ([1, -2, Int.max], ["x", "", "a\"b\\c,{}", "NULL", "é😀"])
                let (c, d, e) = ([true, false], [UUID(), UUID()], [0.1, .infinity, -1])
                try session.execute("INSERT INTO lists (a, b, c, d, e) VALUES (\(a), \(b), \(c), \(d), \(e))")
                try session.execute("INSERT INTO lists (a, b) VALUES (\([Int]()), \(["x", nil] as [String?]))")
                let first = try session.query("SELECT a, b, c, d, e FROM lists WHERE c IS NOT NULL").one()
                #expect(try first["a", as: [Int].self] == a)
                #expect(try first["b", as: [String].self] == b)
                #expect(try first["c", as: [Bool].self] == c)
                #expect(try first["d", as: [UUID].self] == d)
                #expect(try first["e", as: [Double].self] == e)
                let second = try session.query("SELECT a, b FROM lists WHERE c IS NULL", as: ([Int], [String?]).self)
                    .one()
                #expect(second.0 == [])
                #expect(second.1 == ["x", nil])
                expectError(.unexpectedNull) {
                    try session.query("SELECT b FROM lists WHERE c IS NULL", as: [String].self).one()
                }
                let found = try session.query("SELECT a FROM lists WHERE 1 = ANY(a)", as: [Int].self).all()
                #expect(found == [a])
                #expect(try session.query("SELECT count(*) FROM lists WHERE 'x' = ANY(b)", as: Int.self).one() == 2)
            }
        },
        ConformanceCase("arrays are refused with advice", without: .arrays) { database, _ in
            try await database.execute("CREATE TABLE lists (a \(type: .text))")
            let error = await expectAsyncError(.unsupported) {
                try await database.execute("INSERT INTO lists (a) VALUES (\([1, 2]))")
            }
            #expect(error?.hint != nil)
        },
        ConformanceCase("a parameter on its own is read as what it was") { database, _ async throws in
            #expect(try await database.query("SELECT \(42)", as: Int.self) == [42])
            #expect(try await database.query("SELECT \("text")", as: String.self) == ["text"])
            #expect(try await database.query("SELECT \(1.5)", as: Double.self) == [1.5])
            #expect(try await database.query("SELECT \(true)", as: Bool.self) == [true])
            #expect(try await database.query("SELECT \([1, 2, 3] as [UInt8])", as: [UInt8].self) == [[1, 2, 3]])
            #expect(try await database.query("SELECT \(Int?.none)", as: Int?.self) == [nil])
            #expect(try await database.query("SELECT \(20) + \(22)", as: Int.self) == [42])
        },
    ]
}
