// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite

/// The catalogue of a folder in a database: its schema, and the statements that write it, the same on every database.
///
/// A path is unique by its ``PathKey``, for no index on the path itself would treat paths alike on all databases.
struct Catalogue: Sendable {
    let database: Database

    /// Makes the tables, unless they are there.
    func create() async throws {
        try await database.execute(
            """
            CREATE TABLE IF NOT EXISTS folders (
                id \(type: .generatedKey),
                path_key \(type: .varchar(64)) NOT NULL UNIQUE,
                path \(type: .text) NOT NULL
            )
            """
        )
        try await database.execute(
            """
            CREATE TABLE IF NOT EXISTS files (
                id \(type: .generatedKey),
                folder_id \(type: .int64) NOT NULL,
                path_key \(type: .varchar(64)) NOT NULL UNIQUE,
                name \(type: .text) NOT NULL,
                size \(type: .int64) NOT NULL,
                modified \(type: .timestamp),
                sha256 \(type: .bytes) NOT NULL,
                FOREIGN KEY (folder_id) REFERENCES folders (id)
            )
            """
        )
    }

    /// Inserts the folders that are missing, and tells the keys that the database generated for all of them.
    func write(_ folders: [Folder]) async throws -> (Changes, ids: [PathKey: Int64]) {
        try await database.write { session in
            let keys = folders.map(\.key)
            let known = Set(
                try session.query("SELECT path_key FROM folders WHERE path_key IN (\(list: keys))", as: PathKey.self)
                    .all()
            )
            let missing = folders.filter { !known.contains($0.key) }
            try session.execute(each: missing) {
                "INSERT INTO folders (path_key, path) VALUES (\($0.key), \($0.path))"
            }
            let ids = try session.query(
                "SELECT path_key, id FROM folders WHERE path_key IN (\(list: keys))",
                as: (PathKey, Int64).self
            ).all()
            return (Changes(inserted: missing.count), Dictionary(uniqueKeysWithValues: ids.map { ($0.0, $0.1) }))
        }
    }

    /// Inserts the files that are missing and updates those that changed.
    ///
    /// - Parameters:
    ///   - folders: The generated keys of the files' folders.
    ///   - killer: Gets its chance after the first statements.
    func write(_ entries: [Entry], in folders: [PathKey: Int64], killer: ConnectionKiller) async throws -> Changes {
        try await database.write { session in
            let rows = try session.query(
                "SELECT path_key, size, modified, sha256 FROM files WHERE path_key IN (\(list: entries.map(\.file.key)))",
                as: (PathKey, Int64, Timestamp?, [UInt8]).self
            ).all()
            let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.0, $0) })
            let missing = entries.filter { known[$0.file.key] == nil }
            let changed = entries.filter { entry in
                guard let (_, size, modified, sha256) = known[entry.file.key] else { return false }
                return (size, modified, sha256) != (entry.size, entry.modified, entry.sha256)
            }
            try session.execute(each: missing) { entry in
                """
                INSERT INTO files (folder_id, path_key, name, size, modified, sha256) VALUES (
                    \(folders[entry.file.folder]), \(entry.file.key), \(entry.file.name), \(entry.size),
                    \(entry.modified), \(entry.sha256)
                )
                """
            }
            try await killer.strike(session, of: database)
            try session.execute(each: changed) { entry in
                """
                UPDATE files SET size = \(entry.size), modified = \(entry.modified), sha256 = \(entry.sha256)
                WHERE path_key = \(entry.file.key)
                """
            }
            return Changes(inserted: missing.count, updated: changed.count)
        }
    }
}
