// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite

/// A file as it is catalogued.
struct Entry: Sendable {
    let file: File
    /// What the file system said while the contents were read.
    let stamp: FileStamp
    let sha256: [UInt8]

    var size: Int64 { stamp.size }
    var modified: Timestamp? { stamp.modified }

    init(_ file: File, _ contents: FileContents) {
        self.file = file
        stamp = contents.stamp
        sha256 = contents.sha256
    }
}

/// How many rows of both tables were written.
struct Changes: Sendable {
    var inserted = 0
    var updated = 0
    var deleted = 0
    /// Rows that were read and told what they had already, so that nothing was written.
    var unchanged = 0

    static func += (total: inout Changes, changes: Changes) {
        total.inserted += changes.inserted
        total.updated += changes.updated
        total.deleted += changes.deleted
        total.unchanged += changes.unchanged
    }
}
