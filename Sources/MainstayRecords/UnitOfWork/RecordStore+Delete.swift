// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordStore {
    func delete(_ rows: [Int]) throws(DatabaseError) {
        let handles = rows.map { writing.deletes[$0] }
        if schema.version == nil {
            var statements: [SQL] = []
            for handle in handles { statements.append(try statement(handle)) }
            let affected = try context.executeBatch(statements).affectedRows
            // A row that is gone already is as it should be. One that is there in another form is not.
            if affected < handles.count {
                for handle in handles {
                    guard let key = handle.original.recordKey, let form = try otherForm(of: key) else { continue }
                    throw inOtherForm(.staleRecord, form, key)
                }
            }
        } else {
            for handle in handles {
                guard try context.executeBatch([statement(handle)]).affectedRows == 1 else {
                    throw try missing(handle.record, isFresh: !handle.isStale)
                }
            }
        }
        for handle in handles { vanished(handle) }
    }

    private func statement(_ handle: Tracked<R>) throws(DatabaseError) -> SQL {
        "DELETE FROM \(schema.tableSQL) WHERE \(try identity(of: handle.original))"
    }
}
