// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayMariaDB

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_MARIADB_URL is not set"))
struct ValueTests {
    private func uuid(_ text: String) throws -> UUID { try #require(UUID(uuidString: text)) }
    private func decimal(_ text: String) throws -> Decimal { try #require(Decimal(string: text)) }

    private func roundTrip(_ type: ColumnType, _ values: [(Value, Datum)]) throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (n INT PRIMARY KEY, v \(Dialect.mariaDB.columnType(type)))")
            for (index, (value, _)) in values.enumerated() {
                try connection.execute("INSERT INTO t VALUES (?, ?)", .int32(Int32(index)), value)
            }
            try connection.execute("INSERT INTO t VALUES (?, ?)", .int32(Int32(values.count)), .null(values[0].0.type))
            let rows = try connection.rows("SELECT v FROM t ORDER BY n")
            for (index, (value, datum)) in values.enumerated() {
                #expect(rows[index] == [datum], "\(type) \(value)")
                // And the server finds it again by the same value.
                if case .float = value { continue }
                let found = try connection.cell(
                    "SELECT COUNT(*) FROM t WHERE n = ? AND v = ?",
                    .int32(Int32(index)),
                    value
                )
                #expect(found == .integer(1), "\(type) \(value)")
            }
            #expect(rows[values.count] == [.null])
        }
    }

    @Test func `Integers`() throws {
        try roundTrip(.bool, [(.bool(true), .integer(1)), (.bool(false), .integer(0))])
        try roundTrip(.int16, [Int16.min, -1, 0, 1, .max].map { (.int16($0), .integer(Int64($0))) })
        try roundTrip(.int32, [Int32.min, -1, 0, 1, .max].map { (.int32($0), .integer(Int64($0))) })
        try roundTrip(.int64, [Int64.min, -1, 0, 1, .max].map { (.int64($0), .integer($0)) })
        try roundTrip(.uint64, [UInt64.min, 1, 1 << 63, .max].map { (.uint64($0), .unsigned($0)) })
    }

    @Test func `Integers of every width, signed and not`() throws {
        try TestServer.withConnection { connection in
            let types = ["TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"]
            let columns = types.enumerated().map { "s\($0) \($1), u\($0) \($1) UNSIGNED" }.joined(separator: ", ")
            try connection.execute("CREATE TABLE t (\(columns), y YEAR)")
            try connection.execute(
                """
                INSERT INTO t VALUES (-128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295,
                    -9223372036854775808, 18446744073709551615, 2155)
                """
            )
            let row: [Datum] = [
                .integer(-128), .integer(255), .integer(-32768), .integer(65535), .integer(-8_388_608),
                .integer(16_777_215), .integer(-2_147_483_648), .integer(4_294_967_295), .integer(.min),
                .unsigned(.max),
                .integer(2155),
            ]
            #expect(try connection.rows("SELECT * FROM t") == [row])
        }
    }

    @Test func `Floating-point numbers`() throws {
        let doubles = [0, -0.0, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .pi]
        try roundTrip(.double, doubles.map { (.double($0), .double($0)) })
        try roundTrip(.float, [0, 0.1, 1.5, -Float.pi].map { (.float($0), .float($0)) })
        let connection = try TestServer.connect()
        defer { connection.close() }
        for value: Value in [.double(.nan), .double(.infinity), .float(-.infinity), .float(.nan)] {
            #expect(failure { _ = try connection.cell("SELECT ?", value) }.error?.code == .invalidParameter)
        }
        #expect(connection.isUsable)
    }

    @Test func `Decimals are exact, in storing, comparing and reckoning`() throws {
        let texts = [
            "0", "0.5", "-0.5", "12345678901234567890123456789.12345678", "-99999999999999999999999999999.99999999",
        ]
        try roundTrip(
            .decimal(precision: 37, scale: 8),
            texts.map { text in
                let parts = text.split(separator: ".")
                let fraction = parts.count > 1 ? String(parts[1]) : ""
                let padded = fraction + String(repeating: "0", count: 8 - fraction.count)
                return (.decimal(try decimal(text)), .decimal("\(parts[0]).\(padded)"))
            }
        )
        try TestServer.withConnection { connection in
            // As floating-point numbers these would be the same.
            let (one, other) = ("12345678901234567890.12345678", "12345678901234567890.12345679")
            try connection.execute("CREATE TABLE t (v DECIMAL(38, 8))")
            try connection.execute("INSERT INTO t VALUES (?)", .decimal(decimal(one)))
            #expect(try connection.cell("SELECT COUNT(*) FROM t WHERE v = ?", .decimal(decimal(one))) == .integer(1))
            #expect(try connection.cell("SELECT COUNT(*) FROM t WHERE v = ?", .decimal(decimal(other))) == .integer(0))
            let sum = try connection.cell("SELECT ? + v FROM t", .decimal(decimal("0.00000001")))
            #expect(sum == .decimal(other))
        }
    }

    @Test func `Decimals that MariaDB would round are refused`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let large = Decimal(sign: .plus, exponent: 64, significand: 1)
        #expect(try connection.cell("SELECT ?", .decimal(large)) == .decimal("1" + String(repeating: "0", count: 64)))
        let small = Decimal(sign: .minus, exponent: -38, significand: 1)
        #expect(
            try connection.cell("SELECT ?", .decimal(small))
                == .decimal("-0." + String(repeating: "0", count: 37) + "1")
        )
        for decimal in [large * 10, small / 10, Decimal.nan] {
            #expect(failure { _ = try connection.cell("SELECT ?", .decimal(decimal)) }.error?.code == .invalidParameter)
        }
    }

    @Test func `Text`() throws {
        let texts = ["", "a", "a\0b", "\0", "e\u{301} 👩‍👩‍👧 \u{10FFFF}", "'; DROP TABLE t; --", "\\%_\"`", " padded "]
        try roundTrip(.text, texts.map { (.text($0), .text($0)) })
        try roundTrip(.varchar(40), texts.map { (.text($0), .text($0)) })
        try roundTrip(.json, [#"{"a": [1, null, "é"]}"#, "null", "[]"].map { (.json($0), .text($0)) })
    }

    @Test(arguments: [0, 1, 250, 251, 8191, 8192, 65_535, 65_536, 70_000, 5_000_000])
    func `Texts and bytes of any length`(_ count: Int) throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a INT, b LONGBLOB, c LONGTEXT, d INT)")
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
            let text = String(repeating: "x", count: count)
            try connection.execute("INSERT INTO t VALUES (1, ?, ?, 2)", .bytes(bytes), .text(text))
            let rows = try connection.rows("SELECT a, b, c, d, b FROM t UNION ALL SELECT 3, 'é', NULL, 4, '' FROM DUAL")
            #expect(rows[0] == [.integer(1), .bytes(bytes), .text(text), .integer(2), .bytes(bytes)])
            // A short row after a long one.
            #expect(rows[1] == [.integer(3), .bytes(Array("é".utf8)), .null, .integer(4), .bytes([])])
        }
    }

    @Test func `Sixteen megabytes, which the protocol splits`() throws {
        // Without a table, so that the server's limit for what comes in does not matter.
        let connection = try TestServer.connect()
        defer { connection.close() }
        let limit = try connection.largestPacket()
        for count in [limit - 200, 1 << 24, (1 << 24) - 1] where count < limit {
            #expect(
                try connection.cell("SELECT LENGTH(REPEAT('a', ?))", .int64(Int64(count))) == .integer(Int64(count))
            )
            guard case .text(let text) = try connection.cell("SELECT REPEAT('a', ?)", .int64(Int64(count))) else {
                return #expect(Bool(false))
            }
            #expect(text.utf8.count == count)
        }
    }

    @Test func `Bytes, bits and UUIDs`() throws {
        let bytes: [[UInt8]] = [[], [0], [0, 255, 128, 39, 92], Array(0...255)]
        try roundTrip(.bytes, bytes.map { (.bytes($0), .bytes($0)) })
        let uuid = try uuid("0123ABCD-4567-89EF-ABCD-EF0123456789")
        try roundTrip(.uuid, [(.uuid(uuid), .text("0123abcd-4567-89ef-abcd-ef0123456789"))])
        try TestServer.withConnection { connection in
            try connection.execute(
                "CREATE TABLE t (a BIT(12), b BINARY(3), c ENUM('x', 'y'), d SET('p', 'q'), e POINT)"
            )
            try connection.execute("INSERT INTO t VALUES (b'101010101010', 'ab', 'y', 'p,q', NULL)")
            let row: [Datum] = [.bytes([0x0A, 0xAA]), .bytes([97, 98, 0]), .text("y"), .text("p,q"), .null]
            #expect(try connection.rows("SELECT * FROM t") == [row])
        }
    }

    @Test func `Dates and times`() throws {
        let dates = [(0, 1, 1), (1, 1, 1), (1582, 10, 10), (1970, 1, 1), (2024, 2, 29), (9999, 12, 31)]
        try roundTrip(
            .date,
            dates.map { (year, month, day) in
                let date = try LocalDate(year: year, month: month, day: day)
                return (.date(date), .date("\(date)"))
            }
        )
        let times = [(0, 0, 0, 0), (23, 59, 59, 999_999), (12, 0, 0, 0), (0, 0, 0, 1), (7, 8, 9, 10)]
        try roundTrip(
            .time,
            times.map { (hour, minute, second, microsecond) in
                let time = try LocalTime(hour: hour, minute: minute, second: second, microsecond: microsecond)
                return (.time(time), .time("\(time)"))
            }
        )
        // The borders of the years, microseconds, and one with nothing but a date.
        let instants: [Int64] = [-62_167_219_200_000_000, 253_402_300_799_999_999, -1, 0, 1, 1_700_000_000_123_456]
        let moments = instants.map { LocalDateTime(microsecondsSinceEpoch: $0) }
        try roundTrip(.dateTime, moments.map { (.dateTime($0), .dateTime("\($0)")) })
        try roundTrip(
            .timestamp,
            zip(instants, moments).map { (.timestamp(Timestamp(microsecondsSinceEpoch: $0)), .dateTime("\($1)")) }
        )
    }

    @Test func `A TIMESTAMP is an instant in whatever zone the server is`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (v TIMESTAMP(6) NULL)")
            let instant = Timestamp(microsecondsSinceEpoch: 1_700_000_000_123_456)
            try connection.execute("INSERT INTO t VALUES (?)", .timestamp(instant))
            #expect(try connection.cell("SELECT v FROM t") == .timestamp("\(instant)"))
            #expect(try connection.cell("SELECT UNIX_TIMESTAMP(v) FROM t") == .decimal("1700000000.123456"))
        }
    }

    @Test func `Years that MariaDB does not have are refused`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        for year in [-1, 10_000] {
            let date = try LocalDate(year: year, month: 6, day: 1)
            let moment = try LocalDateTime(date: date, time: .midnight)
            let instant = Timestamp(microsecondsSinceEpoch: moment.microsecondsSinceEpoch)
            for value: Value in [.date(date), .dateTime(moment), .timestamp(instant)] {
                #expect(failure { _ = try connection.cell("SELECT ?", value) }.error?.code == .invalidParameter)
            }
        }
    }

    @Test func `Dates that are none and times that are no time of day are typed errors`() throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript(
                """
                SET sql_mode = 'ALLOW_INVALID_DATES';
                CREATE TABLE t (a DATE, b DATETIME(6), c TIMESTAMP NULL, d TIME(6));
                INSERT INTO t VALUES ('0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '-00:00:01');
                INSERT INTO t VALUES ('2024-00-10', '2024-05-00 01:02:03', NULL, '24:00:00');
                INSERT INTO t VALUES ('2024-02-31', '2024-02-31 01:02:03', NULL, '838:59:59');
                INSERT INTO t VALUES ('2024-02-28', '2024-02-28 01:02:03', NULL, '23:59:59')
                """
            )
            let bad = Datum.failure(.invalidValue)
            let rows: [[Datum]] = [
                [bad, bad, bad, .failure(.overflow)], [bad, bad, .null, .failure(.overflow)],
                [bad, bad, .null, .failure(.overflow)],
                [.date("2024-02-28"), .dateTime("2024-02-28 01:02:03"), .null, .time("23:59:59")],
            ]
            #expect(try connection.rows("SELECT * FROM t") == rows)
            #expect(try connection.reset() == false)
            let refused = failure { try connection.execute("INSERT INTO t (a) VALUES ('0000-00-00')") }.error
            #expect(refused?.code == .invalidValue)
            #expect(refused?.sensitiveDetail?.contains("0000-00-00") == true)
        }
    }

    @Test func `Nulls of every type, and of none`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let types: [ValueType] = [
            .any, .bool, .int16, .int32, .int64, .uint64, .float, .double, .text, .bytes, .uuid, .date, .time,
            .dateTime,
            .timestamp, .decimal, .json,
        ]
        for type in types {
            #expect(try connection.cell("SELECT ?", .null(type)) == .null)
            #expect(try connection.cell("SELECT ? IS NULL", .null(type)) == .integer(1))
        }
    }

    @Test func `There are no arrays`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let array = Value.array([.int64(1)], of: .int64)
        #expect(failure { _ = try connection.cell("SELECT ?", array) }.error?.code == .unsupported)
        #expect(failure { _ = try connection.cell("SELECT ?", .null(.array(.int64))) }.error?.code == .unsupported)
    }

    @Test func `One statement takes values of one type after another`() throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let statement = try connection.prepare("SELECT ?, ?", parameterTypes: [.any, .text])
        let rounds: [([Value], [Datum])] = [
            ([.int16(-2), .text("a")], [.integer(-2), .text("a")]),
            ([.text("long enough to move"), .int64(.max)], [.text("long enough to move"), .integer(.max)]),
            ([.null(.text), .bytes([1])], [.null, .bytes([1])]),
            ([.double(0.5), .null(.any)], [.double(0.5), .null]),
            ([.uint64(.max), .bool(true)], [.unsigned(.max), .integer(1)]),
        ]
        for (values, datums) in rounds { #expect(try statement.rows(values) == [datums]) }
        statement.close()
    }
}
