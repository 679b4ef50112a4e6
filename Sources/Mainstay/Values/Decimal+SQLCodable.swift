// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Decimal: SQLCodable {
    /// The value as it is bound.
    public var sqlValue: Value { .decimal(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .decimal }

    /// Reads an exact number; also an integer, decimal text, or a floating-point number that stands for one of at most
    /// fifteen digits (which is what SQLite makes of decimals in a NUMERIC column).
    public init(from cell: Cell) throws(DatabaseError) {
        switch cell {
        case .decimal(let text), .text(let text): self = try Decimal(exactly: text)
        case .integer(let value): self = Decimal(value)
        case .unsigned(let value): self = Decimal(value)
        case .double(let value): self = try Decimal(shortest: value)
        default: throw .mismatch(cell, Decimal.self)
        }
    }
}
