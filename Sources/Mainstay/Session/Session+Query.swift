// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Session {
    /// A query whose rows are copied, to be read by column name or position.
    ///
    /// Nothing is executed until one of the query's methods is called.
    public func query(_ sql: SQL) -> Query<Row> {
        Query(context, sql, .rows)
    }

    /// A query of one column, whose rows are read as single values.
    ///
    /// ```swift
    /// let count = try session.query("SELECT count(*) FROM users", as: Int.self).one()
    /// ```
    ///
    /// Nothing is executed until one of the query's methods is called.
    @inlinable
    public func query<Value: SQLDecodable>(_ sql: SQL, as type: Value.Type) -> Query<Value> {
        Query(context, sql, .values())
    }

    /// A query whose rows are read as tuples.
    ///
    /// ```swift
    /// let pairs = try session.query("SELECT id, name FROM users", as: (Int, String?).self).all()
    /// ```
    ///
    /// The columns must be as many as the tuple's elements. Nothing is executed until one of the query's methods is called.
    @inlinable
    public func query<First: SQLDecodable, Second: SQLDecodable, each Other: SQLDecodable>(
        _ sql: SQL,
        as type: (First, Second, repeat each Other).Type
    ) -> Query<(First, Second, repeat each Other)> {
        Query(context, sql, .tuples())
    }

    /// A query whose rows are read as `Decodable` values by their columns' names.
    ///
    /// ```swift
    /// let users = try session.query("SELECT id, name FROM users", decoding: User.self).all()
    /// ```
    ///
    /// Nothing is executed until one of the query's methods is called.
    public func query<Output: Decodable>(_ sql: SQL, decoding type: Output.Type) -> Query<Output> {
        Query(context, sql, .decodable(type))
    }
}
