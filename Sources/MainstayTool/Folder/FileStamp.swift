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

/// What the file system says about a file without opening it. Equal stamps mean equal contents: each change of a file sets
/// the time that only the system can set.
struct FileStamp: Hashable, Sendable {
    /// What lies at a path.
    enum Kind: Sendable {
        case folder
        case file
        /// A symbolic link, device, socket or pipe.
        case other
    }

    let kind: Kind
    let size: Int64
    private let modification: Moment
    private let change: Moment
    private let device: UInt64
    private let inode: UInt64

    /// The time of the last modification, without what is finer than a microsecond; nil if not every database can hold it.
    var modified: Timestamp? { modification.timestamp }

    /// Looks at a path. Symbolic links are not followed.
    init(path: String) throws(FileError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw .system(errno) }
        self.init(status)
    }

    /// Looks at an open file.
    init(descriptor: Int32) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
        self.init(status)
    }

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .folder
            case S_IFREG: .file
            default: .other
            }
        size = Int64(status.st_size)
        #if canImport(Darwin)
        modification = Moment(status.st_mtimespec)
        change = Moment(status.st_ctimespec)
        #else
        modification = Moment(status.st_mtim)
        change = Moment(status.st_ctim)
        #endif
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
    }
}

/// A time of the file system.
private struct Moment: Hashable, Sendable {
    let seconds: Int64
    let nanoseconds: Int64

    init(_ time: timespec) {
        seconds = Int64(time.tv_sec)
        nanoseconds = Int64(time.tv_nsec)
    }

    /// Years 1000 to 9999, which MariaDB's manual promises.
    private static let storable: ClosedRange<Int64> = -30_610_224_000...253_402_300_799

    var timestamp: Timestamp? {
        guard Self.storable.contains(seconds) else { return nil }
        return Timestamp(microsecondsSinceEpoch: seconds * 1_000_000 + nanoseconds / 1000)
    }
}
