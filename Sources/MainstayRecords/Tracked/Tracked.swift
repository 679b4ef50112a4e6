// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A session's handle on one row.
///
/// ```swift
/// let user = try session.getOne(User.self, 42)
/// user.name = "John"              // written by the next flush, at COMMIT at the latest
/// let copy: User = user.value     // a plain value, which may leave the scope
/// ```
///
/// A session has one handle for a row: whoever asks for it gets the same. Its properties are those of the record. Reading one
/// does no I/O and never fails; what was read in an earlier transaction is ``TrackedState/stale`` and stays readable until a query
/// returns the row again or ``Mainstay/Session/refresh(_:locking:)`` reads it.
///
/// After a rollback the handle is what it was when the transaction began: one that was inserted is ``TrackedState/transient`` again,
/// without what the database had made; one that was deleted is back.
///
/// A handle belongs to its session's scope. It is not `Sendable`, so the compiler keeps it from leaving.
@dynamicMemberLookup
public final class Tracked<R: Record>: TrackedRecord {
    /// Where the handle stands, in more detail than its users need.
    @usableFromInline
    enum Phase: Hashable {
        /// Not with a session; `wasPersistent` if it was taken out of one that had its row.
        case transient(wasPersistent: Bool)
        case pending
        case persistent
        /// The next flush deletes it.
        case deleting
        /// It was deleted.
        case deleted
    }

    // Five words beside the record, for there may be a hundred thousand handles. All are touched on the lane alone. What comes before
    // the record, whose size nobody here knows, is where the compiler expects it; and unchecked, for nothing else runs while it changes.
    /// The phase as long as the session lasts.
    @exclusivity(unchecked) @usableFromInline var ownPhase: Phase
    /// When the values were read or written.
    @exclusivity(unchecked) @usableFromInline var age: Int
    /// The store of the session that the handle was given to, also when that has ended.
    @exclusivity(unchecked) @usableFromInline var owner: RecordStore<R>?
    /// What was done with the handle; nil of one that was only read, as most are.
    @exclusivity(unchecked) @usableFromInline var history: History?
    @usableFromInline private(set) var record: R

    /// What only those handles have with which something was done.
    ///
    /// The first three say what of the others there is. To ask these themselves takes long in code that is compiled once for all
    /// types of records: what they are made of is looked up each time.
    @usableFromInline
    final class History {
        @exclusivity(unchecked) @usableFromInline var isChanged = false
        @exclusivity(unchecked) var hasLinks = false
        /// That of the last snapshot.
        @exclusivity(unchecked) var level: Int?
        /// What the database has, where the record has changes that were not written.
        var written: R?
        /// The columns that get the keys of other records when those are inserted.
        var links: [Link<R>] = []
        /// Those of which that was done since the transaction began.
        var followed: [Link<R>] = []
        var snapshots: [Snapshot] = []
    }

    /// What to return to when a savepoint or the transaction is rolled back.
    struct Snapshot {
        var level: Int
        var record: R
        let phase: Phase
        let links: [Link<R>]
        let followed: [Link<R>]
    }

    /// A handle that no session knows yet.
    public init(_ record: R) {
        self.record = record
        ownPhase = .transient(wasPersistent: false)
        age = ValueAges.stale
    }

    @inlinable
    init(loaded record: R, in store: RecordStore<R>) {
        self.record = record
        ownPhase = .persistent
        age = store.unit.ages.now
        owner = store
    }

    private var ownHistory: History {
        if let history { return history }
        let history = History()
        self.history = history
        return history
    }

    /// Whether the record has changes that were not written.
    @usableFromInline var isChanged: Bool { history?.isChanged ?? false }

    /// What the database has, where the record has changes that were not written.
    private(set) var written: R? {
        get { isChanged ? history?.written : nil }
        set {
            let isChanged = newValue != nil
            guard isChanged || self.isChanged else { return }
            ownHistory.written = newValue
            ownHistory.isChanged = isChanged
        }
    }

    var hasLinks: Bool { history?.hasLinks ?? false }

    private(set) var links: [Link<R>] {
        get { hasLinks ? history?.links ?? [] : [] }
        set {
            let hasLinks = !newValue.isEmpty
            guard hasLinks || self.hasLinks else { return }
            ownHistory.links = newValue
            ownHistory.hasLinks = hasLinks
        }
    }

    private var followed: [Link<R>] {
        get { history?.followed ?? [] }
        set { if !newValue.isEmpty || history != nil { ownHistory.followed = newValue } }
    }

    private var snapshots: [Snapshot] {
        get { history?.snapshots ?? [] }
        set {
            guard !newValue.isEmpty || history != nil else { return }
            ownHistory.snapshots = newValue
            ownHistory.level = newValue.last?.level
        }
    }

    /// The store of the handle's session, as long as that lasts.
    var store: RecordStore<R>? {
        guard let owner, !owner.hasEnded else { return nil }
        return owner
    }

    /// A session that ends looks only at handles with which something was done; all others are no longer with it all the same.
    private(set) var phase: Phase {
        get { ownPhase == .persistent && owner?.hasEnded == true ? .transient(wasPersistent: true) : ownPhase }
        set { ownPhase = newValue }
    }

    // MARK: - The record

    /// The record as a plain value, which may leave the scope.
    public var value: R {
        get { record }
        set { change { $0 = newValue } }
    }

    /// A property of the record.
    ///
    /// `@inlinable`, as the next one: where the property is known, it is read and set like any other.
    @inlinable
    public subscript<Value>(dynamicMember property: KeyPath<R, Value>) -> Value {
        record[keyPath: property]
    }

    /// A property of the record. A new value is written by the next flush.
    @inlinable
    public subscript<Value>(dynamicMember property: WritableKeyPath<R, Value>) -> Value {
        get { record[keyPath: property] }
        set { change { $0[keyPath: property] = newValue } }
    }

    /// The key of the row.
    ///
    /// - Throws: `misuse` as long as the database has not made it: flush first.
    public func key() throws(DatabaseError) -> R.Key {
        guard let key = record.recordKey else {
            throw DatabaseError(
                .misuse,
                "a record of \(R.schema.name) has no key before it is inserted",
                hint: "flush() first; to refer to it before, link(_:to:)"
            )
        }
        return key
    }

    /// Where the handle stands with its session.
    public var state: TrackedState {
        switch phase {
        case .transient: .transient
        case .pending: .pending
        case .persistent: isStale ? .stale : .persistent
        case .deleting, .deleted: .deleted
        }
    }

    /// The table of the record.
    public var schema: RecordSchema { R.schema }

    var isStale: Bool { store.map { $0.unit.ages.isStale(age) } ?? false }

    @usableFromInline
    func change(_ body: (inout R) -> Void) {
        willChange()
        switch phase {
        case .persistent where !isChanged:
            written = record
            store?.dirty.append(self)
        // So that nothing is lost if it is kept after all, or put back.
        case .deleting where !isChanged, .transient(wasPersistent: true) where !isChanged: written = record
        default: break
        }
        body(&record)
    }

    // MARK: - For the store

    /// Keeps what the handle is now, once for each level of savepoints.
    func willChange() {
        guard let store, history?.level != store.unit.level else { return }
        keep(phase, links, followed, at: store.unit.level)
        store.touched(self)
    }

    private func keep(_ phase: Phase, _ links: [Link<R>], _ followed: [Link<R>], at level: Int) {
        let snapshot = Snapshot(
            level: level,
            record: original,
            phase: phase,
            links: links,
            followed: followed
        )
        let history = ownHistory
        history.snapshots.append(snapshot)
        history.level = level
    }

    func enter(_ store: RecordStore<R>, _ phase: Phase) {
        owner = store
        age = ValueAges.stale
        willChange()
        self.phase = phase
    }

    func turn(_ phase: Phase) {
        willChange()
        self.phase = phase
    }

    /// Leaves the session; changes that were not written are forgotten.
    func leave() {
        if phase == .persistent || phase == .deleting {
            if let written { record = written }
            phase = .transient(wasPersistent: true)
            unlinkAll()
        } else if phase == .pending {
            phase = .transient(wasPersistent: false)
        }
        written = nil
        owner = nil
        // A row that was inserted in this transaction is gone if that is rolled back, with or without the session.
        if snapshots.first.map({ isInDatabase($0.phase) }) ?? true { snapshots = [] }
    }

    /// The session has ended, and something was done with the handle.
    func end() {
        leave()
        history = nil
    }

    /// The row was read: takes its values, and keeps changes that were not written.
    func load(_ fresh: R) throws(DatabaseError) {
        willChange()
        if let written {
            // The changes were made to what was read before, and are written only if that is still the row's version.
            let base = R.schema.version.map { R(fresh, with: [$0], of: written) } ?? fresh
            record = R(base, with: try R.changes(from: written, to: record), of: record)
            self.written = base
        } else {
            record = fresh
        }
        age = now
    }

    /// What the database has now, instead of changes that were not written.
    func overwrite(_ fresh: R) {
        willChange()
        record = fresh
        written = nil
        links = []
        age = now
    }

    /// Columns were read, changes in them are gone.
    func overwrite(_ fresh: R, _ columns: ColumnSet) {
        willChange()
        record = R(record, with: columns, of: fresh)
        written = written.map { R($0, with: columns, of: fresh) }
        links = links.filter { !columns.contains($0.column) }
    }

    /// The changes are in the database.
    func wrote(_ record: R, isWhole: Bool) {
        willChange()
        if phase == .pending { noteAsGiven() }
        self.record = record
        written = nil
        phase = .persistent
        if hasLinks {
            followed += links.filter { $0.isResolved }
            links = links.filter { !$0.isResolved }
        }
        if isWhole { age = now }
    }

    /// What was given before the insertion is what a rollback leaves, but for the keys of others.
    private func noteAsGiven() {
        guard let history else { return }
        var resolved = ColumnSet()
        for link in history.links where link.isResolved { resolved.insert(link.column) }
        for index in history.snapshots.indices where !isInDatabase(history.snapshots[index].phase) {
            history.snapshots[index].record = R(record, with: resolved, of: history.snapshots[index].record)
        }
    }

    /// Marks the values as those of an earlier transaction, and drops what was not written.
    func expire() {
        willChange()
        if let written { record = written }
        written = nil
        links = []
        age = ValueAges.stale
    }

    private var now: Int { store?.unit.ages.now ?? ValueAges.stale }

    // MARK: - Links

    func link(_ link: Link<R>) {
        unlink(link.column)
        links.append(link)
    }

    func unlink(_ column: Int) {
        willChange()
        links = links.filter { $0.column != column }
    }

    /// Sets the columns whose keys are known by now. A column that was given a value since it was linked keeps that.
    ///
    /// - Parameter asChange: Whether the row is there without them.
    func resolveLinks(asChange: Bool = false) throws(DatabaseError) {
        guard hasLinks else { return }
        var kept: [Link<R>] = []
        for var link in links {
            guard try link.expected == record.columnValue(at: link.column) else { continue }
            if let key = link.key() {
                if asChange { change { link.assign(&$0, key) } } else { link.assign(&record, key) }
                link.expected = try record.columnValue(at: link.column)
                link.isResolved = true
            }
            kept.append(link)
        }
        links = kept
    }

    /// Drops everything that holds on to other handles.
    func unlinkAll() {
        links = []
        followed = []
    }

    // MARK: - What a flush asks

    /// The columns that have changes which were not written.
    func changedColumns() throws(DatabaseError) -> ColumnSet {
        guard let written else { return ColumnSet() }
        return try R.changes(from: written, to: record)
    }

    /// The record as the database has it.
    var original: R { written ?? record }

    /// The values of the key that the row has in the database; nil if it has none.
    func originalKey() throws(DatabaseError) -> [Value]? {
        guard let key = original.recordKey else { return nil }
        return try R.keyValues(key)
    }

    // MARK: - Levels

    /// The savepoint's work became part of what was before.
    ///
    /// - Returns: Whether the handle was not touched before.
    func merge(_ level: Int) -> Bool {
        guard history?.level == level, let last = snapshots.indices.last else { return false }
        if last > 0, snapshots[last - 1].level == level - 1 {
            snapshots.removeLast()
            return false
        }
        snapshots[last].level = level - 1
        return true
    }

    /// Returns to what the handle was before a level.
    func restore(_ level: Int) {
        guard history?.level == level, let snapshot = snapshots.last else { return }
        snapshots.removeLast()
        switch (isInDatabase(phase), isInDatabase(snapshot.phase)) {
        case (true, false) where store == nil:
            // Taken out: the session has no say in its values any more.
            break
        case (true, false):
            // Inserted since: what the database and other insertions have made is as it was given.
            relink(links + followed.filter(isFollowed), from: snapshot.record, R.schema.generated)
        case (false, false):
            relink(links, from: snapshot.record, [])
        case (_, true):
            record = snapshot.record
            links = snapshot.links
        }
        followed = snapshot.followed
        written = nil
        age = ValueAges.stale
        phase = snapshot.phase
        if case .transient = phase { owner = nil }
    }

    /// Whether a column has the key that a link gave it, and nobody has linked it again.
    private func isFollowed(_ link: Link<R>) -> Bool {
        isExpected(link) && !links.contains { $0.column == link.column }
    }

    /// Takes columns, and those that have the keys of others, from the record as it was given, so that the links are followed anew.
    private func relink(_ all: [Link<R>], from given: R, _ columns: ColumnSet) {
        var resolved = ColumnSet()
        for link in all where link.isResolved && isExpected(link) { resolved.insert(link.column) }
        record = R(record, with: columns.union(resolved), of: given)
        links = all.map { link in
            var link = link
            if resolved.contains(link.column) {
                link.expected = (try? record.columnValue(at: link.column)) ?? link.expected
                link.isResolved = false
            }
            return link
        }
    }

    private func isExpected(_ link: Link<R>) -> Bool {
        (try? record.columnValue(at: link.column)) == link.expected
    }

    private func isInDatabase(_ phase: Phase) -> Bool {
        switch phase {
        case .persistent, .deleting, .deleted, .transient(wasPersistent: true): true
        case .pending, .transient(wasPersistent: false): false
        }
    }

    /// The transaction was committed.
    func commit() {
        if phase == .persistent, !isChanged { return history = nil }
        snapshots = []
        followed = []
        switch phase {
        case .deleted: owner = nil
        case .pending, .persistent, .deleting, .transient:
            // Not written because autoflush was off: it belongs to the next transaction.
            guard let store else { return }
            keep(phase == .pending ? .transient(wasPersistent: false) : .persistent, [], [], at: 0)
            store.touched(self)
        }
    }
}

@available(*, unavailable, message: "a handle stays in the scope of its session; its value may leave")
extension Tracked: Sendable {}
