// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// A connection to an SQLite database; the typed one that `session.withConnection(as: SQLiteConnection.self)` gives.
public final class SQLiteConnection: Connection {
    let configuration: SQLiteConfiguration
    let role: Role
    let handle: SQLiteHandle
    /// The file that was opened. Nil in memory.
    var file: SQLiteFile?
    /// Whether a read-only transaction on a connection that may write has set `query_only`.
    var isQueryOnly = false
    /// Whether a commit failed that whoever opens the file next may find done.
    var isCommitInDoubt = false

    init(_ configuration: SQLiteConfiguration, role: Role) throws(DatabaseError) {
        self.configuration = configuration
        self.role = role
        handle = SQLiteHandle(configuration)
        try open()
    }

    deinit {
        close()
    }

    /// The library's handle, for what only SQLite has. It is valid until the function returns.
    ///
    /// - Throws: `connectionLost` if the connection is closed; what the function throws.
    public func withNativeHandle<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        let database = try beginning()
        return try handle.watch.watching { try body(database) }
    }

    /// Closes the connection. What was not committed is rolled back.
    public func close() {
        handle.close()
    }

    func database() throws(DatabaseError) -> OpaquePointer {
        guard let database = handle.database else {
            throw DatabaseError(.connectionLost, "the connection to the SQLite database is closed")
        }
        return database
    }

    /// The library's handle for something that is about to be executed.
    func beginning() throws(DatabaseError) -> OpaquePointer {
        let database = try database()
        guard !handle.lockWait.isAborted else { throw .aborted }
        handle.lockWait.begins()
        return database
    }

    // MARK: - State

    /// A handle with which another thread interrupts what this connection is doing.
    public var interrupter: any Interrupter { handle }

    /// Whether the connection is open. An error after which it is not to be trusted closes it.
    public var isUsable: Bool { handle.database != nil && !handle.lockWait.isAborted }

    /// What SQLite says: it leaves autocommit mode with BEGIN, and returns to it by itself when it rolls back.
    public var transactionState: ServerTransactionState {
        guard isUsable, let database = handle.database else { return .unknown }
        return sqlite3_get_autocommit(database) == 0 ? .active : .none
    }

    /// Looks whether the file is still the one that was opened; there is no server that could have gone.
    public func ping() throws(DatabaseError) {
        _ = try database()
        try requireSameFile()
    }

    /// Whether the connection is open, and its file still the one that was opened.
    public func probe() -> Bool {
        guard isUsable, let database = handle.database else { return false }
        return file?.isReplaced(database) != true
    }

    /// Closes the connection, and throws, if another file has taken the place of the one that is open.
    func requireSameFile() throws(DatabaseError) {
        guard file?.isReplaced(try database()) == true else { return }
        handle.close()
        throw .fileReplaced(file?.path ?? "the file")
    }

    // MARK: - Statements

    /// Prepares one statement.
    ///
    /// - Throws: `syntaxError`, also for more than one statement; `parameterCount`; ``DatabaseError``.
    public func prepare(
        _ text: String,
        parameterTypes: [ValueType]
    ) throws(DatabaseError) -> any PreparedStatement {
        try SQLiteStatement(self, text, parameterCount: parameterTypes.count)
    }

    /// Executes any number of statements without parameters.
    public func executeScript(_ text: String) throws(DatabaseError) -> Int {
        try executeScript(text, controlsTransactions: true)
    }

    /// Executes any number of statements without parameters.
    ///
    /// - Parameter controlsTransactions: Whether BEGIN, COMMIT and ROLLBACK are executed; if not, they are refused, and those before
    ///   them have been executed.
    /// - Throws: ``DatabaseError``; `misuse` for what is refused.
    public func executeScript(_ text: String, controlsTransactions: Bool) throws(DatabaseError) -> Int {
        let database = try database()
        guard !text.utf8.contains(0) else {
            throw DatabaseError(.syntaxError, "the script contains U+0000, where SQLite would stop reading")
        }
        let before = sqlite3_total_changes64(database)
        let watch = handle.watch
        defer { if watch.seen.contains(.transactionEnd), controlsTransactions { watch.end() } }
        do throws(DatabaseError) {
            try watch.watching(refusesTransactions: !controlsTransactions) { () throws(DatabaseError) in
                try execute(text)
            }
        } catch {
            guard !controlsTransactions, watch.seen.contains(.transaction) else { throw error }
            throw DatabaseError.scriptControlsTransaction.causedBy(error)
        }
        return Int(sqlite3_total_changes64(database) - before)
    }

    /// What SQLite's authorizer and its hooks saw. Of a connection that was closed they have not seen all.
    public func takeTrace() -> SessionTrace {
        let trace = handle.watch.takeTrace()
        return isUsable ? trace : trace.union(.isIncomplete)
    }

    func execute(_ text: String) throws(DatabaseError) {
        let database = try beginning()
        let status = sqlite3_exec(database, text, nil, nil, nil)
        guard status == SQLITE_OK else { throw failure(status, database) }
    }

    /// Executes a statement that SQLite does not always wait with, again and again while another holds the lock, for as
    /// long as one would wait for a lock.
    func executeWhenFree(_ text: String) throws(DatabaseError) {
        let database = try beginning()
        let status = handle.lockWait.sharingDeadline {
            var status = sqlite3_exec(database, text, nil, nil, nil)
            var number: Int32 = 0
            while status.isBusy, isAnotherInTheWay(database), handle.lockWait.pause(number) {
                number &+= 1
                status = sqlite3_exec(database, text, nil, nil, nil)
            }
            return status
        }
        guard status == SQLITE_OK else { throw failure(status, database) }
    }

    private func isAnotherInTheWay(_ database: OpaquePointer) -> Bool {
        sqlite3_errmsg(database).map { !DatabaseError.isOwnStatementInTheWay(String(cString: $0)) } ?? true
    }
}
