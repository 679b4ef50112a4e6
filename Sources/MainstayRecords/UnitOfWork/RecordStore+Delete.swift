// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordStore {
    func delete(_ rows: [Int]) throws(DatabaseError) {
        let handles = rows.map { writing.deletes[$0] }
        if schema.version == nil {
            var statements: [SQL] = []
            for handle in handles { statements.append(try statement(handle)) }
            // A row that is gone already is as it should be.
            _ = try context.executeBatch(statements)
        } else {
            for handle in handles {
                guard try context.executeBatch([statement(handle)]).affectedRows == 1 else {
                    throw stale(handle.record, isFresh: !handle.isStale)
                }
            }
        }
        for handle in handles { vanished(handle) }
    }

    private func statement(_ handle: Tracked<R>) throws(DatabaseError) -> SQL {
        "DELETE FROM \(schema.tableSQL) WHERE \(try identity(of: handle.original))"
    }
}
