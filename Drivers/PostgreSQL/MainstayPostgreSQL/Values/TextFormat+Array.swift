// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension TextFormat {
    /// Reads an array: `{1,NULL,3}`, `{{a,"b c"},{"d \"e\"",f}}`, or with lower bounds before it, `[0:1]={1,2}`.
    static func array(
        _ text: UnsafeRawBufferPointer,
        _ element: ColumnKind,
        _ storage: RowStorage
    ) throws(DatabaseError) -> Cell {
        var parser = ArrayParser(text, element, storage)
        return try parser.parse()
    }
}

private struct ArrayParser {
    private var rest: Slice<UnsafeRawBufferPointer>
    private let element: ColumnReader
    private let storage: RowStorage

    init(_ text: UnsafeRawBufferPointer, _ element: ColumnKind, _ storage: RowStorage) {
        rest = text[...]
        self.element = ColumnReader(of: element)
        self.storage = storage
    }

    mutating func parse() throws(DatabaseError) -> Cell {
        if rest.first == UInt8(ascii: "[") {
            rest = rest.drop { $0 != UInt8(ascii: "=") }.dropFirst()
        }
        guard take("{") else { throw .malformed("array") }
        let cell = try elements(depth: 1)
        guard rest.isEmpty else { throw .malformed("array") }
        return cell
    }

    /// Reads what follows an opening brace, to the closing one.
    private mutating func elements(depth: Int) throws(DatabaseError) -> Cell {
        // As deep as the server goes, so that no other can make us recurse without end.
        guard depth <= 6 else { throw .malformed("array") }
        var cells: [Cell] = []
        if take("}") { return storage.keep(cells) }
        repeat {
            if take("{") {
                cells.append(try elements(depth: depth + 1))
            } else if take("\"") {
                cells.append(try TextFormat.cell(try quoted(), element, storage))
            } else {
                let word = try bare()
                cells.append(word.elementsEqual("NULL".utf8) ? .null : try TextFormat.cell(word, element, storage))
            }
        } while take(",")
        guard take("}") else { throw .malformed("array") }
        return storage.keep(cells)
    }

    /// Reads what follows an opening quote, to the closing one.
    private mutating func quoted() throws(DatabaseError) -> UnsafeRawBufferPointer {
        let text = storage.allocate(rest.count)
        var count = 0
        while var byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { throw .malformed("array") }
                byte = escaped
            }
            text[count] = byte
            count += 1
        }
        storage.shrinkLast(by: text.count - count)
        return UnsafeRawBufferPointer(rebasing: text[..<count])
    }

    private mutating func bare() throws(DatabaseError) -> UnsafeRawBufferPointer {
        let word = rest.prefix { !",{}\"\\".utf8.contains($0) }
        guard !word.isEmpty else { throw .malformed("array") }
        rest = rest.dropFirst(word.count)
        return UnsafeRawBufferPointer(rebasing: word)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }
}
