// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A pipe by which any thread wakes the one that waits in `poll`. Once woken, it stays so.
///
/// Its ends are open for as long as the object lives, so that waking one that nobody waits for any more, even of
/// a connection that is closed, is harmless.
final class Waker: Sendable {
    /// Readable from the moment on when somebody called ``wake()``.
    let descriptor: Int32
    private let writer: Int32

    init() throws(DatabaseError) {
        var ends: (reader: Int32, writer: Int32) = (-1, -1)
        let isOpen = withUnsafeMutableBytes(of: &ends) {
            pipe($0.assumingMemoryBound(to: Int32.self).baseAddress) == 0
        }
        (descriptor, writer) = ends
        for end in [descriptor, writer] where isOpen {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        guard isOpen else {
            throw DatabaseError(
                .outOfResources,
                "the process has no file descriptor left to give",
                hint: "raise its limit (ulimit -n), or open fewer connections"
            )
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        _ = close(descriptor)
        _ = close(writer)
    }

    /// Wakes whoever waits, now or later.
    func wake() {
        // When the pipe is full nothing is written, but then it is readable already.
        var byte: UInt8 = 0
        _ = write(writer, &byte, 1)
    }
}
