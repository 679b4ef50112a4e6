// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// The handles of one type of record: its identity map, and what is to be written of it.
@usableFromInline
final class RecordStore<R: Record>: AnyRecordStore {
    @usableFromInline unowned let unit: UnitOfWork
    /// The handle of each row that the session knows.
    // Unchecked, for it is looked into for each row: it is touched on the lane alone, and by nothing that it calls.
    @exclusivity(unchecked) @usableFromInline var map = IdentityMap<R>()
    /// The handles that are to be inserted, in the order in which they were added.
    private(set) var pending: [Tracked<R>] = []
    /// The handles that were changed.
    var dirty: [Tracked<R>] = []
    /// The handles that are to be deleted.
    private(set) var deleting: [Tracked<R>] = []
    /// The handles to be returned to what they were, by the level of savepoints.
    private var touched: [[Tracked<R>]] = [[]]
    /// What a flush is writing, by number.
    var writing = Writing()
    /// When the map is next looked through for handles that nobody holds.
    @usableFromInline var pruneCount = 1024
    /// Whether the session is over.
    private(set) var hasEnded = false

    struct Writing {
        var inserts: [Tracked<R>] = []
        var updates: [Tracked<R>] = []
        /// Which of their columns have changed, and the key that each row has.
        var changed: [(columns: ColumnSet, key: [Value])] = []
        var deletes: [Tracked<R>] = []
        /// The references that were left out of inserts, as they are to be, by the number of the insert.
        var postponed: [Int: (columns: ColumnSet, record: R)] = [:]
    }

    init(_ unit: UnitOfWork) {
        self.unit = unit
    }

    var context: SessionContext { unit.context }
    var schema: RecordSchema { R.schema }
    var type: any Record.Type { R.self }
    var hasChanges: Bool { !pending.isEmpty || !dirty.isEmpty || !deleting.isEmpty }
    var newHandles: [any TrackedRecord] { pending }
    var dirtyHandles: [any TrackedRecord] { dirty.filter { $0.phase == .persistent && $0.isChanged } }
    var deletedHandles: [any TrackedRecord] { deleting }

    // MARK: - Rows

    /// The handle of a row that was read.
    ///
    /// - Parameter isLocked: Whether the row was read with a lock, and so is what counts.
    ///
    /// `@inlinable`, as what calls it for each row: compiled where the record's type is known, it takes a fifth of the time.
    @inlinable
    func load(_ fresh: R, isLocked: Bool = false) throws(DatabaseError) -> Tracked<R> {
        guard let key = fresh.recordKey else { throw withoutKey }
        let place = map.place(of: key)
        if let known = map[place: place] {
            try loadAgain(known, fresh, isLocked: isLocked)
            return known
        }
        let handle = Tracked(loaded: fresh, in: self)
        map.set(handle, at: place)
        return handle
    }

    /// The handle of a row that the database found by a key. By its collation the row's own key may be another one, which counts.
    func load(_ fresh: R, foundBy key: R.Key, isLocked: Bool = false) throws(DatabaseError) -> Tracked<R> {
        if let own = fresh.recordKey, let known = map[key], known.phase == .persistent, map[own] == nil {
            remap(known, from: key, to: own)
        }
        return try load(fresh, isLocked: isLocked)
    }

    @usableFromInline
    func loadAgain(_ known: Tracked<R>, _ fresh: R, isLocked: Bool) throws(DatabaseError) {
        if (isLocked || known.isStale), known.phase == .persistent { try known.load(fresh) }
    }

    @usableFromInline var withoutKey: DatabaseError {
        DatabaseError(
            .unexpectedNull,
            "a row of \(schema.name) has no key",
            hint: "mark properties with @ID that are never NULL in the database"
        )
    }

    func handle(_ key: R.Key) -> Tracked<R>? { map[key] }

    /// Drops the handles that nobody holds any more and that have nothing to be written, if there are many.
    @inlinable
    func prune() {
        guard map.count >= pruneCount else { return }
        map.removeUnheld { $0.isStrong }
        pruneCount = max(1024, 2 * map.count)
    }

    // MARK: - Changes

    func add(_ handle: Tracked<R>) throws(DatabaseError) {
        try requireOwn(handle)
        switch handle.phase {
        case .pending, .persistent: return
        case .deleting:
            deleting.removeAll { $0 === handle }
            handle.turn(.persistent)
            if handle.isChanged, !dirty.contains(where: { $0 === handle }) { dirty.append(handle) }
        case .deleted:
            throw DatabaseError(
                .misuse,
                "the record of \(schema.name) was deleted",
                hint: "add its value to insert the row again: add(handle.value)"
            )
        case .transient(wasPersistent: true):
            guard let key = handle.original.recordKey else { return }
            if let other = map[key], other !== handle { throw duplicateIdentity(key) }
            handle.enter(self, .persistent)
            map[key] = handle
            if handle.isChanged { dirty.append(handle) }
        case .transient(wasPersistent: false):
            if let key = handle.record.recordKey { try requireNoOther(key, than: handle) }
            handle.enter(self, .pending)
            pending.append(handle)
        }
    }

    func delete(_ handle: Tracked<R>) throws(DatabaseError) {
        try requireOwn(handle)
        switch handle.phase {
        case .persistent:
            handle.turn(.deleting)
            deleting.append(handle)
        case .deleting, .deleted: return
        case .pending:
            expunge(handle)
        case .transient:
            throw notInSession
        }
    }

    func expunge(_ handle: Tracked<R>) {
        switch handle.phase {
        case .transient: return
        case .pending: pending.removeAll { $0 === handle }
        case .deleting: deleting.removeAll { $0 === handle }
        case .persistent, .deleted: break
        }
        if handle.isChanged { dirty.removeAll { $0 === handle } }
        unmap(handle)
        handle.leave()
    }

    /// Takes a handle out of the map, under the key that it has and the one that it had.
    private func unmap(_ handle: Tracked<R>) {
        for key in [handle.record.recordKey, handle.written?.recordKey] {
            if let key, map[key] === handle { map[key] = nil }
        }
    }

    /// Throws if a handle is another session's.
    func requireOwn(_ handle: Tracked<R>) throws(DatabaseError) {
        guard let store = handle.store, store !== self else { return }
        throw DatabaseError(
            .misuse,
            "the record of \(schema.name) is another session's",
            hint: "give this session its value: add(handle.value) or merge(handle.value)"
        )
    }

    /// Throws if a handle has no row in the database that the session knows of.
    func requirePersistent(_ handle: Tracked<R>) throws(DatabaseError) {
        try requireOwn(handle)
        guard handle.phase == .persistent else { throw notInSession }
    }

    private var notInSession: DatabaseError {
        DatabaseError(
            .misuse,
            "the record of \(schema.name) has no row that the session knows of",
            hint: "get(_:_:), query(_:) and add(_:) with flush() give handles of rows"
        )
    }

    /// Throws if another handle stands for the same row.
    func requireNoOther(_ key: R.Key, than handle: Tracked<R>) throws(DatabaseError) {
        // Of one that was read earlier nobody knows whether it still has the key: the database does.
        guard let other = map[key], other !== handle, other.phase == .persistent, !other.isStale else { return }
        throw duplicateIdentity(key)
    }

    private func duplicateIdentity(_ key: R.Key) -> DatabaseError {
        DatabaseError(
            .duplicateIdentity,
            "another record of \(schema.name) with the same key is in the session",
            hint: "change that one, or merge(_:) this one into it",
            sensitiveDetail: "key \(key)"
        )
    }

    /// A handle got a key, or another one.
    func remap(_ handle: Tracked<R>, from old: R.Key?, to new: R.Key?) {
        if let old, let new, R.isSame(old, new) { return }
        if let old, map[old] === handle { map[old] = nil }
        guard let new else { return }
        // The database has accepted the key, so the row of whoever had it is gone: with a rollback, for example.
        if let other = map[new], other !== handle { vanished(other) }
        map[new] = handle
    }

    /// A handle's row is gone.
    func vanished(_ handle: Tracked<R>) {
        unmap(handle)
        handle.turn(.deleted)
    }

    func finishFlush() {
        pending.removeAll { $0.phase != .pending }
        dirty.removeAll { !$0.isChanged || $0.phase != .persistent }
        deleting.removeAll { $0.phase != .deleting }
        writing = Writing()
        prune()
        map.checkInvariants()
    }

    // MARK: - Levels

    func touched(_ handle: Tracked<R>) {
        while touched.count <= unit.level { touched.append([]) }
        touched[unit.level].append(handle)
    }

    func merge(_ level: Int) {
        guard touched.indices.contains(level) else { return }
        for handle in touched.remove(at: level) where handle.merge(level) { touched[level - 1].append(handle) }
    }

    func restore(_ level: Int) {
        guard touched.indices.contains(level) else { return }
        let handles = touched[level]
        touched.removeSubrange(level...)
        if touched.isEmpty { touched = [[]] }
        for handle in handles { unmap(handle) }
        for handle in handles {
            handle.restore(level)
            if handle.phase == .persistent, let key = handle.record.recordKey { map[key] = handle }
        }
        finishFlush()
    }

    func commit() {
        let handles = touched.flatMap { $0 }
        touched = [[]]
        for handle in handles { handle.commit() }
        map.checkInvariants()
    }

    func expireAll() {
        for handle in dirty { handle.expire() }
        dirty = []
    }

    /// Makes the values of all handles stale.
    func expireHandles() {
        for handle in map.values { handle.expire() }
    }

    func end() {
        for handle in pending + dirty + deleting + touched.joined() { handle.end() }
        hasEnded = true
        map = IdentityMap()
        pending = []
        dirty = []
        deleting = []
        touched = [[]]
        finishFlush()
    }
}

extension Tracked {
    /// Whether the session keeps the handle although nobody else holds it.
    @usableFromInline var isStrong: Bool { isChanged || phase != .persistent }
}
