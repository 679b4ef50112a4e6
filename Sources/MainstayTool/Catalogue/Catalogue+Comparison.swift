// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite

extension Catalogue {
    /// Compares the database with what was read from the folder, row for row, while the rows arrive.
    ///
    /// - Returns: What differs.
    func differences(folders: [Folder], entries: [PathKey: Entry]) async throws -> [String] {
        try await database.read { session in
            var differences: [String] = []
            var folders = Set(folders.map(\.key))
            for try await path in session.query("SELECT path FROM folders", as: String.self)
            where folders.remove(PathKey(path)) == nil {
                differences.append("\(path.quoted) is a folder in the database only")
            }
            if !folders.isEmpty { differences.append("\(folders.count) folders are not in the database") }

            var missing = entries
            let rows = session.query(
                """
                SELECT folders.path, files.name, files.size, files.modified, files.sha256
                FROM files JOIN folders ON folders.id = files.folder_id
                """,
                as: (String, String, Int64, Timestamp?, [UInt8]).self
            )
            for try await (folder, name, size, modified, sha256) in rows {
                let path = Folder(path: folder).path(of: name)
                // The key is made anew of the text that the database gave back.
                if let entry = missing.removeValue(forKey: PathKey(path)) {
                    differences += entry.differences(size: size, modified: modified, sha256: sha256)
                } else {
                    differences.append("\(path.quoted) is in the database only")
                }
            }
            return differences + missing.values.map { "\($0.file.path.quoted) is not in the database" }
        }
    }
}

extension Entry {
    /// What a row says otherwise.
    fileprivate func differences(size: Int64, modified: Timestamp?, sha256: [UInt8]) -> [String] {
        func difference<Value: Equatable>(_ what: String, _ row: Value, _ file: Value) -> String? {
            row == file ? nil : "\(self.file.path.quoted) has the \(what) \(file), and \(row) in the database"
        }
        return [
            difference("size", size, self.size),
            difference("modification time", modified?.description ?? "none", self.modified?.description ?? "none"),
            difference("SHA-256", sha256.hexadecimal, self.sha256.hexadecimal),
        ].compactMap { $0 }
    }
}
