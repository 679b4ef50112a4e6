// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayRecords
import MainstaySQLite

/// The catalogue of a folder in a database: its schema, and what writes its records, the same on every database.
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
            var rows = try session.query(FolderRow.self).filter { $0.pathKey.in(folders.map(\.key)) }.all()
            let known = Set(rows.map(\.pathKey))
            let missing = folders.filter { !known.contains($0.key) }
            rows += try session.addAll(missing.map { FolderRow(pathKey: $0.key, path: $0.path) })
            try session.flush()
            var ids: [PathKey: Int64] = [:]
            for row in rows { ids[row.pathKey] = try row.key() }
            return (Changes(inserted: missing.count), ids)
        }
    }

    /// Inserts the files that are missing and updates those that changed.
    ///
    /// - Parameters:
    ///   - folders: The generated keys of the files' folders.
    ///   - killer: Gets its chance after the first statements.
    func write(_ entries: [Entry], in folders: [PathKey: Int64], killer: ConnectionKiller) async throws -> Changes {
        try await database.write { session in
            let rows = try session.query(FileRow.self).filter { $0.pathKey.in(entries.map(\.file.key)) }.all()
            let known = Dictionary(uniqueKeysWithValues: rows.map { ($0.pathKey, $0) })
            var changes = Changes()
            for entry in entries {
                guard let row = known[entry.file.key] else {
                    try session.add(FileRow(entry, in: folders[entry.file.folder]))
                    changes.inserted += 1
                    continue
                }
                // Every file is told to its row. What the row has already is no change, and is not written.
                row.size = entry.size
                row.modified = entry.modified
                row.sha256 = entry.sha256
                if try session.isModified(row) { changes.updated += 1 } else { changes.unchanged += 1 }
            }
            try session.flush()
            try await killer.strike(session, of: database)
            return changes
        }
    }
}
