// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Waiting for file descriptors by `poll(2)`.
enum Descriptors {
    /// What to wait for, or what was found.
    struct Events: OptionSet {
        let rawValue: Int16

        static let readable = Self(rawValue: Int16(truncatingIfNeeded: POLLIN))
        static let writable = Self(rawValue: Int16(truncatingIfNeeded: POLLOUT))
        /// The peer will send no more. Found without being asked for, but on Linux a half-closed one only if it is.
        #if os(Linux)
        static let closed = Self(rawValue: Int16(truncatingIfNeeded: POLLHUP | POLLERR | 0x2000))
        #else
        static let closed = Self(rawValue: Int16(truncatingIfNeeded: POLLHUP | POLLERR))
        #endif
    }

    /// Waits until something happens on a socket or somebody wakes us, but not past the deadline.
    ///
    /// - Parameters:
    ///   - socket: A socket, or -1 to wait for the waking alone.
    ///   - events: What to wait for on the socket.
    ///   - waker: A descriptor that becomes readable when somebody wants to wake us.
    ///   - deadline: When to give up; nil for never.
    static func wait(
        _ socket: Int32,
        for events: Events,
        waker: Int32 = -1,
        until deadline: ContinuousClock.Instant? = nil
    ) -> Outcome {
        // poll ignores a negative descriptor.
        var descriptors = (
            pollfd(fd: socket, events: events.rawValue, revents: 0),
            pollfd(fd: waker, events: Events.readable.rawValue, revents: 0)
        )
        while true {
            let count = withUnsafeMutableBytes(of: &descriptors) {
                poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, 2, milliseconds(until: deadline))
            }
            if count > 0 {
                return descriptors.1.revents != 0 ? .woken : .ready(Events(rawValue: descriptors.0.revents))
            }
            if count == 0, let deadline, ContinuousClock.now >= deadline { return .timedOut }
            // Interrupted by a signal, or the deadline is further away than one call can wait.
            if count < 0, errno != EINTR, errno != EAGAIN { return .ready(.closed) }
        }
    }

    /// What is to be seen on a socket right now, without waiting.
    static func look(at socket: Int32, for events: Events) -> Events {
        var descriptor = pollfd(fd: socket, events: events.rawValue, revents: 0)
        return poll(&descriptor, 1, 0) > 0 ? Events(rawValue: descriptor.revents) : []
    }

    /// How a wait ended.
    enum Outcome {
        case ready(Events)
        case woken
        case timedOut
    }

    /// At least one, so that the last fraction of a millisecond is not spent spinning.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let (seconds, attoseconds) = (deadline - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
