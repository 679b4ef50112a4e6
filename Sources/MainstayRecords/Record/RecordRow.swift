// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A row of a result on its way into a record. Only the code of ``Record(_:schema:columns:)`` reads it.
public struct RecordRow {
    @usableFromInline let statement: any PreparedStatement
    @usableFromInline let schema: RecordSchema
    /// Where the record's first column stands in the row.
    @usableFromInline let offset: Int
    /// The columns of the record that the row has; nil if it has all.
    @usableFromInline let columns: ColumnSet?

    @inlinable
    init(_ statement: any PreparedStatement, _ schema: RecordSchema, at offset: Int = 0, columns: ColumnSet? = nil) {
        self.statement = statement
        self.schema = schema
        self.offset = offset
        self.columns = columns
    }

    /// Whether the row has a column.
    @inlinable
    public func has(_ index: Int) -> Bool {
        columns?.contains(index) ?? true
    }

    /// Reads a column by its position in the record.
    ///
    /// - Throws: `unexpectedNull`, `typeMismatch`, `overflow` or `invalidValue`, with the column's name.
    @inlinable
    public func value<Output: SQLDecodable>(_ index: Int, as type: Output.Type = Output.self) throws(DatabaseError)
        -> Output
    {
        let position = offset + (columns?.rank(of: index) ?? index)
        do {
            return try Output(from: try statement.cell(at: position))
        } catch {
            throw inColumn(index, error)
        }
    }

    @usableFromInline
    func inColumn(_ index: Int, _ error: DatabaseError) -> DatabaseError {
        error.prefixed(by: "column \"\(schema.columns[index].name)\" of \(schema.name)")
    }
}
