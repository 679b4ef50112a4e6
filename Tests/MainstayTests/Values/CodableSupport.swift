// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

@testable import Mainstay

/// What the tests of reading cells and rows share.
enum CodableSupport {
    /// A statement that stands on a row and can do nothing else.
    private final class Standing: PreparedStatement {
        let columns: [Column]
        private let box: CellBox

        init(_ columns: [String], _ contents: [CellBox.Content]) {
            self.columns = columns.map { Column(name: $0) }
            box = CellBox(contents)
        }

        func start(_ parameters: [Value], reading: Reading) {}
        func step() -> Bool { false }
        func cell(at index: Int) -> Cell { box.cells[index] }
        func finish() -> Completion { Completion(affectedRows: 0) }
        func close() {}
    }

    /// Reads a cell as a driver's cursor hands it out.
    static func read<Output: SQLDecodable>(
        _ content: CellBox.Content,
        as type: Output.Type = Output.self
    ) throws(DatabaseError) -> Output {
        let box = CellBox([content])
        defer { withExtendedLifetime(box) {} }
        return try Output(from: box.cells[0])
    }

    /// The code of the error of reading a cell, or nil if it can be read.
    static func code<Output: SQLDecodable>(_ content: CellBox.Content, as type: Output.Type) -> DatabaseError.Code? {
        do throws(DatabaseError) {
            _ = try read(content, as: type)
            return nil
        } catch {
            return error.code
        }
    }

    /// A copied row. What it was copied from is gone.
    static func row(_ cells: KeyValuePairs<String, CellBox.Content>) throws -> Row {
        let standing = Standing(cells.map(\.key), cells.map(\.value))
        return try Row(copying: standing, layout: RowLayout(standing.columns))
    }
}
