// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

extension SQLiteConnection {
    func open() throws(DatabaseError) {
        switch configuration.location {
        case .memory: _ = try open(":memory:")
        case .path(let name):
            guard !name.utf8.contains(0) else {
                throw DatabaseError(.invalidConfiguration, "the file's name contains U+0000", isConnectionUsable: false)
            }
            let path = SQLiteFile.absolutePath(name)
            file = SQLiteFile(path: path, openedBy: try open(path))
        }
        do {
            try setUp(try database())
        } catch {
            handle.close()
            throw error
        }
    }

    /// - Parameter path: `:memory:`, or a path. One that began with `file:` would be read as a URI, with parameters.
    private func open(_ path: String) throws(DatabaseError) -> OpaquePointer {
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
        return opened
    }

    /// See https://sqlite.org/security.html for what is turned off.
    func setUp(_ database: OpaquePointer) throws(DatabaseError) {
        for (option, value) in [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_DQS_DML, 0),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ] as [(Int32, Int32)] {
            _ = mainstay_sqlite3_db_config(database, option, value)
        }
        // A session in memory may have set `PRAGMA busy_timeout`, which puts SQLite's own wait in the place of ours.
        handle.lockWait.install(in: database)
        try execute("PRAGMA foreign_keys = \(configuration.enforcesForeignKeys ? "ON" : "OFF")")
        try execute("PRAGMA cell_size_check = ON")
        try execute("PRAGMA synchronous = \(configuration.synchronous.rawValue)")
        // The first look at the file: here it shows whether it is a database at all.
        if configuration.location != .memory, sqlite3_db_readonly(database, "main") == 0 {
            // The file keeps a write-ahead log from now on, which it remembers. Of several connections that do this to
            // a new file at the same moment, all but one are told BUSY at once: SQLite does not wait where two could
            // wait for each other.
            try executeWhenFree("PRAGMA journal_mode = WAL")
        } else {
            try execute("PRAGMA schema_version")
        }
        if role == .reader { try execute("PRAGMA query_only = ON") }
    }
}
