// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

@testable import MainstaySQLite

/// A disk on which one kind of call fails, for one file of one connection.
///
/// SQLite reaches a file through a table of functions, which is replaced here by a copy with one of them changed. The
/// disk must not go before the connection that has it is closed.
final class FailingDisk {
    /// What fails, and how.
    enum Failure: CaseIterable {
        case writeIsFull, writeFails, syncFails, readFails, syncAndAllAfterItFails

        static let whenCommitting: [Failure] = [.writeIsFull, .writeFails, .syncFails]
    }

    private let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    private var file: UnsafeMutablePointer<sqlite3_file>?
    private var original: UnsafePointer<sqlite3_io_methods>?

    /// Makes calls fail from now on, for the database's file or for its journal, which is the write-ahead log if it has
    /// one.
    init(_ failure: Failure, of connection: SQLiteConnection, isJournal: Bool) throws {
        let which = isJournal ? SQLITE_FCNTL_JOURNAL_POINTER : SQLITE_FCNTL_FILE_POINTER
        try connection.withNativeHandle { _ = sqlite3_file_control($0, "main", which, &file) }
        guard let file, let original = file.pointee.pMethods else { return }
        self.original = original
        methods.initialize(to: original.pointee)
        switch failure {
        case .writeIsFull: methods.pointee.xWrite = { _, _, _, _ in SQLITE_FULL }
        // SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC and SQLITE_IOERR_READ
        case .writeFails: methods.pointee.xWrite = { _, _, _, _ in SQLITE_IOERR | 3 << 8 }
        case .syncFails: methods.pointee.xSync = { _, _ in SQLITE_IOERR | 4 << 8 }
        case .syncAndAllAfterItFails:
            methods.pointee.xSync = { file, _ in
                // The copy of above, which is writable.
                let methods = UnsafeMutablePointer(mutating: file?.pointee.pMethods)
                methods?.pointee.xWrite = { _, _, _, _ in SQLITE_IOERR | 3 << 8 }
                return SQLITE_IOERR | 4 << 8
            }
        case .readFails: methods.pointee.xRead = { _, _, _, _ in SQLITE_IOERR | 1 << 8 }
        }
        file.pointee.pMethods = UnsafePointer(methods)
    }

    var isInPlace: Bool { original != nil }

    /// The disk works again.
    func mend() {
        file?.pointee.pMethods = original
    }

    deinit {
        methods.deallocate()
    }
}
