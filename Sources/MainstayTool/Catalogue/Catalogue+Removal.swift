// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite

extension Catalogue {
    /// How many rows are deleted in one transaction.
    private static let batchSize = 1000

    /// Deletes the files and folders that are not among these.
    func remove(exceptFolders folders: Set<PathKey>, files: Set<PathKey>) async throws -> Changes {
        // Files first, for they refer to their folders.
        let deletedFiles = try await remove(from: "files", except: files)
        let deletedFolders = try await remove(from: "folders", except: folders)
        return Changes(deleted: deletedFiles + deletedFolders)
    }

    private func remove(from table: String, except kept: Set<PathKey>) async throws -> Int {
        let gone = try await database.read { session in
            var gone: [Int64] = []
            let rows = session.query("SELECT id, path_key FROM \(identifier: table)", as: (Int64, PathKey).self)
            for try await (id, key) in rows where !kept.contains(key) {
                gone.append(id)
            }
            return gone
        }
        var deleted = 0
        for batch in gone.batches(of: Self.batchSize) {
            deleted += try await database.write { session in
                try session.execute(each: batch) { "DELETE FROM \(identifier: table) WHERE id = \($0)" }.affectedRows
            }
        }
        return deleted
    }
}
