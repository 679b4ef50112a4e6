// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// A connection to an SQLite database; the typed one that `session.withConnection(as: SQLiteConnection.self)` gives.
public final class SQLiteConnection: Connection {
    private let configuration: SQLiteConfiguration
    private let role: Role
    private let handle: SQLiteHandle
    /// Whether a read-only transaction on a connection that may write has set `query_only`.
    private var isQueryOnly = false

    init(_ configuration: SQLiteConfiguration, role: Role) throws(DatabaseError) {
        self.configuration = configuration
        self.role = role
        handle = SQLiteHandle()
        try open()
    }

    deinit {
        close()
    }

    /// The library's handle, for what only SQLite has. It is valid until the function returns.
    ///
    /// - Throws: `connectionLost` if the connection is closed; what the function throws.
    public func withNativeHandle<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        try body(try database())
    }

    // MARK: - Opening and closing

    private func open() throws(DatabaseError) {
        let path: String
        switch configuration.location {
        case .memory: path = ":memory:"
        // Without the folder a name that begins with `file:` would be read as a URI, with parameters.
        case .path(let name):
            guard !name.utf8.contains(0) else {
                throw DatabaseError(.invalidConfiguration, "the file's name contains U+0000", isConnectionUsable: false)
            }
            path = name.hasPrefix("/") ? name : "./" + name
        }
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        switch configuration.mode {
        case .readOnly: flags |= SQLITE_OPEN_READONLY
        case .readWrite: flags |= SQLITE_OPEN_READWRITE
        case .readWriteCreate: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        }
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(path, &opened, flags, nil)
        guard status == SQLITE_OK, let opened else {
            // A handle is made even when opening fails, and must be closed.
            sqlite3_close_v2(opened)
            throw .cannotOpen(status, configuration.location)
        }
        handle.open(opened)
        do {
            try setUp(opened)
        } catch {
            handle.close()
            throw error
        }
    }

    /// See https://sqlite.org/security.html for what is turned off.
    private func setUp(_ database: OpaquePointer) throws(DatabaseError) {
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_DQS_DML, 0),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ] as [(Int32, Int32)] {
            _ = mainstay_sqlite3_db_config(database, option, value)
        }
        let (seconds, attoseconds) = configuration.busyTimeout.components
        sqlite3_busy_timeout(database, Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        try execute("PRAGMA foreign_keys = \(configuration.enforcesForeignKeys ? "ON" : "OFF")")
        try execute("PRAGMA cell_size_check = ON")
        try execute("PRAGMA synchronous = \(configuration.synchronous.rawValue)")
        // The first look at the file: here it shows whether it is a database at all.
        if configuration.location != .memory, sqlite3_db_readonly(database, "main") == 0 {
            try switchToWAL()
        } else {
            try execute("PRAGMA schema_version")
        }
        if role == .reader { try execute("PRAGMA query_only = ON") }
    }

    /// Has the file keep a write-ahead log, which it remembers.
    ///
    /// Of several connections that do this to a new file at the same moment, all but one are told BUSY at once: SQLite does
    /// not wait where two could wait for each other. They try again, for as long as they would wait for a lock.
    private func switchToWAL() throws(DatabaseError) {
        let deadline = ContinuousClock.now + configuration.busyTimeout
        while true {
            do throws(DatabaseError) {
                return try execute("PRAGMA journal_mode = WAL")
            } catch {
                guard error.code == .lockTimeout, ContinuousClock.now < deadline else { throw error }
                sqlite3_sleep(Int32.random(in: 1...10))
            }
        }
    }

    /// Closes the connection.
    public func close() {
        handle.close()
    }

    func database() throws(DatabaseError) -> OpaquePointer {
        guard let database = handle.database else {
            throw DatabaseError(.connectionLost, "the connection to the SQLite database is closed")
        }
        return database
    }

    // MARK: - State

    /// A handle with which another thread interrupts what this connection is doing.
    public var interrupter: any Interrupter { handle }

    /// Whether the connection is open.
    public var isUsable: Bool { handle.database != nil }

    /// What SQLite says: it leaves autocommit mode with BEGIN, and returns to it by itself when it rolls back.
    public var transactionState: ServerTransactionState {
        guard let database = handle.database else { return .unknown }
        return sqlite3_get_autocommit(database) == 0 ? .active : .none
    }

    /// Does nothing: there is no server that could have gone.
    public func ping() throws(DatabaseError) {
        _ = try database()
    }

    /// Whether the connection is open: there is no server that could have gone.
    public func probe() -> Bool { isUsable }

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
        let database = try database()
        guard !text.utf8.contains(0) else {
            throw DatabaseError(.syntaxError, "the script contains U+0000, where SQLite would stop reading")
        }
        let before = sqlite3_total_changes64(database)
        try check(sqlite3_exec(database, text, nil, nil, nil))
        return Int(sqlite3_total_changes64(database) - before)
    }

    func execute(_ text: String) throws(DatabaseError) {
        try check(sqlite3_exec(try database(), text, nil, nil, nil))
    }

    func check(_ status: Int32) throws(DatabaseError) {
        guard status == SQLITE_OK else { throw .sqlite(status, try database()) }
    }

    // MARK: - Transactions

    /// Begins a transaction. One that may write takes the write lock at once, so that it can't fail half-way because
    /// another wrote meanwhile. All isolation levels are serializable.
    public func begin(_ options: TransactionOptions) throws(DatabaseError) {
        // A script may have ended a reading transaction, so that neither commit nor rollback was reached.
        allowWriting()
        guard options.access == .readOnly else { return try execute("BEGIN IMMEDIATE") }
        if role == .writer {
            try execute("PRAGMA query_only = ON")
            isQueryOnly = true
        }
        do {
            try execute("BEGIN DEFERRED")
        } catch {
            allowWriting()
            throw error
        }
    }

    /// Commits. A deferred constraint that is violated, or a reader in the way, leaves the transaction open.
    public func commit() throws(DatabaseError) {
        try execute("COMMIT")
        allowWriting()
    }

    /// Rolls back, unless SQLite has done so by itself.
    public func rollback() throws(DatabaseError) {
        defer { allowWriting() }
        if transactionState == .active { try execute("ROLLBACK") }
    }

    private func allowWriting() {
        guard isQueryOnly else { return }
        isQueryOnly = false
        // Setting a flag of the connection; it fails only if the connection is closed, and then it does not matter.
        try? execute("PRAGMA query_only = OFF")
    }

    /// Sets, releases or rolls back to a savepoint.
    public func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        switch action {
        case .set: try execute("SAVEPOINT \(name)")
        case .release: try execute("RELEASE \(name)")
        case .rollback:
            try execute("ROLLBACK TO \(name)")
            // SQLite keeps the savepoint after rolling back to it; the next ROLLBACK TO of an outer one drops it.
            try execute("RELEASE \(name)")
        }
    }

    // MARK: - Reset

    /// Undoes what a session left in the connection.
    ///
    /// A file is opened anew, which undoes everything and takes its prepared statements with it. A database in memory
    /// would be gone by that: its temporary tables are dropped, other databases detached, and the settings made again that
    /// this driver makes; other PRAGMAs stay.
    public func reset() throws(DatabaseError) -> Bool {
        guard configuration.location == .memory else {
            handle.close()
            try open()
            return false
        }
        try execute("PRAGMA query_only = OFF")
        isQueryOnly = false
        // Tables are dropped in any order, whatever refers to them.
        try execute("PRAGMA foreign_keys = OFF")
        for kind in ["trigger", "view", "table"] {
            for (_, name) in try names(Self.temporary(kind)) {
                try execute("DROP \(kind) temp.\(try Dialect.sqlite.quote([name]))")
            }
        }
        for (_, name) in try names("SELECT seq, name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')") {
            try execute("DETACH \(try Dialect.sqlite.quote([name]))")
        }
        try setUp(try database())
        return true
    }

    /// What to drop; the tables that belong to virtual ones go with them.
    private static func temporary(_ kind: String) -> String {
        guard kind == "table" else { return "SELECT type, name FROM temp.sqlite_schema WHERE type = '\(kind)'" }
        return """
            SELECT type, name FROM pragma_table_list
            WHERE schema = 'temp' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            """
    }

    private func names(_ text: String) throws(DatabaseError) -> [(String, String)] {
        let statement = try SQLiteStatement(self, text, parameterCount: 0)
        defer { statement.close() }
        try statement.start([], reading: .all)
        var names: [(String, String)] = []
        while try statement.step() {
            names.append((statement.text(at: 0), statement.text(at: 1)))
        }
        _ = try statement.finish()
        return names
    }
}
