// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import Testing

// #enum
enum Status: String, SQLCodable {
    case active, suspended
}

// #own
struct Celsius: SQLCodable, Sendable, Equatable {
    var degrees: Double

    init(_ degrees: Double) {
        self.degrees = degrees
    }

    init(from cell: Cell) throws(DatabaseError) {
        degrees = try Double(from: cell)
    }

    var sqlValue: Value { .double(degrees) }
    static var sqlType: ValueType { .double }
}

/// The code of `Types.md`, and what its tables claim.
@Suite struct TypesGuide {
    @Test(arguments: DatabaseRun.all)
    func `JSON from Codable`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            // #json
            struct Settings: Codable, Sendable, Equatable {
                var theme: String
                var sizes: [Int]
            }
            let settings = Settings(theme: "dark", sizes: [1, 2])
            try await database.write { session in
                try session.execute("CREATE TABLE profiles (settings \(type: .json))")
                try session.execute("INSERT INTO profiles (settings) VALUES (\(JSON(settings)))")
            }
            let read = try await database.query("SELECT settings FROM profiles", as: JSON<Settings>.self)

            #expect(read == [JSON(settings)])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `types of one's own`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.execute("CREATE TABLE own (status \(type: .varchar(20)), degrees \(type: .double))")
            try await database.execute("INSERT INTO own VALUES (\(Status.active), \(Celsius(36.6)))")
            let read = try await database.query("SELECT * FROM own", as: (Status, Celsius?).self)
            #expect(read.first?.0 == .active)
            #expect(read.first?.1 == Celsius(36.6))
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `types of Foundation, and lists in JSON`(_ run: DatabaseRun) async throws {
        struct Page: Decodable, Sendable, Equatable {
            var address: URL
            var hash: Data
            var tags: [String]
        }
        try await run.withDatabase { database in
            try await database.execute(
                "CREATE TABLE pages (address \(type: .text), hash \(type: .bytes), tags \(type: .json))"
            )
            let address = try #require(URL(string: "https://example.com/a"))
            let hash = Data([0, 255])
            try await database.execute("INSERT INTO pages VALUES (\(address), \(hash), \(JSON(["a", "b"])))")
            let read = try await database.query("SELECT * FROM pages", decoding: Page.self)
            #expect(read == [Page(address: address, hash: hash, tags: ["a", "b"])])
        }
    }

    /// The table of what is stored names every column type, as each dialect writes it.
    @Test(arguments: Self.columnTypes)
    fileprivate func `column types`(_ type: NamedColumnType) throws {
        let names = DatabaseRun.all.map { ($0.database, "`\($0.dialect.columnType(type.type))`") }
        let row = try #require(
            try Guide.named("Types").tableRows.first { $0.count == 5 && $0[1] == "`\(type.name)`" },
            "Types.md has no row for \(type.name)"
        )
        for (database, name) in names {
            let column = try #require(["PostgreSQL", "MariaDB", "SQLite"].firstIndex(of: database))
            #expect(row[column + 2] == name)
        }
    }

    private static let columnTypes: [NamedColumnType] = [
        .init(".bool", .bool), .init(".int16", .int16), .init(".int32", .int32), .init(".int64", .int64),
        .init(".uint64", .uint64), .init(".generatedKey", .generatedKey), .init(".float", .float),
        .init(".double", .double), .init(".decimal(precision: 20, scale: 4)", .decimal(precision: 20, scale: 4)),
        .init(".text", .text), .init(".varchar(50)", .varchar(50)), .init(".bytes", .bytes), .init(".uuid", .uuid),
        .init(".date", .date), .init(".time", .time), .init(".dateTime", .dateTime), .init(".timestamp", .timestamp),
        .init(".json", .json),
    ]

    /// The table of what is refused: a row's cells name a code, or say that the value is stored.
    @Test(arguments: DatabaseRun.all)
    func `refusals`(_ run: DatabaseRun) async throws {
        let rows = try Guide.named("Types").tableRows.filter { $0.count == 4 }
        let column = try #require(["PostgreSQL", "MariaDB", "SQLite"].firstIndex(of: run.database)) + 1
        for refusal in try Self.refusals() {
            let row = try #require(rows.first { $0[0] == refusal.row }, "Types.md has no row for \(refusal.row)")
            try await run.withDatabase { database in
                let code = try await refusal.attempt(database)
                if let code {
                    #expect(row[column].contains("`\(code)`"), "\(refusal.row) is \(code)")
                } else {
                    #expect(row[column].hasPrefix("stored"), "\(refusal.row) was stored")
                }
            }
        }
    }

    private static func refusals() throws -> [Refusal] {
        let long = try #require(Decimal(string: "1e-70"))
        let wide = try #require(Decimal(string: "12345.6"))
        let early = try LocalDateTime(date: LocalDate(year: -4800, month: 1, day: 1), time: .midnight)
        return [
            Refusal("an integer beyond its column", .int16, 40_000),
            Refusal("`UInt64` above 2⁶³−1", .uint64, UInt64.max),
            Refusal("text longer than `.varchar`", .varchar(3), "abcd"),
            Refusal("text with U+0000", .text, "a\0b"),
            Refusal("JSON with U+0000 inside of a string", .json, JSON("a\0b")),
            Refusal("text that is no JSON, in `.json`", .json, "{no"),
            Refusal("infinity", .double, Double.infinity),
            Refusal("NaN", .double, Double.nan),
            Refusal("`Decimal.nan`", .decimal(precision: 20, scale: 4), Decimal.nan),
            Refusal("a decimal with too many digits before the point", .decimal(precision: 5, scale: 2), wide),
            Refusal("a decimal of more than 65 digits, or 38 after the point", nil, long),
            Refusal("a date before the year 0 or after 9999", .date, LocalDate(daysSinceEpoch: 3_000_000)),
            Refusal(
                "a timestamp before the year 0 or after 9999",
                .timestamp,
                Timestamp(microsecondsSinceEpoch: 253_402_300_800_000_000)
            ),
            Refusal("a date or timestamp beyond even that", .date, LocalDate(daysSinceEpoch: .max)),
            Refusal("a date or timestamp beyond even that", .dateTime, early),
            Refusal("a date or timestamp beyond even that", .timestamp, Timestamp(microsecondsSinceEpoch: .min)),
            Refusal("an array", nil, [1, 2]),
        ]
    }

    @Test(arguments: DatabaseRun.all)
    func `what databases change`(_ run: DatabaseRun) async throws {
        let isSQLite = run.database == "SQLite"
        let hasSignedZero = run.database == "PostgreSQL"
        try await run.withDatabase { database in
            try await database.execute(
                """
                CREATE TABLE changed (
                    d \(type: .decimal(precision: 5, scale: 2)), t \(type: .varchar(3)), i \(type: .int64),
                    f \(type: .double)
                )
                """
            )
            let decimal = try #require(Decimal(string: "1.005"))
            let rounded = try #require(Decimal(string: "1.01"))
            try await database.execute("INSERT INTO changed VALUES (\(decimal), \("abc  "), \(1.5), \(-0.0))")
            let read = try #require(
                try await database.query("SELECT * FROM changed", as: (Decimal, String, Double, Double).self).first
            )
            #expect(read.0 == (isSQLite ? decimal : rounded))
            #expect(read.1 == (isSQLite ? "abc  " : "abc"))
            #expect(read.2 == (isSQLite ? 1.5 : 2))
            #expect(read.3.sign == (hasSignedZero ? .minus : .plus))
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `the database's own clock`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            let now = try #require(try await database.query("SELECT CURRENT_TIMESTAMP", as: Date.self).first)
            #expect(abs(now.timeIntervalSinceNow) < 60)
        }
    }

    /// What SQLite stores as text is as the guide shows it.
    @Test func `texts on SQLite`() async throws {
        let texts = try Guide.named("Types").tableRows.filter { $0.count == 2 }.map { $0[1] }
        let time = try LocalTime(hour: 23, minute: 59, second: 59, microsecond: 500_000)
        let dateTime = try LocalDateTime(date: LocalDate(year: 2026, month: 11, day: 21), time: time)
        let instant = Timestamp(microsecondsSinceEpoch: dateTime.microsecondsSinceEpoch)
        let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
        let values: [SQL] = [
            "SELECT \(uuid)", "SELECT \(dateTime.date)", "SELECT \(time)", "SELECT \(dateTime)", "SELECT \(instant)",
        ]
        let sqlite = try #require(DatabaseRun.all.first { $0.database == "SQLite" })
        try await sqlite.withDatabase { database in
            for value in values {
                let text = try #require(try await database.query(value, as: String.self).first)
                #expect(texts.contains("`\(text)`"), "\(text)")
            }
        }
    }
}

private struct NamedColumnType: Sendable, CustomTestStringConvertible {
    let name: String
    let type: ColumnType

    init(_ name: String, _ type: ColumnType) {
        self.name = name
        self.type = type
    }

    var testDescription: String { name }
}

/// A value and the row of the guide's table that says what becomes of it.
private struct Refusal: Sendable {
    let row: String
    private let insert: @Sendable (Database) async throws -> Void

    /// - Parameter type: The column's type; nil lets the value stand alone.
    init<Bound: SQLEncodable & Sendable>(_ row: String, _ type: ColumnType?, _ value: Bound) {
        self.row = row
        insert = { database in
            guard let type else {
                _ = try await database.query("SELECT \(value)")
                return
            }
            try await database.execute("CREATE TABLE refused (v \(type: type))")
            try await database.execute("INSERT INTO refused (v) VALUES (\(value))")
        }
    }

    /// The code of the refusal, or nil if the value was taken.
    func attempt(_ database: Database) async throws -> DatabaseError.Code? {
        do {
            try await insert(database)
            return nil
        } catch let error as DatabaseError {
            return error.code
        }
    }
}
