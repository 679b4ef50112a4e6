// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// One physical connection to a database: what a driver implements.
///
/// A connection lives on one lane: the core calls every method on that lane's thread and never two at a time, so a driver
/// needs no locks and may block. Only ``interrupter`` is used from other threads.
///
/// After an error the core asks ``isUsable`` and ``transactionState``, which must tell what the server or the library
/// knows, without a round trip; a driver keeps no flags of its own where the library has the truth.
public protocol Connection: AnyObject {
    /// A handle with which another thread interrupts what this connection is doing.
    var interrupter: any Interrupter { get }

    /// Whether the connection can still be used. No round trip. False once the library saw the connection break.
    var isUsable: Bool { get }

    /// What the server says about the transaction. No round trip.
    var transactionState: ServerTransactionState { get }

    /// How long the server lets the connection be silent before it ends it, as it said on connect; nil if it never does. No
    /// round trip.
    var silenceLimit: Duration? { get }

    /// After what time the server is to stop a statement by itself, in whole milliseconds; nil leaves it to the server. It holds
    /// from the next transaction on, and costs no round trip unless it changes.
    ///
    /// The core stops statements as well. Where the server can't, a driver leaves this out, and it reads as nil.
    var statementLimit: Duration? { get set }

    /// What the dialect says that the database can do, and this server can't. No round trip.
    var missingCapabilities: Capabilities { get }

    /// Prepares one statement.
    ///
    /// - Parameters:
    ///   - text: The statement with the dialect's placeholders.
    ///   - parameterTypes: The types of the values that will be bound, in order.
    /// - Throws: ``DatabaseError``; more than one statement, or a number of placeholders that is not that of the types
    ///   (`parameterCount`), are errors.
    func prepare(_ text: String, parameterTypes: [ValueType]) throws(DatabaseError) -> any PreparedStatement

    /// Executes any number of statements without parameters and discards their results.
    ///
    /// - Returns: The number of affected rows, as far as the library counts them.
    func executeScript(_ text: String) throws(DatabaseError) -> Int

    /// The same, for a script that may or may not begin and end transactions.
    ///
    /// - Parameters:
    ///   - text: The script.
    ///   - controlsTransactions: Whether it may. If not, a library that sees each statement before it is executed refuses those that
    ///     begin, commit or roll back, with `misuse`. A server can't be asked that; there the core judges by the text before and by
    ///     ``takeTrace()`` after.
    /// - Returns: The number of affected rows, as far as the library counts them.
    func executeScript(_ text: String, controlsTransactions: Bool) throws(DatabaseError) -> Int

    /// What statements have done since it was last asked, by the word of the server or of the library. No round trip. Asking takes
    /// it away. The core asks after each statement, script and batch, whether it succeeded or not.
    ///
    /// What the driver does itself in ``begin(_:)``, ``commit()``, ``rollback()``, ``savepoint(_:_:)`` and ``reset()`` is left
    /// out. A driver overrides the default, which is for databases that don't tell; the core then takes each statement that may
    /// commit for one that has committed.
    func takeTrace() -> SessionTrace

    /// Lets statements outside of transactions only read, each as a transaction of its own, or lets them write again.
    ///
    /// With it a scope of one statement that reads needs no round trips to begin and to commit. It holds until it is undone, and
    /// never for transactions that are begun.
    ///
    /// - Returns: False if the database has no such thing, or not now: the core begins a transaction instead.
    func limitToReading(_ isLimited: Bool) throws(DatabaseError) -> Bool

    /// Inserts rows by what the database has for many of them, if that does just what an INSERT of each would do.
    ///
    /// - Returns: How many; nil if there is no such way, or not for these rows: nothing has happened then, and the core executes
    ///   statements instead.
    func load(_ rows: RowLoad) throws(DatabaseError) -> Int?

    /// Begins a transaction.
    func begin(_ options: TransactionOptions) throws(DatabaseError)

    /// Commits the transaction.
    ///
    /// - Throws: `transactionRolledBack` if the server answered with a rollback; the error of a deferred constraint; or
    ///   `commitOutcomeUnknown` if the connection broke after COMMIT had been sent and before it was answered.
    func commit() throws(DatabaseError)

    /// What another connection needs to find out what became of the transaction that is open. At most one round trip. Only asked
    /// of databases with the capability ``Capabilities/commitOutcomes``.
    ///
    /// - Returns: Nil if the transaction has written nothing, so that there is nothing to find out.
    func receipt() throws(DatabaseError) -> (any TransactionReceipt)?

    /// Finds out what became of a transaction of another connection, which was lost.
    ///
    /// - Throws: ``DatabaseError``, if this connection is lost as well.
    func outcome(of receipt: any TransactionReceipt) throws(DatabaseError) -> TransactionOutcome

    /// Has the server end another connection that was lost to us, of which it may not know yet, so that it rolls back. Does
    /// nothing if that is gone.
    ///
    /// - Parameter other: What interrupted the other connection, of the same driver.
    func terminate(_ other: any Interrupter) throws(DatabaseError)

    /// Rolls the transaction back. Does nothing if there is none.
    func rollback() throws(DatabaseError)

    /// Sets, releases or rolls back to a savepoint. The name is an identifier that needs no quotes.
    func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError)

    /// Asks the server for a sign of life, as cheaply as the protocol allows.
    func ping() throws(DatabaseError)

    /// Looks at the socket without a round trip.
    ///
    /// - Returns: False if the connection is known to be dead, or if something arrived that should not have.
    func probe() -> Bool

    /// Puts session settings, temporary tables, locks and the like back to what they were after connecting.
    ///
    /// - Returns: Whether prepared statements survived.
    func reset() throws(DatabaseError) -> Bool

    /// Closes the connection. Never fails, never waits for a silent peer, may be called twice.
    func close()
}

extension Connection {
    /// For databases whose servers all can do what the dialect says.
    public var missingCapabilities: Capabilities { [] }

    /// For databases that never end a connection because it rests.
    public var silenceLimit: Duration? { nil }

    /// For databases that don't stop statements by themselves.
    public var statementLimit: Duration? {
        get { nil }
        set {}
    }

    /// For servers, which don't show a statement before they execute it.
    public func executeScript(_ text: String, controlsTransactions: Bool) throws(DatabaseError) -> Int {
        try executeScript(text)
    }

    /// For databases that don't tell.
    public func takeTrace() -> SessionTrace { .isIncomplete }

    /// For databases that can refuse to write only in transactions.
    public func limitToReading(_ isLimited: Bool) throws(DatabaseError) -> Bool { !isLimited }

    /// For databases that insert many rows as fast by statements.
    public func load(_ rows: RowLoad) throws(DatabaseError) -> Int? { nil }

    /// For databases that keep no record of it.
    public func receipt() throws(DatabaseError) -> (any TransactionReceipt)? { nil }

    /// For databases whose connections end with their clients.
    public func terminate(_ other: any Interrupter) throws(DatabaseError) {}

    /// For databases that keep no record of it.
    public func outcome(of receipt: any TransactionReceipt) throws(DatabaseError) -> TransactionOutcome { .unknown }
}
