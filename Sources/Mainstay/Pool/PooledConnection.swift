// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A pool's slot: a lane, the connection that lives on it, and the connection's prepared statements.
///
/// `@unchecked Sendable`: `id`, `lane`, `driver` and `request` never change; everything else is touched only on the lane,
/// by one lease at a time, which the pool's state machine sees to.
final class PooledConnection: @unchecked Sendable {
    let id: PoolState.SlotID
    let lane: any Lane
    private let driver: any Driver
    private let request: ConnectRequest
    private let cacheCapacity: Int

    private(set) var connection: any Connection
    var cache: StatementCache
    /// Whether a session may have left something that the next one must not find.
    var isTouched = false

    var dialect: Dialect { driver.dialect }

    /// Connects. On the lane.
    init(
        id: PoolState.SlotID,
        lane: any Lane,
        driver: any Driver,
        request: ConnectRequest,
        cacheCapacity: Int
    ) throws(DatabaseError) {
        self.id = id
        self.lane = lane
        self.driver = driver
        self.request = request
        self.cacheCapacity = cacheCapacity
        cache = StatementCache(capacity: cacheCapacity)
        connection = try driver.connect(request)
    }

    /// Replaces a connection that broke by another. On the lane.
    ///
    /// - Throws: Why no other can be opened; `connectionLost` if the database is gone with its connection.
    func reopen() throws(DatabaseError) {
        close()
        guard driver.topology != .singleConnection else { throw .databaseGone }
        connection = try driver.connect(request)
        isTouched = false
    }

    /// Makes sure that nothing of the last lease is left. On the lane.
    ///
    /// - Returns: Whether the connection can be used again.
    func cleanUp() -> Bool {
        guard connection.isUsable, connection.transactionState == .none else { return false }
        guard isTouched else { return true }
        do {
            if try !connection.reset() { forgetStatements() }
            isTouched = false
            return connection.isUsable && connection.transactionState == .none
        } catch {
            return false
        }
    }

    /// Closes the connection and its statements. On the lane; may be called twice.
    func close() {
        forgetStatements()
        connection.close()
    }

    /// Closes all prepared statements. On the lane.
    func forgetStatements() {
        for entry in cache.removeAll() {
            entry.statement.close()
        }
    }
}

extension DatabaseError {
    /// A database in memory whose connection was closed: another one would be empty, and nobody would notice.
    static let databaseGone = DatabaseError(
        .connectionLost,
        "the database in memory is gone with its connection",
        hint: "use a file for what must survive",
        isTransient: false
    )
}
