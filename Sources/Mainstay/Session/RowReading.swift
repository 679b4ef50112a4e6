// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How a row becomes a value.
///
/// What is `@inlinable` here, in ``Query`` and in ``Rows`` is compiled in the module that reads, where the types of the values
/// are known. Compiled in this one, each value would be read by way of its type's metadata, at several times the cost.
@usableFromInline
package struct RowReading<Output> {
    /// Checks the columns of a result and returns the function that reads a row of it.
    @usableFromInline
    package let prepare: ([Column]) throws(DatabaseError) -> (any PreparedStatement) throws(DatabaseError) -> Output

    @inlinable
    package init(
        prepare: @escaping ([Column]) throws(DatabaseError) -> (any PreparedStatement) throws(DatabaseError) -> Output
    ) {
        self.prepare = prepare
    }
}

extension RowReading where Output == Row {
    /// Rows that are copied.
    static var rows: RowReading<Row> {
        RowReading { columns in
            let layout = RowLayout(columns)
            return { (statement) throws(DatabaseError) in try Row(copying: statement, layout: layout) }
        }
    }
}

extension RowReading {
    /// The values of one column.
    @inlinable
    package static func values() -> RowReading where Output: SQLDecodable {
        RowReading { (columns) throws(DatabaseError) in
            try require(1, of: columns)
            return { (statement) throws(DatabaseError) in
                var index = 0
                return try read(Output.self, statement, &index)
            }
        }
    }

    /// Tuples, read by position.
    @inlinable
    package static func tuples<First: SQLDecodable, Second: SQLDecodable, each Other: SQLDecodable>() -> RowReading
    where Output == (First, Second, repeat each Other) {
        RowReading { (columns) throws(DatabaseError) in
            var expected = 2
            repeat count((each Other).self, &expected)
            try require(expected, of: columns)
            return { (statement) throws(DatabaseError) in
                var index = 0
                return (
                    try read(First.self, statement, &index), try read(Second.self, statement, &index),
                    repeat try read((each Other).self, statement, &index)
                )
            }
        }
    }

    /// What a function makes of the columns, whose number it knows.
    @inlinable
    package static func columns(
        _ count: Int,
        _ read: @escaping (CellReader) throws(DatabaseError) -> Output
    ) -> RowReading {
        RowReading { (columns) throws(DatabaseError) in
            try require(count, of: columns)
            return { (statement) throws(DatabaseError) in try read(CellReader(statement)) }
        }
    }

    /// `Decodable` values, read by the columns' names.
    static func decodable(_ type: Output.Type) -> RowReading where Output: Decodable {
        RowReading { columns in
            let layout = RowLayout(columns)
            return { (statement) throws(DatabaseError) in
                try RowDecoder(Row(copying: statement, layout: layout)).decode(type)
            }
        }
    }
}

@usableFromInline
func require(_ expected: Int, of columns: [Column]) throws(DatabaseError) {
    guard columns.count == expected else {
        throw DatabaseError(
            .columnCount,
            "the result has \(columns.count) columns, and \(expected) are read",
            hint: columns.isEmpty ? "the statement returns no rows: use execute(_:), or add RETURNING" : nil
        )
    }
}

@inlinable
func count<Element>(_ type: Element.Type, _ total: inout Int) {
    total += 1
}

/// Reads the next column of the current row.
@inlinable
func read<Element: SQLDecodable>(
    _ type: Element.Type,
    _ statement: any PreparedStatement,
    _ index: inout Int
) throws(DatabaseError) -> Element {
    defer { index += 1 }
    return try CellReader(statement)(index)
}

/// Reads the columns of the current row by their positions.
@usableFromInline
package struct CellReader {
    @usableFromInline let statement: any PreparedStatement

    @inlinable
    init(_ statement: any PreparedStatement) {
        self.statement = statement
    }

    @inlinable
    package func callAsFunction<Element: SQLDecodable>(_ index: Int) throws(DatabaseError) -> Element {
        do {
            return try Element(from: try statement.cell(at: index))
        } catch {
            throw error.inColumn(index, of: statement.columns)
        }
    }
}

extension DatabaseError {
    /// The same error of a value in a column.
    @usableFromInline
    func inColumn(_ index: Int, of columns: [Column]) -> DatabaseError {
        prefixed(by: RowLayout(columns).place(index))
    }
}
