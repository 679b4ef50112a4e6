// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

/// Which rows are inserted by COPY, and which are left to INSERT because COPY would do something else.
@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct LoadingTests {
    private func rows(
        _ values: [Value],
        _ columns: [String] = ["a"],
        into table: String = "t"
    ) -> RowLoad {
        var rest = values[...]
        return RowLoad(table: [table], columns: columns, types: columns.indices.map { values[$0].type }) {
            let part = Array(rest.prefix(10_000))
            rest = rest.dropFirst(part.count)
            return part.isEmpty ? nil : part
        }
    }

    @Test(
        arguments: [
            ("int8", .int32(1)), ("int2", .int64(1)), ("varchar(5)", .text("a")), ("char(5)", .text("a")),
            ("json", .json("{}")), ("jsonb", .json("{}")), ("numeric(10,2)", .uint64(7)), ("bytea", .bytes([0, 255])),
        ] as [(String, Value)]
    )
    func `What a column holds as it is bound is loaded`(_ type: String, _ value: Value) throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a \(type), b int DEFAULT 7)")
            #expect(try connection.load(rows([value, .null(value.type)])) == 2)
            #expect(try connection.cell("SELECT count(*) FROM t WHERE b = 7") == .integer(2))
            #expect(try connection.cell("SELECT count(a) FROM t") == .integer(1))
        }
    }

    @Test(
        arguments: [
            // The server converts.
            ("timestamp", .timestamp(Timestamp(microsecondsSinceEpoch: 0))), ("float8", .float(1)),
            ("float4", .double(1)),
            ("date", .text("2020-01-01")), ("numeric", .int64(1)), ("text", .int64(1)),
            // It is to say itself that the number is too large, or that there is no such column.
            ("int2", .int64(70_000)), ("int GENERATED ALWAYS AS IDENTITY", .int32(1)),
            ("int GENERATED ALWAYS AS (1) STORED", .int32(1)),
        ] as [(String, Value)]
    )
    func `What is converted, or refused, is left to statements`(_ type: String, _ value: Value) throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a \(type), b int)")
            try connection.begin(TransactionOptions())
            #expect(try connection.load(rows([value])) == nil)
            #expect(try connection.load(rows([.int32(1)], ["no_such"])) == nil)
            #expect(try connection.load(rows([.int32(1)], into: "no_such")) == nil)
            // Nothing has happened.
            #expect(connection.transactionState == .active)
            try connection.commit()
        }
    }

    @Test(
        arguments: [
            "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING", "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT * FROM u",
        ]
    )
    func `Tables by whose rules COPY passes are left to statements`(_ sql: String) throws {
        try TestServer.withConnection { connection in
            _ = try connection.executeScript("CREATE TABLE t (a int); \(sql)")
            #expect(try connection.load(rows([.int32(1)])) == nil)
        }
    }

    @Test func `A failure is that of an INSERT, and the connection goes on`() throws {
        try TestServer.withConnection { connection in
            try connection.execute("CREATE TABLE t (a int UNIQUE)")
            let many = (0..<50_000).map { Value.int32($0) }
            let (twice, _) = failure { _ = try connection.load(rows(many + [.int32(49_000)])) }
            #expect(twice?.code == .uniqueViolation)
            #expect(twice?.constraint == "t_a_key")
            #expect(twice?.statement?.hasPrefix("COPY \"t\"") == true)
            let (zero, _) = failure { _ = try connection.load(rows([.text("a\0b")], into: "x")) }
            #expect(zero == nil)
            try connection.execute("CREATE TABLE x (a text)")
            let (nul, _) = failure { _ = try connection.load(rows([.text("a"), .text("a\0b")], into: "x")) }
            #expect(nul?.code == .invalidParameter)
            #expect(nul?.message.contains("row 1, column \"a\"") == true)
            // Of what comes when rows were sent already the error is the same, and nothing is inserted.
            let (large, _) = failure { _ = try connection.load(rows(many + [.int64(1 << 40)])) }
            #expect(large?.code == .valueOutOfRange)
            #expect(large?.sqlState == "22003")
            #expect(large?.message.contains("row 50000, column \"a\"") == true)
            #expect(connection.transactionState == .none)
            #expect(try connection.load(rows(many)) == 50_000)
            #expect(try connection.cell("SELECT count(*) FROM t") == .integer(50_000))
        }
    }
}
