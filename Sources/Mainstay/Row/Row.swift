// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A row that was copied out of a result: it can be kept, and can leave the scope.
///
/// ```swift
/// for row in try session.query("SELECT id, name FROM users").all() {
///     let id: Int = try row["id"]
///     let name = try row[1, as: String?.self]
/// }
/// ```
///
/// Reading into tuples or values straight away is faster, since nothing is copied but what is asked for.
public struct Row: Sendable {
    /// The columns of the result that the row is from.
    public var columns: [Column] { layout.columns }

    let layout: RowLayout
    @usableFromInline let cells: OwnedCells

    /// Copies the row on which a statement's cursor stands.
    init(copying statement: any PreparedStatement, layout: RowLayout) throws(DatabaseError) {
        self.layout = layout
        let count = layout.columns.count
        let copied = withUnsafeTemporaryAllocation(of: Cell.self, capacity: count) { buffer in
            // Cells need no deinitialization, so that it does not matter if the last ones are never made.
            Result { () throws(DatabaseError) in
                for index in 0..<count { buffer.initializeElement(at: index, to: try statement.cell(at: index)) }
                return OwnedCells(UnsafeBufferPointer(buffer))
            }
        }
        cells = try copied.get()
    }

    /// The value in a column, by its position from 0.
    ///
    /// - Throws: `columnNotFound` outside of the row; `unexpectedNull`, `typeMismatch`, `overflow` or `invalidValue` if the
    ///   value is not of that type.
    public subscript<Output: SQLDecodable>(index: Int, as type: Output.Type = Output.self) -> Output {
        @inlinable get throws(DatabaseError) {
            try requireColumn(index)
            return try decode(type, at: index)
        }
    }

    /// The value in a column, by its name.
    ///
    /// - Throws: `columnNotFound` if there is none of that name, `columnAmbiguous` if there are several; `unexpectedNull`,
    ///   `typeMismatch`, `overflow` or `invalidValue` if the value is not of that type.
    public subscript<Output: SQLDecodable>(name: String, as type: Output.Type = Output.self) -> Output {
        get throws(DatabaseError) { try decode(type, at: try layout.index(of: name)) }
    }

    /// Reads the row into a value whose properties have the columns' names.
    ///
    /// - Throws: As the subscripts do; or what the type's own `init(from:)` throws.
    public func decode<Output: Decodable>(_ type: Output.Type = Output.self) throws(DatabaseError) -> Output {
        try RowDecoder(self).decode(type)
    }

    @inlinable
    func decode<Output: SQLDecodable>(_ type: Output.Type, at index: Int) throws(DatabaseError) -> Output {
        do {
            defer { withExtendedLifetime(cells) {} }
            return try Output(from: cells[index])
        } catch {
            throw inColumn(index, error)
        }
    }

    @usableFromInline
    func requireColumn(_ index: Int) throws(DatabaseError) {
        guard layout.columns.indices.contains(index) else {
            throw DatabaseError(.columnNotFound, "there is no column \(index); the row has \(layout.columns.count)")
        }
    }

    @usableFromInline
    func inColumn(_ index: Int, _ error: DatabaseError) -> DatabaseError {
        error.prefixed(by: layout.place(index))
    }

    func withCell<R>(at index: Int, _ body: (Cell) throws -> R) rethrows -> R {
        defer { withExtendedLifetime(cells) {} }
        return try body(cells[index])
    }
}
