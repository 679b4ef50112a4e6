// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension BinaryFormat {
    /// Reads an array: the number of dimensions, a flag, the elements' type, each dimension's length and lower bound,
    /// and the elements, each after its length, the last dimension's running fastest.
    ///
    /// The lower bounds, which can be other than 1, are not kept.
    static func array(
        _ bytes: UnsafeRawBufferPointer,
        _ element: ColumnKind,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        var reader = BinaryReader(bytes)
        guard let dimensionCount = reader.next(Int32.self), 0...6 ~= dimensionCount, reader.next(Int32.self) != nil,
            reader.next(Int32.self) != nil
        else { throw .malformed("array") }
        var lengths: [Int] = []
        var total = 1
        for _ in 0..<dimensionCount {
            // Each element takes four bytes at least, so that no length makes us reserve or repeat more than there is.
            guard let length = reader.next(Int32.self), reader.next(Int32.self) != nil, length > 0,
                Int(length) <= bytes.count / 4 / total
            else { throw .malformed("array") }
            lengths.append(Int(length))
            total *= Int(length)
        }
        let cell = try elements(lengths[...], &reader, element, storage)
        guard reader.count == 0 else { throw .malformed("array") }
        return cell
    }

    private static func elements(
        _ lengths: ArraySlice<Int>,
        _ reader: inout BinaryReader,
        _ kind: ColumnKind,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        let length = lengths.first ?? 0
        var cells: [Cell] = []
        cells.reserveCapacity(length)
        for _ in 0..<length {
            cells.append(
                lengths.count > 1
                    ? try elements(lengths.dropFirst(), &reader, kind, storage)
                    : try element(&reader, kind, storage)
            )
        }
        return storage.keep(cells)
    }

    private static func element(
        _ reader: inout BinaryReader,
        _ kind: ColumnKind,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        guard let length = reader.next(Int32.self) else { throw .malformed("array") }
        if length == -1 { return .null }
        guard let bytes = reader.next(bytes: Int(length)) else { throw .malformed("array") }
        return try cell(bytes, ColumnReader(of: kind), storage)
    }
}
