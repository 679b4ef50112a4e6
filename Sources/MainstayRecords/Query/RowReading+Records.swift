// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

extension RowReading where Output: Record {
    /// Records, all of whose columns the row has.
    @inlinable
    package static var records: RowReading<Output> {
        RowReading { _ in
            { (statement) throws(DatabaseError) in try Output(from: RecordRow(statement, Output.schema)) }
        }
    }

    /// Records that take some columns from the row and the others from a record.
    static func records(_ columns: ColumnSet, in base: Output) -> RowReading<Output> {
        RowReading { _ in
            { (statement) throws(DatabaseError) in
                try Output(from: RecordRow(statement, Output.schema, columns: columns), replacingIn: base)
            }
        }
    }
}
