// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords

/// A record without the macro, so that what is tested here can be built without it.
struct PlainRecord: Record {
    struct Columns: Sendable {}

    var text: String

    static let schema = RecordSchema(table: ["plain"], columns: [RecordSchema.Column("text", .key)])

    init(_ text: String) {
        self.text = text
    }

    static func columns(of table: TableName) -> Columns { Columns() }

    var recordKey: String? { text }

    static func keyValues(_ key: String) throws(DatabaseError) -> [Value] { [.text(key)] }

    init(from row: RecordRow) throws(DatabaseError) { text = try row.value(0) }

    init(from row: RecordRow, replacingIn base: PlainRecord) throws(DatabaseError) {
        text = try row.has(0) ? row.value(0) : base.text
    }

    init(_ base: PlainRecord, with columns: ColumnSet, of other: PlainRecord) {
        text = columns.contains(0) ? other.text : base.text
    }

    init(_ base: PlainRecord, without columns: ColumnSet) { text = base.text }

    func columnValue(at index: Int) throws(DatabaseError) -> Value { .text(text) }
}
