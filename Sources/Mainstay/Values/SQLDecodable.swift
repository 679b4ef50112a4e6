// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A type that can be read from a column.
///
/// Reading is lossless or a typed error: 300 does not become a `UInt8`, a NULL does not become 0, a word does not
/// become a number. The guide *Types* has the table of what each database stores and what it can be read as.
public protocol SQLDecodable {
    /// Reads a cell.
    ///
    /// - Throws: ``DatabaseError`` with `unexpectedNull`, `typeMismatch`, `overflow` or `invalidValue`. The core adds the
    ///   column's name.
    init(from cell: Cell) throws(DatabaseError)

    /// Reads a cell that holds a list of such values. Only for bytes is a list not an array.
    static func list(from cell: Cell) throws(DatabaseError) -> [Self]
}

extension SQLDecodable {
    /// Reads an array cell element by element.
    public static func list(from cell: Cell) throws(DatabaseError) -> [Self] {
        guard case .array(let array) = cell else { throw .mismatch(cell, [Self].self) }
        let elements = array.takeUnretainedValue().elements
        var values: [Self] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            values.append(try Self(from: element))
        }
        return values
    }
}
