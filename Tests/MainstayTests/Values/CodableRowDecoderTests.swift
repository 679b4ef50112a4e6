// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct CodableRowDecoderTests {
    private enum Status: String, Decodable { case open, closed }
    private enum Level: Int, Decodable { case low = 1, high }

    private struct Address: Decodable, Equatable {
        var street: String
        var zip: Int?
    }

    private struct User: Decodable, Equatable {
        var id: Int64
        var name: String
        var nickname: String?
        var status: Status
        var address: Address?
    }

    private func error<Output: Decodable>(_ row: Row, _ type: Output.Type) -> DatabaseError? {
        #expect(throws: DatabaseError.self) { try row.decode(type) }
    }

    @Test("A row is read into a value whose properties have the columns' names")
    func whole() throws {
        let row = try CodableSupport.row([
            "superfluous": .null, "status": .text("open"), "id": .integer(7),
            "address": .json(#"{"street":"a","zip":1}"#),
            "name": .text("john"), "nickname": .null,
        ])
        let user = User(id: 7, name: "john", nickname: nil, status: .open, address: Address(street: "a", zip: 1))
        #expect(try row.decode(User.self) == user)
        #expect(try row.decode() == user)
    }

    @Test("A nested value is read from JSON, also where the database keeps it as text")
    func nested() throws {
        struct Holder: Decodable {
            var one: Address
            var many: [Address]
            var named: [String: Int]
        }
        let row = try CodableSupport.row([
            "one": .text(#"{"street":"a"}"#), "many": .text(#"[{"street":"b"},{"street":"c"}]"#),
            "named": .json(#"{"x":1}"#),
        ])
        let holder = try row.decode(Holder.self)
        #expect(holder.one == Address(street: "a", zip: nil))
        #expect(holder.many.map(\.street) == ["b", "c"])
        #expect(holder.named == ["x": 1])
    }

    @Test("Types that columns hold are read as such, with all their checks")
    func columnTypes() throws {
        struct All: Decodable {
            var bool: Bool
            var byte: UInt8
            var double: Double
            var bytes: [UInt8]
            var uuid: UUID
            var decimal: Decimal
            var date: LocalDate
            var instant: Date
            var level: Level
        }
        let all = try CodableSupport.row([
            "bool": .integer(1), "byte": .integer(255), "double": .float(0.5), "bytes": .bytes([1]),
            "uuid": .text("00010203-0405-0607-0809-0a0b0c0d0e0f"), "decimal": .text("1.10"),
            "date": .text("2026-11-21"),
            "instant": .timestamp(Timestamp(microsecondsSinceEpoch: 0)), "level": .integer(2),
        ]).decode(All.self)
        #expect(all.bool)
        #expect(all.byte == 255)
        #expect(all.double == 0.5)
        #expect(all.bytes == [1])
        #expect(all.uuid.uuidString == "00010203-0405-0607-0809-0A0B0C0D0E0F")
        #expect(all.decimal == Decimal(string: "1.1"))
        #expect(all.date == LocalDate(daysSinceEpoch: 20_778))
        #expect(all.instant == Date(timeIntervalSince1970: 0))
        #expect(all.level == .high)
    }

    @Test("Keys of one's own are the columns' names")
    func codingKeys() throws {
        struct Renamed: Decodable {
            var firstName: String
            enum CodingKeys: String, CodingKey { case firstName = "first_name" }
        }
        #expect(try CodableSupport.row(["first_name": .text("x")]).decode(Renamed.self).firstName == "x")
    }

    @Test("A missing column is an error that names it, and nil for an optional property")
    func missing() throws {
        let row = try CodableSupport.row(["id": .integer(7), "status": .text("open")])
        let error = error(row, User.self)
        #expect(error?.code == .columnNotFound)
        #expect(error?.message.contains("\"name\"") == true)
        struct Sparse: Decodable {
            var id: Int
            var name: String?
        }
        #expect(try row.decode(Sparse.self).name == nil)
    }

    @Test("An ambiguous column is an error, also for an optional property")
    func ambiguous() throws {
        struct Sparse: Decodable { var id: Int? }
        let row = try CodableSupport.row(["id": .integer(7), "id": .integer(8)])
        #expect(error(row, Sparse.self)?.code == .columnAmbiguous)
    }

    @Test("A value of the wrong type is an error that names its column")
    func wrongTypes() throws {
        func row(_ cells: KeyValuePairs<String, CellBox.Content>) throws -> Row { try CodableSupport.row(cells) }
        struct Byte: Decodable { var value: Int8 }
        struct Text: Decodable { var value: String }
        struct Nested: Decodable { var value: Address }
        struct State: Decodable { var value: Status }
        for (error, code) in [
            (error(try row(["value": .integer(128)]), Byte.self), .overflow),
            (error(try row(["value": .text("1")]), Byte.self), .typeMismatch),
            (error(try row(["value": .null]), Byte.self), .unexpectedNull),
            (error(try row(["value": .rawText([0xFF])]), Text.self), .invalidValue),
            (error(try row(["value": .integer(1)]), Nested.self), .typeMismatch),
            (error(try row(["value": .text("x")]), Nested.self), .typeMismatch),
            (error(try row(["value": .null]), Nested.self), .unexpectedNull),
            (error(try row(["value": .json("{}")]), Nested.self), .invalidValue),
            (error(try row(["value": .text("{")]), Nested.self), .invalidValue),
            (error(try row(["value": .integer(1)]), State.self), .typeMismatch),
        ] as [(DatabaseError?, DatabaseError.Code)] {
            #expect(error?.code == code)
            #expect(error?.message.hasPrefix("column \"value\": ") == true, "\(error?.description ?? "")")
        }
    }

    @Test("An enum's unknown value is an error, and a value that looks like JSON is none")
    func enums() throws {
        struct State: Decodable { var value: Status }
        enum Brace: String, Decodable { case open = "{" }
        struct Braces: Decodable { var value: Brace }
        #expect(error(try CodableSupport.row(["value": .text("shut")]), State.self)?.code == .invalidValue)
        #expect(try CodableSupport.row(["value": .text("{")]).decode(Braces.self).value == .open)
    }

    @Test("A single column is read into a single value, and several are not")
    func singleValues() throws {
        #expect(try CodableSupport.row(["a": .text("open")]).decode(Status.self) == .open)
        #expect(try CodableSupport.row(["a": .integer(1)]).decode(Int.self) == 1)
        let pair = try CodableSupport.row(["a": .integer(1), "b": .integer(2)])
        #expect(error(pair, Int.self)?.code == .columnCount)
        #expect(error(pair, [Int].self)?.code == .typeMismatch)
    }

    @Test("An error that a type's own initialiser throws is the cause")
    func ownErrors() throws {
        struct Refused: Error {}
        struct Picky: Decodable {
            init(from decoder: any Decoder) throws { throw Refused() }
        }
        let error = error(try CodableSupport.row(["a": .integer(1)]), Picky.self)
        #expect(error?.code == .invalidValue)
        #expect(error?.cause is Refused)
    }

    @Test("A list of plain values is read from JSON as a list of structs is")
    func plainLists() throws {
        struct Tagged: Decodable { var tags: [String] }
        for content in [.json(#"["a","b"]"#), .text(#"["a","b"]"#)] as [CellBox.Content] {
            let tagged = try? CodableSupport.row(["tags": content]).decode(Tagged.self)
            #expect(tagged?.tags == ["a", "b"])
        }
        #expect(try CodableSupport.row(["tags": .array([.text("a")])]).decode(Tagged.self).tags == ["a"])
    }

    @Test("Foundation's URL and Data are read from text and bytes")
    func foundationTypes() throws {
        struct Link: Decodable { var url: URL }
        struct Blob: Decodable { var data: Data }
        let link = try? CodableSupport.row(["url": .text("https://swift.org")]).decode(Link.self)
        let blob = try? CodableSupport.row(["data": .bytes([1, 2])]).decode(Blob.self)
        #expect(link?.url.absoluteString == "https://swift.org")
        #expect(blob?.data == Data([1, 2]))
    }
}
