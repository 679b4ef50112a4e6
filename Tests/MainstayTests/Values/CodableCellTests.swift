// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What each kind of cell can be read as, and what comes of the others.
struct CodableCellTests {
    /// A kind of cell.
    enum Kind: CaseIterable {
        case null, bool, integer, unsigned, float, double, text, bytes, decimal, uuid, date, time, dateTime
        case dateTimeOrTimestamp, timestamp, json, array

        /// A cell of the kind. The text is nothing but text, and the bytes are too few for a UUID.
        var content: CellBox.Content {
            switch self {
            case .null: .null
            case .bool: .bool(true)
            case .integer: .integer(1)
            case .unsigned: .unsigned(1)
            case .float: .float(1)
            case .double: .double(1)
            case .text: .text("x")
            case .bytes: .bytes([1, 2, 3])
            case .decimal: .decimal("1")
            case .uuid: .uuid(Array(0..<16))
            case .date: .date(LocalDate(daysSinceEpoch: 1))
            case .time: (try? LocalTime(hour: 1, minute: 2)).map { .time($0) } ?? .null
            case .dateTime: .dateTime(LocalDateTime(microsecondsSinceEpoch: 1))
            case .dateTimeOrTimestamp: .dateTimeOrTimestamp(LocalDateTime(microsecondsSinceEpoch: 1))
            case .timestamp: .timestamp(Timestamp(microsecondsSinceEpoch: 1))
            case .json: .json("[1]")
            case .array: .array([.integer(1)])
            }
        }
    }

    /// A type that cells are read as, the kinds of cells it reads, and those of which it reads some.
    struct Target: CustomTestStringConvertible, Sendable {
        let code: @Sendable (CellBox.Content) -> DatabaseError.Code?
        let reads: Set<Kind>
        let refuses: Set<Kind>
        let testDescription: String

        init<Output: SQLDecodable & SendableMetatype>(
            _ type: Output.Type,
            _ reads: Set<Kind>,
            refusing refuses: Set<Kind> = []
        ) {
            code = { CodableSupport.code($0, as: Output.self) }
            self.reads = reads
            self.refuses = refuses
            testDescription = "\(type)"
        }
    }

    private enum Number: Int, SQLCodable { case one = 1 }
    private enum Letter: String, SQLCodable { case x }

    private static let targets = [
        Target(Bool.self, [.bool, .integer, .unsigned]),
        Target(Int.self, [.integer, .unsigned, .float, .double, .decimal]),
        Target(Int8.self, [.integer, .unsigned, .float, .double, .decimal]),
        Target(UInt64.self, [.integer, .unsigned, .float, .double, .decimal]),
        Target(Float.self, [.integer, .unsigned, .float, .double]),
        Target(Double.self, [.integer, .unsigned, .float, .double, .decimal]),
        Target(String.self, [.text, .json]),
        Target([UInt8].self, [.bytes, .uuid]),
        Target(Data.self, [.bytes, .uuid]),
        Target(UUID.self, [.uuid], refusing: [.text, .bytes]),
        Target(Decimal.self, [.decimal, .integer, .unsigned, .double], refusing: [.text]),
        Target(LocalDate.self, [.date], refusing: [.text]),
        Target(LocalTime.self, [.time], refusing: [.text]),
        Target(LocalDateTime.self, [.dateTime, .dateTimeOrTimestamp], refusing: [.text]),
        Target(Timestamp.self, [.timestamp, .dateTimeOrTimestamp], refusing: [.text]),
        Target(Date.self, [.timestamp, .dateTimeOrTimestamp], refusing: [.text]),
        Target(JSON<[Int]>.self, [.json], refusing: [.text]),
        Target([Int].self, [.array]),
        Target([Int?].self, [.array]),
        Target(Number.self, [.integer, .unsigned, .float, .double, .decimal]),
        Target(Letter.self, [.text], refusing: [.json]),
    ]

    @Test(
        "Each type reads what it can hold, and for every other cell there is a typed error",
        arguments: targets,
        Kind.allCases
    )
    func matrix(target: Target, kind: Kind) {
        let expected: DatabaseError.Code? =
            if target.reads.contains(kind) {
                nil
            } else if target.refuses.contains(kind) {
                .invalidValue
            } else {
                kind == .null ? .unexpectedNull : .typeMismatch
            }
        #expect(target.code(kind.content) == expected)
    }

    @Test("An optional reads NULL as nil, and everything else as its type does", arguments: Kind.allCases)
    func optionals(kind: Kind) throws {
        let code = kind == .null ? nil : CodableSupport.code(kind.content, as: String.self)
        #expect(CodableSupport.code(kind.content, as: String?.self) == code)
        #expect(try CodableSupport.read(.null, as: Int?.self) == nil)
        #expect(try CodableSupport.read(.integer(7), as: Int?.self) == 7)
    }

    @Test("An error names the type and the kind of cell, and not what the cell holds")
    func errorTexts() {
        func message<Output: SQLDecodable>(_ content: CellBox.Content, _ type: Output.Type) -> String? {
            do throws(DatabaseError) {
                _ = try CodableSupport.read(content, as: type)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(message(.text("hunter2"), Int.self)?.contains("text can't be read as Int") == true)
        #expect(message(.null, Int.self)?.contains("NULL can't be read as Int") == true)
        for content in [.text("hunter2"), .rawText([0xFF] + Array("hunter2".utf8)), .json("hunter2")]
            as [CellBox.Content]
        {
            for text in [
                message(content, Int.self), message(content, UUID.self), message(content, JSON<Int>.self),
                message(content, LocalDate.self), message(content, Letter.self), message(content, [UInt8].self),
            ] {
                #expect(text?.contains("hunter2") == false)
            }
        }
    }

    // MARK: - Floating-point numbers

    @Test(
        "A Float reads what it holds exactly",
        arguments: [
            (.float(0.1), Float(0.1)), (.double(0.5), 0.5), (.double(Double(Float(0.1))), 0.1),
            (.integer(1 << 24), 16_777_216), (.double(.infinity), .infinity), (.double(-.infinity), -.infinity),
            (.unsigned(1 << 63), 9.223_372e18), (.double(Double(Float.leastNonzeroMagnitude)), .leastNonzeroMagnitude),
        ] as [(CellBox.Content, Float)]
    )
    func floats(content: CellBox.Content, expected: Float) throws {
        #expect(try CodableSupport.read(content) == expected)
    }

    @Test("A Float does not read what it would round")
    func roundedFloats() throws {
        for content in [.double(0.1), .double(1e300), .integer((1 << 24) + 1), .unsigned(.max), .integer(.max)]
            as [CellBox.Content]
        {
            #expect(CodableSupport.code(content, as: Float.self) == .overflow)
        }
        #expect(try CodableSupport.read(.double(.nan), as: Float.self).isNaN)
        #expect(try CodableSupport.read(.double(-0.0), as: Float.self).sign == .minus)
    }

    @Test("A Double reads every Float, integers that it holds exactly, and the nearest to a decimal number")
    func doubles() throws {
        #expect(try CodableSupport.read(.float(0.1)) == Double(Float(0.1)))
        #expect(try CodableSupport.read(.double(.greatestFiniteMagnitude)) == Double.greatestFiniteMagnitude)
        #expect(try CodableSupport.read(.integer(1 << 53), as: Double.self) == 9_007_199_254_740_992.0)
        #expect(CodableSupport.code(.integer((1 << 53) + 1), as: Double.self) == .overflow)
        #expect(CodableSupport.code(.unsigned(.max), as: Double.self) == .overflow)
        #expect(try CodableSupport.read(.integer(.min), as: Double.self) == -9_223_372_036_854_775_808.0)
        #expect(try CodableSupport.read(.decimal("0.1"), as: Double.self) == 0.1)
        #expect(try CodableSupport.read(.decimal("0.10000000000000000000001"), as: Double.self) == 0.1)
        #expect(CodableSupport.code(.decimal("1e999"), as: Double.self) == .overflow)
        #expect(try CodableSupport.read(.double(.nan), as: Double.self).isNaN)
        #expect(try CodableSupport.read(.double(-0.0), as: Double.self).sign == .minus)
    }

    // MARK: - Texts, bytes and what is made of them

    @Test("Text is read to the last byte", arguments: ["", "é", "👩‍👩‍👧", "a\0b", "\u{FEFF}x", "e\u{301}"])
    func texts(text: String) throws {
        #expect(Array(try CodableSupport.read(.text(text), as: String.self).utf8) == Array(text.utf8))
    }

    @Test(
        "Text that is not UTF-8 is an error and not mended",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0xE2, 0x82]]
            as [[UInt8]]
    )
    func invalidTexts(bytes: [UInt8]) {
        #expect(CodableSupport.code(.rawText(bytes), as: String.self) == .invalidValue)
    }

    @Test("Bytes are read as they are", arguments: [[], [0], [0xFF, 0, 0xFF], Array(0...255)] as [[UInt8]])
    func bytes(bytes: [UInt8]) throws {
        #expect(try CodableSupport.read(.bytes(bytes)) == bytes)
    }

    @Test("A UUID is read from its bytes and from its text in either case, and from nothing else")
    func uuids() throws {
        let uuid = try #require(UUID(uuidString: "00010203-0405-0607-0809-0A0B0C0D0E0F"))
        #expect(try CodableSupport.read(.uuid(Array(0..<16))) == uuid)
        #expect(try CodableSupport.read(.bytes(Array(0..<16))) == uuid)
        #expect(try CodableSupport.read(.text(uuid.uuidString)) == uuid)
        #expect(try CodableSupport.read(.text(uuid.uuidString.lowercased())) == uuid)
        for content in [
            .bytes(Array(0..<15)), .bytes(Array(0..<17)), .bytes([]), .text(""), .text("{\(uuid.uuidString)}"),
            .text("00010203040506070809-0A0B0C0D0E0F---"), .text("g0010203-0405-0607-0809-0A0B0C0D0E0F"),
            .text(uuid.uuidString + " "), .rawText(Array(repeating: 0xFF, count: 36)),
        ] as [CellBox.Content] {
            #expect(CodableSupport.code(content, as: UUID.self) == .invalidValue)
        }
    }

    @Test("An enum is read from its raw value, and from no other value")
    func enums() throws {
        #expect(try CodableSupport.read(.integer(1)) == Number.one)
        #expect(try CodableSupport.read(.text("x")) == Letter.x)
        #expect(CodableSupport.code(.integer(2), as: Number.self) == .invalidValue)
        #expect(CodableSupport.code(.text("y"), as: Letter.self) == .invalidValue)
        #expect(try CodableSupport.read(.null, as: Letter?.self) == nil)
        #expect(try Letter.x.sqlValue == .text("x"))
        #expect(Number.sqlType == .int64)
    }

    @Test("JSON is read by Foundation's decoder, and written with its keys in order")
    func json() throws {
        struct Settings: Codable, Equatable {
            var b: Int
            var a: [String?]
        }
        let settings = Settings(b: 1, a: ["x", nil])
        #expect(try JSON(settings).sqlValue == .json(#"{"a":["x",null],"b":1}"#))
        for content in [.json(#"{"a":["x",null],"b":1}"#), .text(#" {"b":1, "a":["x", null]} "#)] as [CellBox.Content] {
            #expect(try CodableSupport.read(content, as: JSON<Settings>.self).value == settings)
        }
        for text in ["", "{", #"{"b":1}"#, "null", "[]"] {
            #expect(CodableSupport.code(.json(text), as: JSON<Settings>.self) == .invalidValue)
        }
        #expect(throws: DatabaseError.self) { try JSON(Double.nan).sqlValue }
        #expect(try CodableSupport.read(.null, as: JSON<Settings>?.self) == nil)
        #expect(try CodableSupport.read(.json("3"), as: JSON<Int>.self).value == 3)
    }

    @Test("Arrays are read element by element, to any depth")
    func arrays() throws {
        #expect(try CodableSupport.read(.array([]), as: [Int].self) == [])
        #expect(try CodableSupport.read(.array([.integer(1), .null, .integer(3)]), as: [Int?].self) == [1, nil, 3])
        #expect(CodableSupport.code(.array([.integer(1), .null]), as: [Int].self) == .unexpectedNull)
        #expect(CodableSupport.code(.array([.integer(300)]), as: [UInt16].self) == nil)
        #expect(CodableSupport.code(.array([.integer(300)]), as: [Int8].self) == .overflow)
        #expect(try CodableSupport.read(.array([.text("a"), .text("")]), as: [String].self) == ["a", ""])
        #expect(try CodableSupport.read(.array([.bytes([1]), .bytes([])]), as: [[UInt8]].self) == [[1], []])
        let nested = CellBox.Content.array([.array([.text("a")]), .array([])])
        #expect(try CodableSupport.read(nested, as: [[String]].self) == [["a"], []])
        #expect(CodableSupport.code(.array([.integer(1)]), as: [UInt8].self) == .typeMismatch)
    }
}
