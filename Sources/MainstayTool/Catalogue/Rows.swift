// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayRecords
import MainstaySQLite

/// A row of the table `folders`.
@Record("folders", columns: .snakeCase)
struct FolderRow {
    @ID var id: Int64?
    var pathKey: PathKey
    var path: String
}

/// A row of the table `files`.
@Record("files", columns: .snakeCase)
struct FileRow {
    @ID var id: Int64?
    @References(FolderRow.self) var folderID: Int64?
    var pathKey: PathKey
    var name: String
    var size: Int64
    var modified: Timestamp?
    var sha256: [UInt8]

    init(_ entry: Entry, in folder: Int64?) {
        folderID = folder
        pathKey = entry.file.key
        name = entry.file.name
        size = entry.size
        modified = entry.modified
        sha256 = entry.sha256
    }
}
