// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

struct CodableRowTests {
    private func code(_ body: () throws -> Void) -> DatabaseError.Code? {
        #expect(throws: DatabaseError.self) { try body() }?.code
    }

    @Test("A row is read by name and by position")
    func subscripts() throws {
        let row = try CodableSupport.row(["id": .integer(7), "name": .text("é"), "none": .null])
        let id: Int = try row["id"]
        #expect(id == 7)
        #expect(try row[1] == "é")
        #expect(try row["none", as: String?.self] == nil)
        #expect(row.columns.map(\.name) == ["id", "name", "none"])
    }

    @Test("A position outside of the row is an error", arguments: [-1, 2, Int.max, Int.min])
    func positions(index: Int) throws {
        let row = try CodableSupport.row(["a": .integer(1), "b": .integer(2)])
        #expect(code { _ = try row[index, as: Int.self] } == .columnNotFound)
    }

    @Test("A name that is not there is an error that tells which are", arguments: ["", "ID", "id ", "i"])
    func names(name: String) throws {
        let row = try CodableSupport.row(["id": .integer(1), "b": .integer(2)])
        let error = #expect(throws: DatabaseError.self) { try row[name, as: Int.self] }
        #expect(error?.code == .columnNotFound)
        #expect(error?.message.contains("\"id\", \"b\"") == true)
    }

    @Test("A name that several columns have is an error, and the positions still work")
    func ambiguity() throws {
        let row = try CodableSupport.row(["id": .integer(1), "x": .integer(2), "id": .integer(3), "id": .integer(4)])
        #expect(code { _ = try row["id", as: Int.self] } == .columnAmbiguous)
        #expect(try row["x"] == 2)
        #expect(try row[2] == 3)
    }

    @Test("A column without a name can be read")
    func unnamed() throws {
        let row = try CodableSupport.row(["": .integer(1)])
        #expect(try row[""] == 1)
        #expect(try row[0] == 1)
    }

    @Test("A value that can't be read names its column")
    func errors() throws {
        let row = try CodableSupport.row(["age": .integer(300), "name": .null])
        let overflow = #expect(throws: DatabaseError.self) { try row["age", as: UInt8.self] }
        #expect(overflow?.code == .overflow)
        #expect(overflow?.message.hasPrefix("column \"age\": ") == true)
        let null = #expect(throws: DatabaseError.self) { try row[1, as: String.self] }
        #expect(null?.code == .unexpectedNull)
        #expect(null?.message.hasPrefix("column \"name\": ") == true)
    }

    @Test("A row keeps every kind of cell as it was", arguments: CodableCellTests.Kind.allCases)
    func copies(kind: CodableCellTests.Kind) throws {
        let row = try CodableSupport.row(["before": .text("before"), "cell": kind.content, "after": .bytes([9])])
        row.withCell(at: 1) { copy in
            let box = CellBox([kind.content])
            #expect(words(copy) == words(box.cells[0]))
        }
        #expect(try row[0] == "before")
        #expect(try row[2] == [9] as [UInt8])
    }

    /// A cell with its content, so that two can be compared.
    private func words(_ cell: Cell) -> String {
        switch cell {
        case .text(let buffer), .bytes(let buffer), .decimal(let buffer), .uuid(let buffer), .json(let buffer):
            "\(cell.kind) \(Array(buffer))"
        case .array(let array): "array \(array.takeUnretainedValue().elements.map { words($0) })"
        default: "\(cell)"
        }
    }

    @Test("A row keeps arrays with all that is in them")
    func arrays() throws {
        let row = try CodableSupport.row([
            "texts": .array([.text("a"), .null, .text("bc")]),
            "nested": .array([.array([.bytes([1]), .bytes([])]), .array([])]),
        ])
        #expect(try row["texts", as: [String?].self] == ["a", nil, "bc"])
        #expect(try row["nested", as: [[[UInt8]]].self] == [[[1], []], []])
    }

    @Test("A large array is read without running out of stack")
    func largeArray() async {
        // In a process of its own, since it ends the process.
        await #expect(processExitsWith: .success) {
            let row = try CodableSupport.row(["a": .array((0..<100_000).map { .integer($0) })])
            guard try row["a", as: [Int].self].count == 100_000 else { throw CancellationError() }
        }
    }

    @Test("A row leaves the task that it was read in")
    func sendability() async throws {
        let row = try CodableSupport.row(["a": .text("kept")])
        let text = try await Task.detached { try row["a", as: String.self] }.value
        #expect(text == "kept")
    }
}
