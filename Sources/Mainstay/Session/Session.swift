// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a scope works with: one connection, its transaction, and statements.
///
/// A session is an actor whose executor is its connection's own thread. A scope's closure is isolated to it, so inside of
/// the closure every call is synchronous: no `await`, no change of threads, and nothing of other tasks in between.
///
/// ```swift
/// let count = try await database.write { session in
///     try session.execute("INSERT INTO users (name) VALUES (\(name))")
///     return try session.query("SELECT count(*) FROM users", as: Int.self).one()
/// }
/// ```
///
/// A transaction begins with the first statement. In `read { }` and `write { }` it ends with the closure; in
/// `withSession { }` with ``commit()`` and ``rollback()``, and the next statement begins another.
///
/// ## Topics
///
/// ### Statements
/// - ``query(_:as:)->Query<Value>``
/// - ``execute(_:)``
/// - ``execute(each:_:)``
/// - ``executeScript(_:)``
/// - ``executeAutocommit(_:)``
///
/// ### Transactions
/// - ``commit()``
/// - ``rollback()``
/// - ``setTransactionOptions(_:)``
///
/// ### The driver's own
/// - ``withConnection(as:_:)``
public actor Session {
    package nonisolated let lane: any Lane
    @usableFromInline package let context: SessionContext

    /// What the database's SQL looks like and what it can do.
    public nonisolated let dialect: Dialect

    /// The number of the scope's attempt: 1, and more where a managed scope is run again.
    public nonisolated let attempt: Int

    /// Why the attempt before this one failed; nil in the first.
    public nonisolated let lastFailure: DatabaseError?

    /// The lane: the thread that owns the session's connection.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    /// - Parameter isReadOnlyScope: Whether the session may do nothing but read; by default if its transactions only read.
    init(
        _ resource: PooledConnection,
        options: TransactionOptions,
        isReadOnlyScope: Bool? = nil,
        policy: SessionPolicy = SessionPolicy(),
        cancellation: Cancellation? = nil
    ) {
        lane = resource.lane
        dialect = resource.dialect
        context = SessionContext(
            resource,
            options: options,
            isReadOnlyScope: isReadOnlyScope ?? (options.access == .readOnly),
            policy: policy,
            cancellation: cancellation
        )
        attempt = policy.attempt
        lastFailure = policy.lastFailure
    }

    // MARK: - Statements

    /// Executes a statement and discards its rows.
    ///
    /// - Returns: The number of affected rows and the generated key.
    /// - Throws: ``DatabaseError``.
    @discardableResult
    public func execute(_ sql: SQL) throws(DatabaseError) -> Completion {
        try context.execute(sql)
    }

    /// Executes one statement once for each item, as one batch where the database has a faster way for that.
    ///
    /// ```swift
    /// try session.execute(each: users) { "INSERT INTO users (id, name) VALUES (\($0.id), \($0.name))" }
    /// ```
    ///
    /// - Parameters:
    ///   - items: What to execute the statement for. None is no statement.
    ///   - statement: Makes the statement; all must differ in their values only.
    /// - Returns: The sum of the affected rows.
    /// - Throws: ``DatabaseError``; `misuse` if the statements differ in more than their values.
    @discardableResult
    public func execute<Item>(
        each items: some Sequence<Item>,
        _ statement: (Item) -> SQL
    ) throws(DatabaseError) -> Completion {
        try context.executeBatch(items.map(statement))
    }

    /// Executes any number of statements without parameters, such as a schema, and discards their rows.
    ///
    /// The text goes to the database as it is: never let it hold what a user wrote. BEGIN, COMMIT and ROLLBACK in it
    /// are refused in `read { }` and `write { }`, and executed in `withSession { }`. On databases without transactional DDL each `CREATE` commits what was done before.
    ///
    /// - Returns: The number of affected rows, as far as the database counts them.
    /// - Throws: `misuse` if it begins or ends transactions in a managed scope; `partlyCommitted` if that was found only afterwards;
    ///   ``DatabaseError``.
    @discardableResult
    public func executeScript(_ text: String) throws(DatabaseError) -> Int {
        try context.executeScript(text)
    }

    /// Executes a statement outside of any transaction, for those that databases refuse inside of one: `VACUUM`,
    /// `CREATE DATABASE`, `CREATE INDEX CONCURRENTLY`.
    ///
    /// It can't be rolled back, and the scope is not run again after it.
    ///
    /// - Throws: `misuse` while a transaction is open; ``DatabaseError``.
    @discardableResult
    public func executeAutocommit(_ sql: SQL) throws(DatabaseError) -> Completion {
        try context.executeAutocommit(sql)
    }

    /// How long each statement may take from now on, until its result is read; nil is as long as it takes. By default
    /// ``DatabaseConfiguration/statementTimeout``.
    ///
    /// A statement that takes longer is stopped and fails with `timeout`: by the server itself, where the time was set before the
    /// transaction began and the server can, and otherwise by asking the server to cancel it. If the server is silent, the
    /// connection is broken off half a second later. A COMMIT is never cancelled; if it is not answered in time, the connection
    /// is broken off. Within a transaction the server goes on with the time that it was told at its beginning, if that is shorter.
    public var statementTimeout: Duration? {
        get { context.policy.limits.statementTimeout }
        set { context.policy.limits.statementTimeout = newValue }
    }

    // MARK: - Transactions

    /// Commits the transaction. Without one, does nothing.
    ///
    /// - Throws: `transactionRolledBack` if the transaction had failed, with the first failure as its cause; the error of a
    ///   deferred constraint; `commitOutcomeUnknown` if the connection broke before the answer came.
    public func commit() throws(DatabaseError) {
        try context.commit()
    }

    /// Rolls the transaction back. Always works, also when the transaction or the connection is lost, and makes the session
    /// usable again. After the scope has ended, it does nothing.
    public func rollback() {
        context.rollback()
    }

    /// Sets how the next transaction of this session begins, and those after it.
    ///
    /// - Throws: `misuse` after the first statement of a transaction.
    public func setTransactionOptions(_ options: TransactionOptions) throws(DatabaseError) {
        try context.setOptions(options)
    }

    /// Whether a transaction is open, failed ones included.
    public var isInTransaction: Bool {
        !context.isClosed && !context.transaction.isIdle
    }

    /// Keeps the connection alive while the scope waits for something else.
    func keepAlive() {
        context.keepAlive()
    }

    // MARK: - The driver's own

    /// Gives the driver's connection to a function, for what only one database has.
    ///
    /// The connection must be left as it was found: no transaction begun or ended, no result half read.
    ///
    /// - Throws: `misuse` if the connection is not of that type; what the function throws.
    public func withConnection<Native, Result>(
        as type: Native.Type,
        _ body: (Native) throws -> Result
    ) throws -> Result {
        try context.withConnection(as: type, body)
    }
}
