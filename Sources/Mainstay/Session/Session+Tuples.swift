// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// What ``Session/query(_:as:)`` does for tuples of any length, for those of usual lengths: the compiler makes straight code of
// each, while the elements of a parameter pack are read by way of their types' metadata, at ten times the cost.
extension Session {
    /// Tuples of 2.
    @_documentation(visibility: internal)
    @inlinable
    public func query<A: SQLDecodable, B: SQLDecodable>(
        _ sql: SQL,
        as type: (A, B).Type
    ) -> Query<(A, B)> {
        Query(context, sql, .columns(2) { (row) throws(DatabaseError) in (try row(0), try row(1)) })
    }

    /// Tuples of 3.
    @_documentation(visibility: internal)
    @inlinable
    public func query<A: SQLDecodable, B: SQLDecodable, C: SQLDecodable>(
        _ sql: SQL,
        as type: (A, B, C).Type
    ) -> Query<(A, B, C)> {
        Query(context, sql, .columns(3) { (row) throws(DatabaseError) in (try row(0), try row(1), try row(2)) })
    }

    /// Tuples of 4.
    @_documentation(visibility: internal)
    @inlinable
    public func query<A: SQLDecodable, B: SQLDecodable, C: SQLDecodable, D: SQLDecodable>(
        _ sql: SQL,
        as type: (A, B, C, D).Type
    ) -> Query<(A, B, C, D)> {
        Query(
            context,
            sql,
            .columns(4) { (row) throws(DatabaseError) in (try row(0), try row(1), try row(2), try row(3)) }
        )
    }

    /// Tuples of 5.
    @_documentation(visibility: internal)
    @inlinable
    public func query<A: SQLDecodable, B: SQLDecodable, C: SQLDecodable, D: SQLDecodable, E: SQLDecodable>(
        _ sql: SQL,
        as type: (A, B, C, D, E).Type
    ) -> Query<(A, B, C, D, E)> {
        Query(
            context,
            sql,
            .columns(5) { (row) throws(DatabaseError) in (try row(0), try row(1), try row(2), try row(3), try row(4)) }
        )
    }

    /// Tuples of 6.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable,
        B: SQLDecodable,
        C: SQLDecodable,
        D: SQLDecodable,
        E: SQLDecodable,
        F: SQLDecodable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E, F).Type
    ) -> Query<(A, B, C, D, E, F)> {
        Query(
            context,
            sql,
            .columns(6) { (row) throws(DatabaseError) in
                (try row(0), try row(1), try row(2), try row(3), try row(4), try row(5))
            }
        )
    }

    /// Tuples of 7.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable,
        B: SQLDecodable,
        C: SQLDecodable,
        D: SQLDecodable,
        E: SQLDecodable,
        F: SQLDecodable,
        G: SQLDecodable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E, F, G).Type
    ) -> Query<(A, B, C, D, E, F, G)> {
        Query(
            context,
            sql,
            .columns(7) { (row) throws(DatabaseError) in
                (try row(0), try row(1), try row(2), try row(3), try row(4), try row(5), try row(6))
            }
        )
    }

    /// Tuples of 8.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable,
        B: SQLDecodable,
        C: SQLDecodable,
        D: SQLDecodable,
        E: SQLDecodable,
        F: SQLDecodable,
        G: SQLDecodable,
        H: SQLDecodable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E, F, G, H).Type
    ) -> Query<(A, B, C, D, E, F, G, H)> {
        Query(
            context,
            sql,
            .columns(8) { (row) throws(DatabaseError) in
                (try row(0), try row(1), try row(2), try row(3), try row(4), try row(5), try row(6), try row(7))
            }
        )
    }
}
