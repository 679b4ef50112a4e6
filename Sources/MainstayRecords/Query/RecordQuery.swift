// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A query of one type of record.
///
/// ```swift
/// let users = try session.query(User.self)
///     .filter { $0.name == "john" && $0.age > 18 }
///     .order { $0.age.descending; $0.id }
///     .limit(10)
///     .all()
/// ```
///
/// Its methods give handles; ``values()`` makes of it a query of plain values, which the session does not keep: for work that only
/// reads, and for rows that leave the scope. Nothing is executed before the rows are asked for; what was changed is written
/// before.
public struct RecordQuery<R: Record> {
    @usableFromInline let unit: UnitOfWork
    private(set) var conditions: [SQL] = []
    private(set) var orderings: [SQL] = []
    private(set) var limit: Int?
    private(set) var offset: Int?
    @usableFromInline private(set) var lock: RowLock?

    init(_ unit: UnitOfWork) {
        self.unit = unit
    }

    private var columns: R.Columns { R.columns(of: R.schema.tableName) }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var query = self
        change(&query)
        return query
    }

    // MARK: - Narrowing

    /// Only rows that meet a condition, and those of earlier filters.
    public func filter(_ condition: (R.Columns) -> Predicate) -> Self {
        with { $0.conditions.append(condition(columns).sql) }
    }

    /// In an order; what was ordered by before counts first.
    public func order(@OrderingBuilder _ orderings: (R.Columns) -> [Ordering]) -> Self {
        with { $0.orderings += orderings(columns).map(\.sql) }
    }

    /// At most so many rows.
    public func limit(_ limit: Int) -> Self { with { $0.limit = max(0, limit) } }

    /// Without the first so many rows.
    public func offset(_ offset: Int) -> Self { with { $0.offset = max(0, offset) } }

    /// Locks the rows until the transaction ends. What a locked row says counts: handles that were read before get its values.
    public func locking(_ lock: RowLock = .update) -> Self { with { $0.lock = lock } }

    // MARK: - Handles

    /// The same query with all that queries have: `for try await user in session.query(User.self).handles() { … }`.
    @inlinable
    public func handles() -> Query<Tracked<R>> { handles(isPruning: true) }

    /// - Parameter isPruning: Whether nobody may hold what was read, so that the session has to look for that now and then.
    @inlinable
    func handles(isPruning: Bool) -> Query<Tracked<R>> {
        let store = unit.store(R.self)
        let isLocked = lock != nil
        return Query(
            unit.context,
            sql,
            RowReading { _ in
                store.prune()
                return { (statement) throws(DatabaseError) in
                    if isPruning { store.prune() }
                    return try store.load(try R(from: RecordRow(statement, R.schema)), isLocked: isLocked)
                }
            }
        )
    }

    /// The handles of all rows.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    @inlinable
    public func all() throws(DatabaseError) -> [Tracked<R>] { try handles(isPruning: false).all() }

    /// The handle of the first row, or nil.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    @inlinable
    public func first() throws(DatabaseError) -> Tracked<R>? { try atMost(1).handles().first() }

    /// The handle of the only row.
    ///
    /// - Throws: `noRows` or `tooManyRows` if there is not exactly one; ``/Mainstay/DatabaseError``.
    @inlinable
    public func one() throws(DatabaseError) -> Tracked<R> { try atMost(2).handles().one() }

    /// The handle of the only row, or nil.
    ///
    /// - Throws: `tooManyRows` if there are several; ``/Mainstay/DatabaseError``.
    @inlinable
    public func oneOrNil() throws(DatabaseError) -> Tracked<R>? { try atMost(2).handles().oneOrNil() }

    /// The handles one after the other, fetched as they are asked for. The session drops those that nobody holds.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    @inlinable
    public func rows() throws(DatabaseError) -> Rows<Tracked<R>> { try handles().rows() }

    /// Calls a function with each handle. The session drops those that nobody holds.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``, or what the function throws; the remaining rows are then discarded.
    @inlinable
    public func forEach(_ body: (Tracked<R>) throws -> Void) throws { try handles().forEach(body) }

    @usableFromInline
    func atMost(_ count: Int) -> Self { limit(min(limit ?? count, count)) }

    // MARK: - Values

    /// The same query of plain values, which the session does not keep.
    @inlinable
    public func values() -> Query<R> {
        Query(unit.context, sql, .records)
    }

    /// The number of rows.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func count() throws(DatabaseError) -> Int {
        let rows: SQL = "SELECT 1 FROM \(R.schema.tableSQL)\(filterSQL)\(limitSQL)"
        let isLimited = limit != nil || offset != nil
        let sql: SQL =
            isLimited
            ? "SELECT count(*) FROM (\(rows)) AS mainstay_rows"
            : "SELECT count(*) FROM \(R.schema.tableSQL)\(filterSQL)"
        return try Query<Int>(unit.context, unit.bound(sql), .values()).one()
    }

    /// Whether there is a row.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func exists() throws(DatabaseError) -> Bool {
        let query = atMost(1)
        let sql: SQL = "SELECT 1 FROM \(R.schema.tableSQL)\(query.filterSQL)\(query.limitSQL)"
        return try Query<Int>(unit.context, unit.bound(sql), .values()).first() != nil
    }
}

@available(*, unavailable, message: "a query stays in the scope of its session")
extension RecordQuery: Sendable {}
