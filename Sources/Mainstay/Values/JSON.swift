// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A value that is stored as JSON text: `\(JSON(settings))` binds it, `JSON<Settings>` reads it.
public struct JSON<Wrapped> {
    /// The value.
    public var value: Wrapped

    /// Wraps a value.
    public init(_ value: Wrapped) {
        self.value = value
    }
}

extension JSON: Sendable where Wrapped: Sendable {}
extension JSON: Equatable where Wrapped: Equatable {}
extension JSON: Hashable where Wrapped: Hashable {}

extension JSON: SQLDecodable where Wrapped: Decodable {
    /// Reads JSON text with Foundation's decoder.
    ///
    /// - Throws: `invalidValue` if the text is not the JSON of such a value; the decoder's error is its cause.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .json(let utf8), .text(let utf8):
            do {
                value = try JSONDecoder().decode(Wrapped.self, from: Data(utf8))
            } catch {
                throw DatabaseError(.invalidValue, "the text is not the JSON of \(Wrapped.self)", cause: error)
            }
        default: throw .mismatch(cell, Wrapped.self)
        }
    }
}

extension JSON: SQLEncodable where Wrapped: Encodable {
    /// The value as JSON text, with its keys sorted so that equal values are equal text.
    ///
    /// - Throws: `invalidParameter` if the value can't be encoded; the encoder's error is its cause.
    public var sqlValue: Value {
        get throws(DatabaseError) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            do {
                return .json(String(decoding: try encoder.encode(value), as: UTF8.self))
            } catch {
                throw DatabaseError(.invalidParameter, "a \(Wrapped.self) can't be encoded as JSON", cause: error)
            }
        }
    }
    /// The type that the server is told.
    public static var sqlType: ValueType { .json }
}
