// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Where the root of the catalogue lies: its full path without symbolic links.
struct FolderLocation: Sendable {
    let path: String

    /// Finds a folder.
    init(_ path: String) throws(FolderError) {
        do throws(FileError) {
            self.path = try Self.resolve(path)
            guard try FileStamp(path: self.path).kind == .folder else { throw .system(ENOTDIR) }
        } catch {
            throw FolderError(path: path, reason: error)
        }
    }

    /// The files of an SQLite database, which change while the folder is catalogued. None on a server.
    func files(of driver: any Driver) -> [String] {
        guard case .path(let file)? = (driver as? SQLiteDriver)?.configuration.location else { return [] }
        guard let path = try? Self.resolve(file) else { return [] }
        return [path, "\(path)-wal", "\(path)-shm", "\(path)-journal"]
    }

    private static func resolve(_ path: String) throws(FileError) -> String {
        guard let resolved = realpath(path, nil) else { throw .system(errno) }
        defer { free(resolved) }
        guard let text = String(validatingCString: resolved) else { throw .system(EILSEQ) }
        return text
    }
}

/// The folder to catalogue can't be listed.
struct FolderError: Error, CustomStringConvertible {
    let path: String
    let reason: FileError

    var description: String { "the folder \(path.quoted): \(reason)" }
}
