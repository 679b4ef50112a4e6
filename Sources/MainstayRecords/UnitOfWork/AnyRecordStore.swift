// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// A store of any type of record, as the unit of work sees it.
protocol AnyRecordStore: AnyObject {
    var schema: RecordSchema { get }
    var type: any Record.Type { get }
    var hasChanges: Bool { get }

    /// The handles that were added, changed and deleted since the last flush.
    var newHandles: [any TrackedRecord] { get }
    var dirtyHandles: [any TrackedRecord] { get }
    var deletedHandles: [any TrackedRecord] { get }

    func merge(_ level: Int)
    func restore(_ level: Int)
    func commit()
    func expireAll()
    func end()

    /// Gets its changes ready to be written.
    func changes() throws(DatabaseError) -> StoreChanges
    /// Writes those of its changes that have these numbers.
    func insert(_ rows: [Int], without postponed: [Int: ColumnSet]) throws(DatabaseError)
    func update(_ rows: [Int]) throws(DatabaseError)
    func link(_ rows: [Int]) throws(DatabaseError)
    func delete(_ rows: [Int]) throws(DatabaseError)
    /// Everything is written.
    func finishFlush()
}

/// What a store has to write, for the plan.
struct StoreChanges {
    /// A row to be inserted or updated.
    struct Row {
        /// The handle.
        let handle: any FlushTarget
        /// The records that are to be inserted before it, by the column that refers to them.
        let links: [(column: Int, target: any FlushTarget)]
        /// The values of the columns that refer to others; of an update what they were and are.
        let references: [(column: Int, old: Value?, new: Value?)]
        /// The value of a key of one column, of what is inserted or deleted.
        let key: Value?
    }

    var inserts: [Row] = []
    var updates: [Row] = []
    var deletes: [Row] = []
}
