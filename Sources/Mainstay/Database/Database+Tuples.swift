// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// As in Session+Tuples.swift.
extension Database {
    /// Tuples of 2.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Tuples of 3.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable,
        C: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B, C).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B, C)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Tuples of 4.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable,
        C: SQLDecodable & Sendable,
        D: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B, C, D).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B, C, D)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Tuples of 5.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable,
        C: SQLDecodable & Sendable,
        D: SQLDecodable & Sendable,
        E: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B, C, D, E)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Tuples of 6.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable,
        C: SQLDecodable & Sendable,
        D: SQLDecodable & Sendable,
        E: SQLDecodable & Sendable,
        F: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E, F).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B, C, D, E, F)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Tuples of 7.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable,
        C: SQLDecodable & Sendable,
        D: SQLDecodable & Sendable,
        E: SQLDecodable & Sendable,
        F: SQLDecodable & Sendable,
        G: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E, F, G).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B, C, D, E, F, G)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }

    /// Tuples of 8.
    @_documentation(visibility: internal)
    @inlinable
    public func query<
        A: SQLDecodable & Sendable,
        B: SQLDecodable & Sendable,
        C: SQLDecodable & Sendable,
        D: SQLDecodable & Sendable,
        E: SQLDecodable & Sendable,
        F: SQLDecodable & Sendable,
        G: SQLDecodable & Sendable,
        H: SQLDecodable & Sendable
    >(
        _ sql: SQL,
        as type: (A, B, C, D, E, F, G, H).Type,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> [(A, B, C, D, E, F, G, H)] {
        try await readOnce(fileID, line) { session in try session.query(sql, as: type).all() }
    }
}
