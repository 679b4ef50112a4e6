// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

extension Session {
    // MARK: - Rows

    /// A query of a type of record.
    ///
    /// ```swift
    /// let john = try session.query(User.self).filter { $0.name == "john" }.first()
    /// ```
    public func query<R: Record>(_ type: R.Type) -> RecordQuery<R> {
        RecordQuery(unit)
    }

    /// The handle of the row with a key, or nil if there is none.
    ///
    /// A row that the session has read in this transaction is not read again, unless it is to be locked.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func get<R: Record>(_ type: R.Type, _ key: R.Key, locking lock: RowLock? = nil) throws(DatabaseError)
        -> Tracked<R>?
    {
        let store = unit.store(type)
        if let known = store.handle(key) {
            guard known.phase == .persistent else { return nil }
            guard known.isStale || lock != nil else { return known }
        }
        store.prune()
        // Its own flush may insert the row that is asked for.
        let row = try store.read(key, lock)
        guard let row else {
            // One that is left out because somebody else has locked it is not gone.
            if lock?.conflict == .skip { return nil }
            try store.requireGone(key)
            store.handle(key).map(store.vanished)
            return nil
        }
        let handle = try store.load(row, foundBy: key, isLocked: lock != nil)
        return handle.phase == .persistent ? handle : nil
    }

    /// The handle of the row with a key.
    ///
    /// - Throws: `noRows` if there is none; ``/Mainstay/DatabaseError``.
    public func getOne<R: Record>(_ type: R.Type, _ key: R.Key, locking lock: RowLock? = nil) throws(DatabaseError)
        -> Tracked<R>
    {
        guard let handle = try get(type, key, locking: lock) else {
            throw DatabaseError(
                .noRows,
                "there is no row of \(R.schema.name) with this key",
                sensitiveDetail: "key \(key)"
            )
        }
        return handle
    }

    // MARK: - Changes

    /// Adds a record, to be inserted by the next flush.
    ///
    /// - Returns: Its handle, which has the generated key after the flush.
    /// - Throws: `duplicateIdentity` if the session has read or written a row with its key in this transaction. Of two records with
    ///   the same key that are both to be inserted, the database refuses one.
    @discardableResult
    public func add<R: Record>(_ record: R) throws(DatabaseError) -> Tracked<R> {
        let handle = Tracked(record)
        try openUnit.store(R.self).add(handle)
        return handle
    }

    /// Adds a handle that no session has: a new one, one whose insertion was rolled back, one that was taken out by
    /// ``expunge(_:)``. One that is to be deleted is kept after all.
    ///
    /// - Throws: `misuse` for another session's handle and for one whose row was deleted; `duplicateIdentity` if the session has
    ///   a row with its key.
    public func add<R: Record>(_ handle: Tracked<R>) throws(DatabaseError) {
        try openUnit.store(R.self).add(handle)
    }

    /// Adds some records, to be inserted by the next flush.
    ///
    /// - Throws: `duplicateIdentity` if the session has a record with the key of one.
    @discardableResult
    public func addAll<R: Record>(_ records: some Sequence<R>) throws(DatabaseError) -> [Tracked<R>] {
        var handles: [Tracked<R>] = []
        for record in records { handles.append(try add(record)) }
        return handles
    }

    /// Marks a record, to be deleted by the next flush. One that was not inserted yet is taken out.
    ///
    /// - Throws: `misuse` for a handle of which the session knows no row.
    public func delete<R: Record>(_ handle: Tracked<R>) throws(DatabaseError) {
        try openUnit.store(R.self).delete(handle)
    }

    /// Copies a plain value into the session: its properties become those of the handle with its key, whose row is read if need be.
    /// A value without a key or without a row is added.
    ///
    /// - Throws: `staleRecord` if the row has another `@Version` than the value; ``/Mainstay/DatabaseError``.
    @discardableResult
    public func merge<R: Record>(_ record: R) throws(DatabaseError) -> Tracked<R> {
        guard let key = record.recordKey, let handle = try get(R.self, key) else { return try add(record) }
        if let version = R.schema.version {
            let (old, new) = (try handle.record.columnValue(at: version), try record.columnValue(at: version))
            guard old == new else { throw unit.store(R.self).stale(record, isFresh: false) }
        }
        handle.value = record
        return handle
    }

    /// Writes all changes now: inserts, updates of the changed columns, and deletes, in an order that references allow.
    ///
    /// A flush comes by itself before statements, savepoints and COMMIT.
    ///
    /// - Throws: `staleRecord` if somebody else has changed a row, `uniqueViolation` and other errors of the database; the
    ///   transaction, if one has begun, has then failed, and `rollback()`, or that of a savepoint, is the way out.
    public func flush() throws(DatabaseError) {
        try openUnit.flush()
    }

    /// Runs a function in which statements and queries do not write what was changed before them. ``flush()``, savepoints, COMMIT and
    /// what works on rows past their handles (``refresh(_:locking:)``, bulk and set-based changes) still do.
    public func noAutoflush<Result>(_ body: () throws -> Result) rethrows -> Result {
        let unit = unit
        unit.suspensions += 1
        defer { unit.suspensions -= 1 }
        return try body()
    }

    // MARK: - Values

    /// Reads a record's row again, now. Changes of the handle that were not written are lost; those of others are written before.
    ///
    /// - Parameters:
    ///   - handle: The handle.
    ///   - lock: How to lock the row until the transaction ends.
    /// - Throws: `misuse` for a handle of which the session knows no row; `noRows` if the row is gone.
    public func refresh<R: Record>(_ handle: Tracked<R>, locking lock: RowLock? = nil) throws(DatabaseError) {
        try unit.store(R.self).refresh(handle, nil, lock)
    }

    /// Reads some columns of a record's row again, now. Changes of other properties stay, and what was stale stays so.
    ///
    /// ```swift
    /// try session.refresh(user) { $0.balance; $0.version }
    /// ```
    ///
    /// - Throws: `misuse` for a handle of which the session knows no row; `noRows` if the row is gone.
    public func refresh<R: Record>(
        _ handle: Tracked<R>,
        locking lock: RowLock? = nil,
        @ColumnSetBuilder columns: (R.Columns) -> [Int]
    ) throws(DatabaseError) {
        let columns = ColumnSet(columns(R.columns(of: R.schema.tableName)))
        try unit.store(R.self).refresh(handle, columns, lock)
    }

    /// Takes a record's values for old, and drops its changes that were not written. The next query that returns its row brings it
    /// up to date.
    ///
    /// - Throws: `misuse` for a handle of which the session knows no row.
    public func expire<R: Record>(_ handle: Tracked<R>) throws(DatabaseError) {
        let store = try openUnit.store(R.self)
        try store.requirePersistent(handle)
        let isChanged = handle.isChanged
        handle.expire()
        if isChanged { store.dirty.removeAll { $0 === handle } }
    }

    /// Takes the values of all records for old, and drops changes that were not written. Records that were added stay so.
    public func expireAll() {
        unit.expireAll()
    }

    /// Takes a record out of the session, which forgets its changes. A rollback does not return it to what it was.
    ///
    /// - Throws: `misuse` for another session's handle.
    public func expunge<R: Record>(_ handle: Tracked<R>) throws(DatabaseError) {
        let store = try openUnit.store(R.self)
        try store.requireOwn(handle)
        store.expunge(handle)
    }

    // MARK: - What there is to be written

    /// Whether a record differs from its row, as far as the session knows it. A change that was taken back is none.
    ///
    /// - Throws: `invalidParameter` if a property can't be written at all.
    public func isModified<R: Record>(_ handle: Tracked<R>) throws(DatabaseError) -> Bool {
        !(try handle.changedColumns()).isEmpty
    }

    /// The records to be inserted.
    public var new: [any TrackedRecord] { unit.ordered.flatMap(\.newHandles) }

    /// The records that were changed. Whether there is anything to be written is found out by the flush.
    public var dirty: [any TrackedRecord] { unit.ordered.flatMap(\.dirtyHandles) }

    /// The records to be deleted.
    public var deleted: [any TrackedRecord] { unit.ordered.flatMap(\.deletedHandles) }
}
