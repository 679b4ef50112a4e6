// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

/// What a session knows of records: their handles, and the changes that were not written yet.
///
/// Like the session's context it is synchronous, not `Sendable`, and touched on the session's lane only.
@usableFromInline
package final class UnitOfWork: SessionParticipant {
    /// The session's; it owns the unit of work.
    @usableFromInline unowned let context: SessionContext
    private var stores: [ObjectIdentifier: any AnyRecordStore] = [:]
    /// The stores in the order in which their types were first used, so that a flush does the same thing each time.
    private(set) var ordered: [any AnyRecordStore] = []

    /// When values were read, and which of them are stale.
    @usableFromInline private(set) var ages = ValueAges()
    /// The number of savepoints around what is being done.
    private(set) var level = 0
    /// How deep in `noAutoflush { }` the scope is.
    var suspensions = 0
    private var isFlushing = false
    /// The columns that hold bytes, of those tables for which that was asked.
    var byteColumns: [ObjectIdentifier: ColumnSet] = [:]

    init(_ context: SessionContext) {
        self.context = context
        for _ in 0..<context.savepointDepth { savepointBegan() }
    }

    /// The handles of a type.
    @usableFromInline
    func store<R: Record>(_ type: R.Type) -> RecordStore<R> {
        if let store = stores[ObjectIdentifier(type)] as? RecordStore<R> { return store }
        let store = RecordStore<R>(self)
        stores[ObjectIdentifier(type)] = store
        ordered.append(store)
        return store
    }

    /// Whether a flush would find something to look at.
    var hasChanges: Bool {
        ordered.contains { $0.hasChanges }
    }

    // MARK: - Writing

    package func flush(before occasion: FlushOccasion) throws(DatabaseError) {
        guard occasion == .boundary || suspensions == 0 else { return }
        do {
            try flush()
        } catch {
            guard occasion == .statement else { throw error }
            throw error.prefixed(by: "the changes of records that are written before this statement")
        }
    }

    /// Writes all changes.
    func flush() throws(DatabaseError) {
        guard !isFlushing, hasChanges else { return }
        try context.requireUsable()
        isFlushing = true
        defer { isFlushing = false }
        do {
            try Flush(self).run()
        } catch {
            context.flushFailed(error)
            throw error
        }
    }

    // MARK: - Transactions

    package func savepointBegan() {
        level += 1
        ages.savepointBegan()
    }

    package func savepointEnded(isKept: Bool) {
        guard level > 0 else { return }
        let ended = level
        level -= 1
        ages.savepointEnded(isKept: isKept)
        for store in ordered { isKept ? store.merge(ended) : store.restore(ended) }
    }

    package func transactionEnded(isCommitted: Bool) {
        if isCommitted {
            level = 0
            for store in ordered { store.commit() }
        } else {
            for store in ordered {
                for level in stride(from: level, through: 0, by: -1) { store.restore(level) }
            }
            level = 0
        }
        ages.transactionEnded()
    }

    package func sessionEnded() {
        for store in ordered { store.end() }
        stores = [:]
        ordered = []
    }

    /// Makes all values stale.
    func expireAll() {
        for store in ordered { store.expireAll() }
        ages.expireAll()
    }
}

extension Session {
    /// The unit of work of the session.
    var unit: UnitOfWork {
        if let unit = participant as? UnitOfWork { return unit }
        let unit = UnitOfWork(context)
        participant = unit
        return unit
    }

    /// The same for what changes it: what a session that has ended is given would never be written.
    ///
    /// - Throws: `sessionClosed`.
    var openUnit: UnitOfWork {
        get throws(DatabaseError) {
            try context.requireOpen()
            return unit
        }
    }
}
