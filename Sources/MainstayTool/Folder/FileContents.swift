// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Crypto

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What is in a file: the hash of its bytes, and the stamp that it had while they were read.
struct FileContents: Sendable {
    let stamp: FileStamp
    let sha256: [UInt8]

    private static let attempts = 3
    private static let pieceSize = 256 * 1024

    /// Reads a file piece by piece, and again if it was changed meanwhile.
    ///
    /// - Parameter onPiece: Is told how many bytes of the file were read so far.
    init(path: String, onPiece: (Int64) -> Void) throws(FileError) {
        // Not waiting for the writer of a pipe that took the file's place.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ELOOP ? .noFile : .system(errno) }
        defer { close(descriptor) }
        for _ in 1...Self.attempts {
            let before = try FileStamp(descriptor: descriptor)
            guard before.kind == .file else { throw .noFile }
            let (sha256, size) = try Self.hash(descriptor, limit: before.size, onPiece)
            let after = try FileStamp(descriptor: descriptor)
            if after == before, after.size == size {
                self.init(stamp: after, sha256: sha256)
                return
            }
            guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .system(errno) }
        }
        throw .restless
    }

    private init(stamp: FileStamp, sha256: [UInt8]) {
        self.stamp = stamp
        self.sha256 = sha256
    }

    /// Reads to the end, or a little beyond a limit: a file that grows faster than it is read has no end.
    private static func hash(
        _ descriptor: Int32,
        limit: Int64,
        _ onPiece: (Int64) -> Void
    ) throws(FileError) -> ([UInt8], Int64) {
        var hash = SHA256()
        var size: Int64 = 0
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { piece.deallocate() }
        while true {
            let count = read(descriptor, piece.baseAddress, piece.count)
            guard count != 0, size <= limit else { return (Array(hash.finalize()), size) }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system(errno)
            }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
            size += Int64(count)
            onPiece(size)
        }
    }
}
