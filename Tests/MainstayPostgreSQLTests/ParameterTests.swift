// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ParameterTests {
    @Test func `Scalars come back as they went, at their borders too`() throws {
        let zone = Timestamp(microsecondsSinceEpoch: 1_732_159_123_456_789)
        let cases: [(Value, String, Datum)] = [
            (.bool(true), "bool", .bool(true)), (.bool(false), "bool", .bool(false)),
            (.int16(.min), "int2", .integer(-32768)), (.int16(.max), "int2", .integer(32767)),
            (.int32(.min), "int4", .integer(-2_147_483_648)), (.int32(.max), "int4", .integer(2_147_483_647)),
            (.int64(.min), "int8", .integer(.min)), (.int64(.max), "int8", .integer(.max)),
            (.uint64(.max), "numeric", .decimal("18446744073709551615")), (.uint64(0), "numeric", .decimal("0")),
            (.float(.greatestFiniteMagnitude), "float4", .float(.greatestFiniteMagnitude)),
            (.float(.leastNonzeroMagnitude), "float4", .float(.leastNonzeroMagnitude)),
            (.double(.infinity), "float8", .double(.infinity)), (.double(-0.0), "float8", .double(-0.0)),
            (.double(.leastNonzeroMagnitude), "float8", .double(.leastNonzeroMagnitude)),
            (.text(""), "text", .text("")), (.text("é🧑‍🚀\u{1}"), "text", .text("é🧑‍🚀\u{1}")),
            (.bytes([]), "bytea", .bytes([])), (.bytes([0, 1, 255, 92, 39]), "bytea", .bytes([0, 1, 255, 92, 39])),
            (.date(try LocalDate(year: 2000, month: 1, day: 1)), "date", .date("2000-01-01")),
            (.date(try LocalDate(year: -4711, month: 1, day: 1)), "date", .date("-4711-01-01")),
            (.date(try LocalDate(year: 5_874_897, month: 12, day: 31)), "date", .date("+5874897-12-31")),
            (.time(.midnight), "time", .time("00:00:00")),
            (
                .time(try LocalTime(hour: 23, minute: 59, second: 59, microsecond: 999_999)), "time",
                .time("23:59:59.999999")
            ),
            (
                .dateTime(LocalDateTime(microsecondsSinceEpoch: -1)), "timestamp",
                .dateTime("1969-12-31 23:59:59.999999")
            ),
            (.timestamp(zone), "timestamptz", .timestamp("\(zone)")),
            (.decimal(Decimal(string: "-0.00001")!), "numeric", .decimal("-0.00001")),
            (.json(#"{"a": [1, null]}"#), "json", .json(#"{"a": [1, null]}"#)),
            (.json(#"{"b":1,  "a":2}"#), "jsonb", .json(#"{"a": 2, "b": 1}"#)),
            (.null(.int64), "int8", .null), (.null(.any), "uuid", .null), (.null(.text), "text", .null),
        ]
        try TestServer.withConnection { connection throws in
            for (value, type, expected) in cases {
                #expect(try connection.cell("SELECT $1::\(type)", value) == expected, "\(value)")
            }
            let uuid = UUID()
            let bytes = withUnsafeBytes(of: uuid.uuid) { Array($0) }
            #expect(try connection.cell("SELECT $1", .uuid(uuid)) == .uuid(bytes))
            guard case .double(let nan) = try connection.cell("SELECT $1", .double(.nan)) else {
                Issue.record("no double")
                return
            }
            #expect(nan.isNaN)
        }
    }

    @Test func `A text fits columns that have another type`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript(
                """
                CREATE TYPE mood AS ENUM ('sad', 'ok');
                CREATE TABLE t (m mood, u uuid, d date, j jsonb, i inet, n numeric(5,2), x xml)
                """
            )
            let values = [
                "ok", "12345678-1234-1234-1234-123456789abc", "2024-02-29", "[1]", "10.0.0.0/8", "1.5", "<a/>",
            ]
            let statement = try connection.prepare(
                "INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7) RETURNING *",
                parameterTypes: values.map { _ in .text }
            )
            #expect(
                try statement.rows(values.map { .text($0) }) == [
                    [
                        .text("ok"),
                        .uuid([
                            0x12, 0x34, 0x56, 0x78, 0x12, 0x34, 0x12, 0x34, 0x12, 0x34, 0x12, 0x34, 0x56, 0x78, 0x9A,
                            0xBC,
                        ]),
                        .date("2024-02-29"), .json("[1]"), .text("10.0.0.0/8"), .decimal("1.50"), .text("<a/>"),
                    ]
                ]
            )
        }
    }

    @Test func `An integer has the type of its width, and the error says so`() throws {
        try TestServer.withConnection { connection throws in
            #expect(try connection.cell("SELECT pg_typeof($1)::text", .int64(1)) == .text("bigint"))
            #expect(try connection.cell("SELECT pg_typeof($1)::text", .int32(1)) == .text("integer"))
            let error = failure { try connection.execute("SELECT make_date($1, 1, 1)", .int64(2024)) }.error
            #expect(error?.code == .undefinedObject)
            #expect(error?.sqlState == "42883")
            #expect(error?.hint?.contains("Int32") == true)
            #expect(try connection.cell("SELECT make_date($1, 1, 1)", .int32(2024)) == .date("2024-01-01"))
        }
    }

    @Test func `A value that can't be bound is refused before anything is sent`() throws {
        try TestServer.withConnection { connection throws in
            try connection.begin(TransactionOptions())
            let text = try connection.prepare("SELECT $1::text", parameterTypes: [.text])
            let day = try connection.prepare("SELECT $1::date", parameterTypes: [.date])
            let decimal = try connection.prepare("SELECT $1::numeric", parameterTypes: [.decimal])
            let cases: [(any PreparedStatement, [Value], DatabaseError.Code)] = [
                (text, [.text("a\0b")], .invalidParameter),
                (text, [.int64(1)], .invalidParameter),
                (text, [], .parameterCount),
                (text, [.text("a"), .text("b")], .parameterCount),
                (day, [.date(LocalDate(daysSinceEpoch: .min))], .invalidParameter),
                (decimal, [.decimal(.nan)], .invalidParameter),
            ]
            for (statement, values, code) in cases {
                #expect(failure { try statement.start(values, reading: .all) }.error?.code == code, "\(values)")
            }
            // Had the server seen any of them, the transaction would have failed.
            #expect(connection.transactionState == .active)
            #expect(try text.rows([.text("b")]) == [[.text("b")]])
        }
    }

    @Test func `Values that are more than a message can hold are refused`() throws {
        var buffer = ParameterBuffer([.bytes, .bytes], limit: 1 << 20)
        let half = [UInt8](repeating: 0, count: 1 << 19)
        #expect(failure { try buffer.encode([.bytes(half), .bytes(half)]) }.error?.code == .invalidParameter)
        // And the buffer is as good as before.
        try buffer.encode([.bytes([1]), .bytes([])])
    }

    @Test func `As many parameters as the protocol takes, and no more`() throws {
        try TestServer.withConnection { connection throws in
            let list = (1...65535).map { "$\($0)" }.joined(separator: ",")
            let statement = try connection.prepare(
                "SELECT count(*) FROM unnest(ARRAY[\(list)]) n",
                parameterTypes: Array(repeating: .int64, count: 65535)
            )
            #expect(try statement.rows(Array(repeating: .int64(7), count: 65535)) == [[.integer(65535)]])
            let error = failure {
                _ = try connection.prepare("SELECT 1", parameterTypes: Array(repeating: .int64, count: 65536))
            }.error
            #expect(error?.code == .invalidParameter)
        }
    }

    @Test(arguments: [
        ("SELECT $1::int", 0), ("SELECT $1::int", 2), ("SELECT 1", 1), ("SELECT '$1'", 1), ("SELECT $1 /* $2 */", 2),
        ("SELECT $1::int + $2", 1),
    ])
    func `More or fewer values than placeholders are an error`(sql: String, count: Int) throws {
        try TestServer.withConnection { connection throws in
            let error = failure {
                _ = try connection.prepare(sql, parameterTypes: Array(repeating: .int32, count: count))
            }.error
            #expect(error?.code == .parameterCount)
            #expect(connection.transactionState == .none)
        }
    }

    @Test func `Two statements in one are an error`() throws {
        try TestServer.withConnection { connection throws in
            let error = failure { _ = try connection.prepare("SELECT 1; SELECT 2", parameterTypes: []) }.error
            #expect(error?.code == .syntaxError)
        }
    }
}
