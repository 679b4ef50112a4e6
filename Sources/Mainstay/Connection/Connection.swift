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

    /// Begins a transaction.
    func begin(_ options: TransactionOptions) throws(DatabaseError)

    /// Commits the transaction.
    ///
    /// - Throws: `transactionRolledBack` if the server answered with a rollback; the error of a deferred constraint; or
    ///   `commitOutcomeUnknown` if the connection broke after COMMIT had been sent and before it was answered.
    func commit() throws(DatabaseError)

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
    /// For databases that never end a connection because it rests.
    public var silenceLimit: Duration? { nil }
}
