// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension UUID: SQLCodable {
    /// The value as it is bound: as the database's own type, and as text in small letters where it has none. A record binds it in
    /// the form that the column has.
    public var sqlValue: Value { .uuid(self) }

    /// The sixteen bytes, to be bound where a column holds UUIDs as such: `WHERE id = \(id.sqlBytes)`.
    public var sqlBytes: [UInt8] { withUnsafeBytes(of: uuid) { [UInt8]($0) } }
    /// The type that the server is told.
    public static var sqlType: ValueType { .uuid }

    /// Reads a UUID, also from sixteen bytes or from its text of 36 characters.
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .uuid(let bytes), .bytes(let bytes):
            guard bytes.count == 16 else {
                throw DatabaseError(.invalidValue, "\(bytes.count) bytes are no UUID, which has 16")
            }
            self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
        case .text(let utf8):
            guard utf8.count == 36, let uuid = UUID(uuidString: String(decoding: utf8, as: UTF8.self)) else {
                throw DatabaseError(.invalidValue, "the text is no UUID")
            }
            self = uuid
        default: throw .mismatch(cell, UUID.self)
        }
    }
}
