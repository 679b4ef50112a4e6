// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// What a driver's author provides so that the conformance suite can run on a real database.
///
/// ```swift
/// struct OracleBackend: ConformanceBackend { … }
///
/// @Suite struct OracleConformance {
///     @Test(arguments: ConformanceRun.all(on: [OracleBackend()]))
///     func conforms(_ run: ConformanceRun) async throws {
///         try await run()
///     }
/// }
/// ```
public protocol ConformanceBackend: Sendable {
    /// The database's name as it appears in the tests' names.
    var name: String { get }

    /// What the database's SQL looks like and what it can do. The suite asks its capabilities what to expect.
    var dialect: Dialect { get }

    /// Opens a database that is empty and the test's own, gives it to a function, and removes it: a schema, a database or a
    /// file. Tests run in parallel.
    ///
    /// In a package without the upcoming feature `NonisolatedNonsendingByDefault`, the implementation's `body` is written
    /// `nonisolated(nonsending) (Database) async throws -> Void`.
    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws

    /// The same through a proxy, on databases that are servers.
    ///
    /// - Parameter line: How the connections through the proxy are secured.
    func withDatabase(
        _ configuration: DatabaseConfiguration,
        through line: FaultLine,
        _ body: (Database, FaultProxy) async throws -> Void
    ) async throws

    /// Ends a session's connection from outside, as an administrator, a crash or a closed handle does.
    func killConnection(of session: isolated Session) async throws

    /// The number by which an administrator ends a session's connection, on databases that are servers.
    func connectionID(of session: isolated Session) throws -> Int

    /// Ends a connection by its number, and returns when it has ended.
    func endConnection(_ id: Int) async throws

    /// How many connections the server counts to the place that is the test's own, the session's included, on databases that
    /// are servers.
    func connectionCount(of session: isolated Session) throws -> Int

    /// A statement without parameters that runs until it is cancelled, or for ten minutes at least.
    var endlessStatement: SQL { get }

    /// A statement without parameters that takes some milliseconds and returns a row.
    var briefStatement: SQL { get }

    /// Ways to describe the database that must fail, and with what.
    var misconfigurations: [Misconfiguration] { get }

    /// The anomalies that transactions of a level may show, of G0, G1a, G1b, G1c, OTV, PMP, P4, G-single, G2-item and G2. The
    /// suite plays each of them, and expects that exactly these happen.
    func anomalies(at isolation: IsolationLevel) -> Set<Anomaly>

    /// Whether a session waits for a lock that another one holds, by its connection's number, on databases that are servers.
    ///
    /// - Parameter database: Where to ask.
    func isWaitingForLock(_ id: Int, in database: Database) async throws -> Bool

    /// Sees to it that inserts into a table fail because there is no room, and returns false where that can't be had.
    func fillStorage(of session: isolated Session, table: String) throws -> Bool
}

extension ConformanceBackend {
    /// A database without a server has no line that a fault could befall.
    public func withDatabase(
        _ configuration: DatabaseConfiguration,
        through line: FaultLine,
        _ body: (Database, FaultProxy) async throws -> Void
    ) async throws {
        throw DatabaseError(.unsupported, "\(name) is not reached over a line")
    }

    /// A database whose backend says nothing else is serializable at every level.
    public func anomalies(at isolation: IsolationLevel) -> Set<Anomaly> { [] }

    /// A database without a server has no numbers; a session there waits before it begins.
    public func isWaitingForLock(_ id: Int, in database: Database) async throws -> Bool {
        throw DatabaseError(.unsupported, "\(name) has no numbers for its connections")
    }

    /// A server's connection is ended by its number.
    public func killConnection(of session: isolated Session) async throws {
        try await endConnection(try connectionID(of: session))
    }

    /// A database without a server has no numbers; its backend implements ``killConnection(of:)``.
    public func connectionID(of session: isolated Session) throws -> Int {
        throw DatabaseError(.unsupported, "\(name) has no numbers for its connections")
    }

    /// A database without a server has no numbers; its backend implements ``killConnection(of:)``.
    public func endConnection(_ id: Int) async throws {
        throw DatabaseError(.unsupported, "\(name) has no numbers for its connections")
    }

    /// A database without a server counts nothing.
    public func connectionCount(of session: isolated Session) throws -> Int {
        throw DatabaseError(.unsupported, "\(name) does not count its connections")
    }
}
