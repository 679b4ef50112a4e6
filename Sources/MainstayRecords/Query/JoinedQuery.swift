// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A query of records together with those that they refer to, by one statement.
///
/// ```swift
/// for (order, user) in try session.query(Order.self).join(\.userID)
///     .filter { order, user in order.total > 100 && user.name == "john" }
///     .all()
/// { … }
/// ```
///
/// `Second` is the handle of the other record, or an optional of it where there may be none.
public struct JoinedQuery<R: Record, Other: Record, Second> {
    private let unit: UnitOfWork
    private let base: RecordQuery<R>
    private let on: SQL
    private let isOuter: Bool
    private let second: (Tracked<Other>?) throws(DatabaseError) -> Second
    private var conditions: [SQL]
    private var orderings: [SQL]
    private var limit: Int?
    private var offset: Int?

    private static var alias: TableName { TableName("mainstay_joined") }

    init(
        _ base: RecordQuery<R>,
        _ on: SQL,
        isOuter: Bool,
        _ second: @escaping (Tracked<Other>?) throws(DatabaseError) -> Second
    ) {
        unit = base.unit
        self.base = base
        self.on = on
        self.isOuter = isOuter
        self.second = second
        conditions = base.conditions
        orderings = base.orderings
        limit = base.limit
        offset = base.offset
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var query = self
        change(&query)
        return query
    }

    private var columns: (R.Columns, Other.Columns) {
        (R.columns(of: R.schema.tableName), Other.columns(of: Self.alias))
    }

    /// Only rows that meet a condition, and those of earlier filters.
    public func filter(_ condition: (R.Columns, Other.Columns) -> Predicate) -> Self {
        let (first, second) = columns
        return with { $0.conditions.append(condition(first, second).sql) }
    }

    /// In an order; what was ordered by before counts first.
    public func order(@OrderingBuilder _ orderings: (R.Columns, Other.Columns) -> [Ordering]) -> Self {
        let (first, second) = columns
        return with { $0.orderings += orderings(first, second).map(\.sql) }
    }

    /// At most so many rows.
    public func limit(_ limit: Int) -> Self { with { $0.limit = max(0, limit) } }

    /// Without the first so many rows.
    public func offset(_ offset: Int) -> Self { with { $0.offset = max(0, offset) } }

    /// The handles of all rows.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func all() throws(DatabaseError) -> [(Tracked<R>, Second)] { try handles().all() }

    /// The handles of the first row, or nil.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func first() throws(DatabaseError) -> (Tracked<R>, Second)? {
        try limit(min(limit ?? 1, 1)).handles().first()
    }

    /// The handles one after the other, fetched as they are asked for.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func rows() throws(DatabaseError) -> Rows<(Tracked<R>, Second)> { try handles().rows() }

    /// The query of plain values, which the session does not keep.
    public func values() -> Query<(R, Other?)> {
        Query(
            unit.context,
            sql,
            RowReading { _ in
                { (statement) throws(DatabaseError) in
                    (try R(from: RecordRow(statement, R.schema)), try Self.other(statement))
                }
            }
        )
    }

    /// The same query with all that queries have: `one()`, `forEach { }`, `for try await`.
    public func handles() -> Query<(Tracked<R>, Second)> {
        let (firsts, others) = (unit.store(R.self), unit.store(Other.self))
        return Query(
            unit.context,
            sql,
            RowReading { _ in
                { (statement) throws(DatabaseError) in
                    firsts.prune()
                    others.prune()
                    let first = try firsts.load(try R(from: RecordRow(statement, R.schema)))
                    let other = try Self.other(statement).map { (row) throws(DatabaseError) in try others.load(row) }
                    return (first, try second(other))
                }
            }
        )
    }

    /// The other record, if there is one: its key is not NULL.
    private static func other(_ statement: any PreparedStatement) throws(DatabaseError) -> Other? {
        let offset = R.schema.columns.count
        guard let key = Other.schema.keys.indices.first else { return nil }
        if case .null = try statement.cell(at: offset + key) { return nil }
        return try Other(from: RecordRow(statement, Other.schema, at: offset))
    }

    /// The number of rows.
    ///
    /// - Throws: ``/Mainstay/DatabaseError``.
    public func count() throws(DatabaseError) -> Int {
        let sql: SQL =
            "SELECT count(*) FROM (SELECT 1 AS one FROM \(tables)\(SQL.limit(limit, offset))) AS mainstay_rows"
        return try Query<Int>(unit.context, unit.bound(sql), .values()).one()
    }

    private var sql: SQL {
        guard base.lock == nil else {
            return .failing(
                DatabaseError(
                    .misuse,
                    "a query of two tables is not locked",
                    hint: "lock the records of one table first, by a query of it"
                )
            )
        }
        let (first, other, alias) = (R.schema, Other.schema, Self.alias.name)
        let names: SQL = "\(SQL.names(first.names, of: first.tableName.name)), \(SQL.names(other.names, of: alias))"
        return unit.bound("SELECT \(names) FROM \(tables)\(SQL.order(orderings))\(SQL.limit(limit, offset))")
    }

    /// The tables, and the conditions on them.
    private var tables: SQL {
        let join: SQL = isOuter ? " LEFT JOIN " : " JOIN "
        let other: SQL = "\(Other.schema.tableSQL) AS \(identifier: Self.alias.name)"
        return "\(R.schema.tableSQL)\(join)\(other) ON \(on)\(SQL.filter(conditions))"
    }
}

@available(*, unavailable, message: "a query stays in the scope of its session")
extension JoinedQuery: Sendable {}

extension RecordQuery {
    /// Together with the records that a column refers to; rows that refer to none are left out.
    public func join<Value, Target: Record>(
        _ reference: KeyPath<R.Columns, RecordReference<R, Value, Target>>
    ) -> JoinedQuery<R, Target, Tracked<Target>> {
        JoinedQuery(self, on(reference), isOuter: false) { (other) throws(DatabaseError) in
            guard let other else { throw DatabaseError(.unexpectedNull, "a row of \(Target.schema.name) has no key") }
            return other
        }
    }

    /// Together with the records that a column refers to, or nil for rows that refer to none.
    public func leftJoin<Value, Target: Record>(
        _ reference: KeyPath<R.Columns, RecordReference<R, Value, Target>>
    ) -> JoinedQuery<R, Target, Tracked<Target>?> {
        JoinedQuery(self, on(reference), isOuter: true) { $0 }
    }

    private func on<Value, Target: Record>(
        _ reference: KeyPath<R.Columns, RecordReference<R, Value, Target>>
    ) -> SQL {
        R.columns(of: R.schema.tableName)[keyPath: reference].on(TableName("mainstay_joined"))
    }
}
