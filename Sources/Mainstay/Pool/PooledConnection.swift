// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A pool's slot: a lane, the connection that lives on it, and the connection's prepared statements.
///
/// `@unchecked Sendable`: `id`, `lane`, `driver`, `request`, `configuration`, `environment` and `watch` never change,
/// `interrupter` has a lock of its own; everything else is touched only on the lane, by one lease at a time, which the pool's
/// state machine sees to.
final class PooledConnection: @unchecked Sendable {
    /// What a session did that lost its connection and opened another.
    struct Reopening: Sendable {
        var silenceLimit: Duration?
        /// How long it took to open the other one.
        var took: Duration
    }

    let id: SlotID
    let lane: any Lane
    private let driver: any Driver
    private let request: ConnectRequest
    private let configuration: PoolConfiguration
    let environment: PoolEnvironment
    private let interrupter: Mutex<any Interrupter>
    private let brokenOff = Atomic<Bool>(false)
    let watch: DeadlineWatch

    // Unchecked, since each statement looks at them: nothing that is called while one of them is being changed comes back here.
    @exclusivity(unchecked) private(set) var connection: any Connection
    /// What the database's SQL looks like and what it can do, on the server that the connection leads to.
    @exclusivity(unchecked) private(set) var dialect: Dialect
    @exclusivity(unchecked) var cache: StatementCache
    /// The number of the session that may use the connection; nil if none may.
    @exclusivity(unchecked) private(set) var user: Int?
    private var users = 0
    /// Whether a session may have left something that the next one must not find.
    @exclusivity(unchecked) var isTouched = false
    /// A session that ended while a request to cancel was under way, and has not been rolled back yet.
    var leftover: SessionContext?
    private var reopening: Reopening?
    private var isRetired = false

    /// Whether the connection holds what would be lost with it, so that it is never closed before the end.
    private var isPermanent: Bool { driver.topology == .singleConnection }

    /// How long rolling back and putting back may take.
    var resetTimeout: Duration { configuration.resetTimeout }

    /// How long a ping may take.
    var checkTimeout: Duration { configuration.checkTimeout }

    /// How often a session that does nothing asks for a sign of life, if it does: sooner than the server ends it.
    var keepAlivePeriod: Duration? {
        guard let limit = connection.silenceLimit.map({ $0 * 0.75 }) else { return configuration.keepAlivePeriod }
        return min(limit, configuration.keepAlivePeriod ?? limit)
    }

    /// How long the server lets the connection be silent, as it said on connect.
    var silenceLimit: Duration? { connection.silenceLimit }

    /// Connects. On the lane.
    init(
        id: SlotID,
        lane: any Lane,
        driver: any Driver,
        request: ConnectRequest,
        configuration: PoolConfiguration,
        environment: PoolEnvironment
    ) throws(DatabaseError) {
        self.id = id
        self.lane = lane
        self.driver = driver
        self.request = request
        self.configuration = configuration
        self.environment = environment
        watch = DeadlineWatch(environment)
        cache = StatementCache(capacity: configuration.statementCacheCapacity)
        let connection = try driver.connect(request)
        self.connection = connection
        dialect = driver.dialect(on: connection)
        interrupter = Mutex(connection.interrupter)
    }

    // MARK: - On the lane

    /// Lets another session use the connection, and nobody else until it has ended.
    ///
    /// - Returns: The session's number, and who could use the connection before.
    func begin() -> (user: Int, before: Int?) {
        let before = user
        users += 1
        user = users
        return (users, before)
    }

    /// Lets no session use the connection, or again the one inside of which the last one ran.
    func end(returningTo before: Int?) {
        user = before
    }

    /// Replaces a connection that broke by another, for a session that goes on.
    ///
    /// - Parameter limit: How long it may take, if that is less than the pool's connect timeout.
    /// - Throws: Why no other can be opened; `connectionLost` if the database is gone with its connection, or if the pool has
    ///   broken the connection off and has another one by now.
    func reopen(within limit: Duration? = nil) throws(DatabaseError) {
        guard !isRetired else { throw .brokenOff }
        try requireNotBrokenOff()
        guard !isPermanent else { throw .databaseGone }
        leftover = nil
        close()
        let began = environment.clock.now()
        var request = request
        if let limit { request.timeout = min(request.timeout, max(limit, .milliseconds(1))) }
        let another = try driver.connect(request)
        connection = another
        dialect = driver.dialect(on: another)
        interrupter.withLock { $0 = another.interrupter }
        // Who broke it off meanwhile did not know of this one.
        guard !isBrokenOff else {
            close()
            throw .brokenOff
        }
        isTouched = false
        reopening = Reopening(silenceLimit: another.silenceLimit, took: environment.clock.now() - began)
        do throws(DatabaseError) {
            try prepare()
        } catch {
            // Not to be used as it is.
            close()
            throw error
        }
    }

    /// What a session did that lost its connection; asking takes it away.
    func takeReopening() -> Reopening? {
        defer { reopening = nil }
        return reopening
    }

    /// Whether the connection is still there as far as one can tell without a round trip.
    func looksAlive() -> Bool {
        connection.isUsable && connection.probe()
    }

    /// Whether the server gives a sign of life.
    func isAlive() -> Bool {
        guard looksAlive() else { return false }
        do {
            try connection.ping()
            return connection.isUsable
        } catch {
            return false
        }
    }

    /// What statements have done since it was last asked. What touched the session is remembered until its reset.
    func takeTrace() -> SessionTrace {
        let trace = connection.takeTrace()
        if trace.contains(.touchedSession) { isTouched = true }
        return trace
    }

    /// What the connection is like after a lease.
    func condition(isUsed: Bool) -> LeaseCondition {
        // Some of it comes with the answer to COMMIT or ROLLBACK.
        _ = takeTrace()
        guard connection.isUsable else { return .lost }
        guard connection.transactionState == .none else { return .dirty }
        // Where nothing is ever put back, what is left means nothing, and what was not used is no sign of life.
        if isTouched, configuration.resetPolicy != .never { return .touched }
        return isUsed ? .clean : .unused
    }

    /// Makes sure that nothing of the last lease is left.
    ///
    /// - Returns: What the connection is like then, and why it is not clean, if that is known.
    func cleanUp() -> (LeaseCondition, failure: DatabaseError?) {
        leftover?.cleanUp()
        leftover = nil
        do {
            if isPermanent, connection.isUsable, connection.transactionState != .none { try connection.rollback() }
            let before = condition(isUsed: true)
            guard before == .touched || before == .clean else { return (before, nil) }
            guard isTouched || configuration.resetPolicy == .always else { return (before, nil) }
            if try !connection.reset() { forgetStatements() }
            _ = connection.takeTrace()
            isTouched = false
            try prepare()
            return (condition(isUsed: true), nil)
        } catch {
            // If it is tried again, then from the start.
            isTouched = true
            return (connection.isUsable ? .dirty : .lost, error)
        }
    }

    /// Runs the application's preparation of a connection.
    func prepare() throws(DatabaseError) {
        guard let prepare = configuration.prepareConnection else { return }
        // A reader can't begin a transaction that writes, and may well have settings.
        let access: TransactionOptions.Access = request.role == .reader ? .readOnly : .readWrite
        let session = Session(self, options: TransactionOptions(access: access), isReadOnlyScope: false)
        do {
            try session.assumeIsolated { session in
                defer { session.context.close() }
                try prepare(session)
                try session.commit()
            }
            _ = connection.takeTrace()
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw DatabaseError(
                .invalidConfiguration,
                "the pool's prepareConnection failed for a new connection",
                cause: error
            )
        }
        isTouched = false
    }

    /// Closes the connection and its statements, so that the server rolls back. May be called twice.
    ///
    /// A connection that holds what would be lost with it is closed only for good.
    func close() {
        forgetStatements()
        if !isPermanent || isRetired { connection.close() }
    }

    /// Closes the connection for good: a session that still has it can't open another.
    func retire() {
        isRetired = true
        watch.end()
        // A session that was never rolled back refers to its connection, and the connection to it.
        leftover = nil
        close()
    }

    /// Closes all prepared statements.
    func forgetStatements() {
        for entry in cache.removeAll() {
            entry.statement.close()
        }
    }

    // MARK: - From anywhere

    /// Whether the pool has taken the connection away from whoever uses it.
    var isBrokenOff: Bool { brokenOff.load(ordering: .acquiring) }

    /// Throws if the pool has taken the connection away. A body that never awaits keeps its lane, on which the connection would
    /// be closed; so it is stopped at its next statement, and before its COMMIT.
    func requireNotBrokenOff() throws(DatabaseError) {
        if isBrokenOff { throw .brokenOff }
    }

    /// Takes the connection away from whoever uses it. It is to be retired on its lane.
    func breakOff() {
        brokenOff.store(true, ordering: .releasing)
        abort()
    }

    /// Breaks the connection, so that the lane wakes up if it waits for a silent peer.
    func abort() {
        interrupter.withLock { $0 }.abort()
    }

    /// Asks the server to cancel what the connection is executing. May block for as long as a connection to it takes.
    func cancel() {
        interrupter.withLock { $0 }.cancel()
    }
}

extension Driver {
    fileprivate func dialect(on connection: any Connection) -> Dialect {
        var dialect = dialect
        dialect.capabilities.subtract(connection.missingCapabilities)
        return dialect
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

    /// A session whose connection the pool has taken away.
    static let brokenOff = DatabaseError(
        .connectionLost,
        "the connection was broken off, because it was evicted or the database is being closed"
    )
}
