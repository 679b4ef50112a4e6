// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ResultFormatTests {
    static let expressions = [
        "true", "false", "NULL::int", "(-32768)::int2", "2147483647", "(-9223372036854775808)::int8", "4294967295::oid",
        "1.5::float4", "'-infinity'::float8", "1e-300::float8", "0.1::float4", "123456.789e3::float8",
        "''::text", "'é'::varchar(3)", "'a'::char(3)", "'n'::name", "'x'::\"char\"", "''::\"char\"",
        "'\\x00ff5c'::bytea", "''::bytea", "'12345678-1234-5678-1234-56789ABCDEF0'::uuid",
        "date '2024-02-29'", "date '0044-03-15 BC'", "date '0001-12-31 BC'", "date '5874897-12-31'",
        "date '4713-01-01 BC'",
        "date 'infinity'", "date '-infinity'", "time '23:59:59.999999'", "time '24:00:00'",
        "timestamp '2024-02-29 12:34:56.7'", "timestamp '0100-01-01 00:00:00 BC'", "timestamp 'infinity'",
        "timestamp '294276-12-31 23:59:59.999999'",
        "timestamptz '2024-07-01 12:00:00.000001+05:30'", "timestamptz '1883-01-01 00:00:00Z'",
        "timestamptz '-infinity'", "timestamptz '0044-03-15 12:00:00+00 BC'",
        "'{\"a\": 1}'::json", "'{\"a\": 1}'::jsonb", "'[]'::jsonb",
        "0::numeric", "-0.001::numeric", "12345.6789::numeric", "10000::numeric", "100000000::numeric(20,4)",
        "0.00000001::numeric", "'NaN'::numeric", "'Infinity'::numeric", "'-Infinity'::numeric", "1e130::numeric",
        "repeat('9', 200)::numeric", "1e-130::numeric", "1.10::numeric(10,7)", "0.0000::numeric",
        "ARRAY[1,NULL,3]", "ARRAY[]::text[]", "ARRAY['a','b c','NULL',NULL,'\"','\\','{','']", "ARRAY[[1,2],[3,4]]",
        "'[2:3]={7,8}'::int[]", "ARRAY[1.5,NULL]::numeric[]", "ARRAY['\\x0022'::bytea]", "ARRAY[true,false]",
        "ARRAY[timestamptz '2024-01-01 00:00:00Z']", "ARRAY['{\"a\": \"\\\"\"}'::jsonb]", "ARRAY[date '2024-01-01']",
        "ARRAY['12345678-1234-5678-1234-56789abcdef0'::uuid]", "ARRAY[date 'infinity']",
        "ARRAY[0.1::float4, 'NaN']::float4[]",
        "pg_sleep(0)",
    ]

    // Results are binary. A column of which only the text is understood makes text of the whole result.
    @Test(arguments: ["UTC", "Asia/Kolkata", "America/St_Johns", "Africa/Monrovia"], ["hex", "escape"])
    func `A value is the same cell in both formats`(zone: String, bytea: String) throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("SET TimeZone = '\(zone)'; SET bytea_output = \(bytea)")
            for expression in Self.expressions {
                let binary = try connection.cell("SELECT \(expression)")
                let text = try connection.rows("SELECT \(expression), interval '1 day'")
                #expect(text[0][1] == .text("1 day"))
                if "\(binary)".contains("nan") {
                    #expect("\(binary)" == "\(text[0][0])")
                } else {
                    #expect(binary == text[0][0], "\(expression)")
                }
            }
        }
    }

    @Test func `What no type can hold is an error, and the rest of the row is there`() throws {
        try TestServer.withConnection { connection throws in
            #expect(
                try connection.rows("SELECT 1, date 'infinity', timestamptz '-infinity', time '24:00', 2")
                    == [[.integer(1), .failure(.overflow), .failure(.overflow), .failure(.overflow), .integer(2)]]
            )
            #expect(try connection.cell("SELECT 'NaN'::numeric") == .decimal("NaN"))
        }
    }

    @Test func `Numbers of every size have every digit`() throws {
        try TestServer.withConnection { connection throws in
            let rows = try connection.rows(
                """
                SELECT n, n::text FROM (
                    SELECT round((random() * 2 - 1)::numeric * power(10::numeric, i % 60 - 20), i % 40) AS n
                    FROM generate_series(1, 3000) i
                ) numbers
                """
            )
            #expect(rows.count == 3000)
            for row in rows {
                guard case .decimal(let number) = row[0], case .text(let text) = row[1] else {
                    Issue.record("\(row)")
                    continue
                }
                #expect(number == text)
            }
        }
    }

    @Test func `Types that the driver doesn't know are text`() throws {
        try TestServer.withConnection { connection throws in
            _ = try connection.executeScript("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN small AS int2")
            #expect(
                try connection.rows(
                    """
                    SELECT 'ok'::mood, '1 day 02:00'::interval, '10.0.0.1/8'::inet, '[1,5)'::int4range, '1.50'::money::text,
                        ARRAY['sad']::mood[], 3::small, ROW(1, 'a'), 'pg_class'::regclass
                    """
                ) == [
                    [
                        .text("ok"), .text("1 day 02:00:00"), .text("10.0.0.1/8"), .text("[1,5)"), .text("$1.50"),
                        .text("{sad}"), .integer(3), .text("(1,a)"), .text("pg_class"),
                    ]
                ]
            )
        }
    }

    @Test func `A result is read row by row and all at once alike`() throws {
        try TestServer.withConnection { connection throws in
            let sql = "SELECT n, 'row ' || n, n / 3.0 FROM generate_series(1, $1) n"
            for count in [0, 1, 2, 1000] {
                let all = try connection.rows(sql, .int64(Int64(count)))
                #expect(all.count == count)
                #expect(try connection.rows(sql, .int64(Int64(count)), reading: .rowByRow) == all)
            }
        }
    }

    @Test func `Reading may end early, and the transaction goes on`() throws {
        try TestServer.withConnection { connection throws in
            try connection.begin(TransactionOptions())
            let many = try connection.prepare("SELECT generate_series(1, 200000)", parameterTypes: [])
            for rows in [0, 1, 3] {
                try many.start([], reading: .rowByRow)
                for _ in 0..<rows { #expect(try many.step()) }
                #expect(try many.finish() == Completion(affectedRows: 0))
                #expect(connection.transactionState == .active)
            }
            // Even if nobody finishes, as after an error of the reader.
            try many.start([], reading: .rowByRow)
            #expect(try many.step())
            #expect(try connection.cell("SELECT 1") == .integer(1))
            try many.start([], reading: .rowByRow)
            try connection.commit()
            #expect(connection.transactionState == .none)
        }
    }

    @Test func `An error after the first rows is thrown where it is met`() throws {
        try TestServer.withConnection { connection throws in
            let sql = "SELECT 1 / (5000 - n) FROM generate_series(1, 6000) n"
            let statement = try connection.prepare(sql, parameterTypes: [])
            #expect(failure { try statement.start([], reading: .all) }.error?.sqlState == "22012")
            try statement.start([], reading: .rowByRow)
            #expect(try statement.step())
            #expect(failure { while try statement.step() {} }.error?.sqlState == "22012")
            #expect(try connection.cell("SELECT 1") == .integer(1))
            // And early enough in the draining, for who didn't read so far.
            try statement.start([], reading: .rowByRow)
            #expect(failure { _ = try statement.finish() }.error?.sqlState == "22012")
        }
    }

    @Test func `Rows are counted if they were changed, and not if they were read`() throws {
        try TestServer.withConnection { connection throws in
            #expect(try connection.execute("CREATE TABLE t (a int)") == 0)
            #expect(try connection.execute("INSERT INTO t SELECT generate_series(1, 10)") == 10)
            #expect(try connection.execute("UPDATE t SET a = a WHERE a > 4") == 6)
            #expect(try connection.execute("SELECT * FROM t") == 0)
            #expect(try connection.execute("DELETE FROM t WHERE a = 1 RETURNING a") == 1)
            #expect(try connection.execute("CREATE TABLE u AS SELECT * FROM t") == 0)
            let statement = try connection.prepare("UPDATE t SET a = 0 RETURNING a", parameterTypes: [])
            try statement.start([], reading: .rowByRow)
            #expect(try statement.step())
            #expect(try statement.finish().affectedRows == 9)
        }
    }

    @Test func `Columns have their names`() throws {
        try TestServer.withConnection { connection throws in
            let statement = try connection.prepare("SELECT 1 AS \"a B\", 2 AS a, 3 AS a, 4", parameterTypes: [])
            #expect(statement.columns.map(\.name) == ["a B", "a", "a", "?column?"])
            #expect(try connection.prepare("SET TimeZone TO UTC", parameterTypes: []).columns.isEmpty)
        }
    }
}
