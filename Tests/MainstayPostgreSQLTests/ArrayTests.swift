// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ArrayTests {
    @Test func `Arrays come back as they went, whatever is in them`() throws {
        let day = try LocalDate(year: -43, month: 3, day: 15)
        let cases: [(Value, String, [Datum])] = [
            (.array([], of: .int64), "int8[]", []),
            (
                .array([.int64(.min), .null(.int64), .int64(.max)], of: .int64), "int8[]",
                [.integer(.min), .null, .integer(.max)]
            ),
            (.array([.int16(-1)], of: .int16), "int2[]", [.integer(-1)]),
            (.array([.int32(7)], of: .int32), "int4[]", [.integer(7)]),
            (.array([.bool(true), .bool(false)], of: .bool), "bool[]", [.bool(true), .bool(false)]),
            (
                .array(
                    ["", "NULL", "null", "a,b", "{}", "\"", "\\", "\n ", "é"].map { .text($0) } + [.null(.text)],
                    of: .text
                ),
                "text[]",
                ["", "NULL", "null", "a,b", "{}", "\"", "\\", "\n ", "é"].map { .text($0) } + [.null]
            ),
            (.array([.bytes([]), .bytes([0, 34, 92])], of: .bytes), "bytea[]", [.bytes([]), .bytes([0, 34, 92])]),
            (.array([.float(1.5)], of: .float), "float4[]", [.float(1.5)]),
            (.array([.double(.infinity)], of: .double), "float8[]", [.double(.infinity)]),
            (.array([.date(day)], of: .date), "date[]", [.date("-0043-03-15")]),
            (.array([.time(.midnight)], of: .time), "time[]", [.time("00:00:00")]),
            (
                .array([.dateTime(LocalDateTime(microsecondsSinceEpoch: 1))], of: .dateTime), "timestamp[]",
                [.dateTime("1970-01-01 00:00:00.000001")]
            ),
            (
                .array([.timestamp(Timestamp(microsecondsSinceEpoch: 0))], of: .timestamp), "timestamptz[]",
                [.timestamp("1970-01-01 00:00:00Z")]
            ),
            (
                .array([.json("{\"a\":\"\\\"\"}"), .null(.json)], of: .json), "jsonb[]",
                [.json("{\"a\": \"\\\"\"}"), .null]
            ),
            (
                .array([.uint64(.max), .uint64(0)], of: .uint64), "numeric[]",
                [.decimal("18446744073709551615"), .decimal("0")]
            ),
            (.array([.null(.any), .null(.any)], of: .any), "uuid[]", [.null, .null]),
            (.array([], of: .any), "text[]", []),
        ]
        try TestServer.withConnection { connection throws in
            for (value, type, expected) in cases {
                #expect(try connection.cell("SELECT $1::\(type)", value) == .array(expected), "\(value)")
                // The text of a text array depends on no type that the server would have to guess.
                #expect(try connection.cell("SELECT $1::\(type) = ($1::\(type))::text::\(type)", value) == .bool(true))
            }
        }
    }

    @Test(arguments: [
        "0", "1", "-1", "9999", "10000", "10001", "99999999", "100000000", "0.1", "0.0001", "0.00001", "-0.00010001",
        "1234.5678", "12345.67891", "123456789012345678901234567890.12345678", "1000000000000000000000000000000000000",
        "0.00000000000000000000000000000000000001", "0.10", "42.000",
    ])
    func `Decimals in arrays have every digit`(text: String) throws {
        let decimal = try #require(Decimal(string: text))
        try TestServer.withConnection { connection throws in
            let value = Value.array([.decimal(decimal)], of: .decimal)
            #expect(try connection.cell("SELECT ($1::numeric[])[1] = $2::numeric", value, .text(text)) == .bool(true))
            #expect(try connection.cell("SELECT $1", value) == connection.cell("SELECT ARRAY[$1]", .decimal(decimal)))
        }
    }

    @Test func `Arrays have dimensions`() throws {
        let row = Value.array([.int32(1), .int32(2)], of: .int32)
        let other = Value.array([.int32(3), .null(.int32)], of: .int32)
        let matrix = Value.array([row, other], of: .array(.int32))
        let expected = Datum.array([.array([.integer(1), .integer(2)]), .array([.integer(3), .null])])
        try TestServer.withConnection { connection throws in
            #expect(try connection.cell("SELECT $1::int[]", matrix) == expected)
            #expect(try connection.cell("SELECT array_dims($1)", matrix) == .text("[1:2][1:2]"))
            let empty = Value.array([.array([], of: .int32), .array([], of: .int32)], of: .array(.int32))
            #expect(try connection.cell("SELECT $1::int[]", empty) == .array([]))
            // Lower bounds are read over.
            #expect(try connection.cell("SELECT '[0:1]={5,6}'::int[]") == .array([.integer(5), .integer(6)]))
            let ragged: [Value] = [
                .array([row, .array([], of: .int32)], of: .array(.int32)),
                .array([.array([], of: .int32), row], of: .array(.int32)),
                .array([row, .null(.array(.int32))], of: .array(.int32)),
                .array([.null(.array(.int32)), row], of: .array(.int32)),
            ]
            for value in ragged {
                let error = failure { _ = try connection.cell("SELECT $1::int[]", value) }.error
                #expect(error?.code == .invalidParameter, "\(value)")
            }
        }
    }

    @Test func `A list is a parameter of ANY`() throws {
        try TestServer.withConnection { connection throws in
            let numbers = Value.array((1...1000).map { .int64($0) }, of: .int64)
            #expect(
                try connection.cell("SELECT count(*) FROM generate_series(1, 5000) n WHERE n = ANY($1)", numbers)
                    == .integer(1000)
            )
            let words = Value.array([.text("a"), .text("b")], of: .text)
            #expect(try connection.cell("SELECT count(*) FROM unnest($1) w", words) == .integer(2))
        }
    }

    @Test func `A text with U+0000 is refused inside of an array too`() throws {
        try TestServer.withConnection { connection throws in
            let error = failure { _ = try connection.cell("SELECT $1", .array([.text("a\0")], of: .text)) }.error
            #expect(error?.code == .invalidParameter)
        }
    }
}
