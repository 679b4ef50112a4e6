// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SQLiteConnection {
    /// Undoes what a session left in the connection.
    ///
    /// A file is opened anew, which undoes everything and takes its prepared statements with it. A database in memory
    /// would be gone by that: its temporary tables are dropped, other databases detached, and the settings made again
    /// that this driver makes; other PRAGMAs stay.
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
