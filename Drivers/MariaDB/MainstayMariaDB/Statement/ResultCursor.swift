// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// The columns of a statement's result and the row that was read last.
///
/// An object of its own whose properties are few and unchecked, for `cell(at:)` is what a program does most.
final class ResultCursor {
    private(set) var columns: [Column] = []
    /// How many rows were read.
    var rowCount = 0
    // Both belong to the current execution: `row` is the library's, `kinds` has `columns.count` elements. They are read
    // and written on the lane alone, and nothing that reads them calls anything that writes them.
    @exclusivity(unchecked) private var row: UnsafeMutablePointer<MYSQL_BIND>?
    @exclusivity(unchecked) private var kinds: UnsafeMutablePointer<ColumnKind>?

    deinit {
        kinds?.deallocate()
    }

    /// Takes the columns of a new result. Mostly they are those of the last one.
    func take(_ row: UnsafeMutablePointer<MYSQL_BIND>?, _ fields: UnsafePointer<MYSQL_FIELD>?, count: Int) {
        rowCount = 0
        self.row = count > 0 ? row : nil
        guard count > 0, let fields else {
            columns = []
            return
        }
        if count != columns.count {
            kinds?.deallocate()
            kinds = .allocate(capacity: count)
            columns = (0..<count).map { Column(name: fields[$0].text) }
        }
        // Compared before they are set, which copies the list if somebody else has it.
        for index in 0..<count {
            let kind = ColumnKind(fields[index])
            kinds?[index] = kind
            if columns[index].isBytes != (kind == .bytes) { columns[index].isBytes = kind == .bytes }
            if !fields[index].isNamed(columns[index].name) { columns[index].name = fields[index].text }
        }
    }

    /// Forgets the row, whose memory is about to be used for something else.
    func end() {
        row = nil
    }

    @inline(__always)
    func cell(at index: Int) throws(DatabaseError) -> Cell {
        guard let row, let kinds else { throw DatabaseError(.misuse, "there is no current row") }
        guard let value = BinaryValue(row[index]) else { return .null }
        return try value.cell(kinds[index])
    }
}

extension MYSQL_FIELD {
    fileprivate var text: String {
        String(decoding: nameBytes, as: UTF8.self)
    }

    fileprivate func isNamed(_ name: String) -> Bool {
        name.utf8.elementsEqual(nameBytes)
    }

    private var nameBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : Int(name_length))
    }
}
