// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a row into a `Decodable` value whose properties have the columns' names.
///
/// A property of a type that columns hold is read as such. A property of any other `Decodable` type is read from the
/// column's JSON; an enum with a raw value from the raw value.
struct RowDecoder: Decoder {
    let row: Row
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    init(_ row: Row) {
        self.row = row
    }

    func decode<Output: Decodable>(_ type: Output.Type) throws(DatabaseError) -> Output {
        do {
            return try Output(from: self)
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw DatabaseError(.invalidValue, "the row can't be read as \(type)", cause: error)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer<Key>(row: row))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DatabaseError(.typeMismatch, "a row is read into a type with named properties, or into a tuple")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard row.columns.count == 1 else {
            throw DatabaseError(.columnCount, "the row has \(row.columns.count) columns, and 1 is read")
        }
        return CellContainer(row: row, index: 0)
    }
}

/// The columns of a row by name.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: Row
    let codingPath: [any CodingKey] = []

    var allKeys: [Key] { row.columns.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool {
        row.layout.contains(key.stringValue)
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        let index = try row.layout.index(of: key.stringValue)
        return row.withCell(at: index) { if case .null = $0 { true } else { false } }
    }

    func decode<Output: Decodable>(_ type: Output.Type, forKey key: Key) throws -> Output {
        try CellContainer(row: row, index: try row.layout.index(of: key.stringValue)).decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        throw DatabaseError(.unsupported, "a row has no nested containers", hint: "store the property as JSON")
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw DatabaseError(.unsupported, "a row has no nested containers", hint: "store the property as JSON")
    }

    func superDecoder() throws -> any Decoder { RowDecoder(row) }

    func superDecoder(forKey key: Key) throws -> any Decoder { RowDecoder(row) }
}

/// One column of a row, for types that read a single value.
private struct CellContainer: SingleValueDecodingContainer, Decoder {
    let row: Row
    let index: Int
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func decodeNil() -> Bool {
        row.withCell(at: index) { if case .null = $0 { true } else { false } }
    }

    func decode<Output: Decodable>(_ type: Output.Type) throws -> Output {
        if let decodable = type as? any SQLDecodable.Type {
            do {
                return try cast(row.decode(decodable, at: index))
            } catch let error as DatabaseError where error.code == .typeMismatch && json != nil {
                // A list of values where the database has no arrays: its JSON is read, as that of a list of structs is.
            }
        }
        guard let json, !(type is any RawRepresentable.Type) else { return try Output(from: self) }
        do {
            return try JSONDecoder().decode(type, from: json)
        } catch {
            throw DatabaseError(
                .invalidValue,
                "\(row.layout.place(index)): the text is not the JSON of \(type)",
                cause: error
            )
        }
    }

    /// The column's text, if it is JSON or looks like a list or an object of it.
    private var json: Data? {
        row.withCell(at: index) { cell in
            switch cell {
            case .json(let utf8): Data(utf8)
            case .text(let utf8) where utf8.first == UInt8(ascii: "{") || utf8.first == UInt8(ascii: "["): Data(utf8)
            default: nil
            }
        }
    }

    private func cast<Output>(_ value: Any) throws -> Output {
        guard let value = value as? Output else {
            throw DatabaseError(.typeMismatch, "\(row.layout.place(index)): can't be read as \(Output.self)")
        }
        return value
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw notJSON
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw notJSON
    }

    private var notJSON: DatabaseError {
        if decodeNil() {
            return DatabaseError(.unexpectedNull, "\(row.layout.place(index)): NULL can't be read as a nested value")
        }
        return DatabaseError(.typeMismatch, "\(row.layout.place(index)): holds no JSON for a nested value")
    }
}
