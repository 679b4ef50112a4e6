// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file that a connection has open, and the path by which others find it, or another one.
///
/// Another file may be renamed over it, or it may be deleted. The connection goes on to read and write the old one,
/// which nobody else will see. It is only looked at by `stat(2)`: to open it and close it again would take away the
/// locks that SQLite has on it.
struct SQLiteFile {
    /// What tells a file from every other one that exists at the same time.
    struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    /// The path as it was configured, and absolute.
    let path: String
    /// The file at the path that SQLite has opened, where symbolic links are resolved. Nil if it was gone already.
    ///
    /// If it was replaced between being opened and being looked at, this is the new one. SQLite knows which one it has.
    private let identity: Identity?
    /// Whether SQLite has said that this is the one.
    private var isConfirmed = false

    /// Notes which file a connection has just opened.
    init(path: String, openedBy database: OpaquePointer) {
        self.path = path
        let resolved = sqlite3_db_filename(database, "main").map { String(cString: $0) } ?? path
        identity = try? Self.look(at: resolved)
    }

    /// A name as an absolute path, by the working directory of this moment.
    static func absolutePath(_ name: String) -> String {
        if name.hasPrefix("/") { return name }
        guard let folder = getcwd(nil, 0) else { return "./" + name }
        defer { free(folder) }
        return "\(String(cString: folder))/\(name)"
    }

    /// Whether the path leads to another file now, or to none. One call of `stat(2)`, and another one the first time.
    mutating func isReplaced(_ database: OpaquePointer) -> Bool {
        do throws(Failure) {
            // This sees a symbolic link that leads elsewhere, and another device.
            guard try Self.look(at: path) == identity else { return true }
        } catch {
            // Any other error says that one may not look, and nothing about the file.
            return error.errno == ENOENT || error.errno == ENOTDIR
        }
        guard !isConfirmed else { return false }
        // SQLite compares the inode with that of the file it has open, so there was no moment in which to be mistaken.
        var hasMoved: Int32 = 0
        sqlite3_file_control(database, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        isConfirmed = hasMoved == 0
        return !isConfirmed
    }

    /// The file that a path leads to now.
    ///
    /// - Throws: `errno`, if that can't be told.
    private static func look(at path: String) throws(Failure) -> Identity {
        var status = stat()
        // `errno` is read before anything else can change it.
        let failure = path.withCString { stat($0, &status) == 0 ? 0 : errno }
        guard failure == 0 else { throw Failure(errno: failure) }
        return Identity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino)
        )
    }

    private struct Failure: Error {
        let errno: Int32
    }
}
