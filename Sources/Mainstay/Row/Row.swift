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
    private let cells: OwnedCells

    /// Copies the row on which a statement's cursor stands.
    init(copying statement: any PreparedStatement, layout: RowLayout) throws(DatabaseError) {
        self.layout = layout
        var cells = OwnedCells(capacity: layout.columns.count)
        for index in layout.columns.indices {
            cells.append(try statement.cell(at: index))
        }
        self.cells = cells
    }

    /// The value in a column, by its position from 0.
    ///
    /// - Throws: `columnNotFound` outside of the row; `unexpectedNull`, `typeMismatch`, `overflow` or `invalidValue` if the
    ///   value is not of that type.
    public subscript<Output: SQLDecodable>(index: Int, as type: Output.Type = Output.self) -> Output {
        get throws(DatabaseError) {
            guard layout.columns.indices.contains(index) else {
                throw DatabaseError(.columnNotFound, "there is no column \(index); the row has \(layout.columns.count)")
            }
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

    func decode<Output: SQLDecodable>(_ type: Output.Type, at index: Int) throws(DatabaseError) -> Output {
        do {
            return try cells.withCell(at: index) { (cell) throws(DatabaseError) in try Output(from: cell) }
        } catch {
            throw error.prefixed(by: layout.place(index))
        }
    }

    func withCell<R>(at index: Int, _ body: (Cell) throws -> R) rethrows -> R {
        try cells.withCell(at: index, body)
    }
}
