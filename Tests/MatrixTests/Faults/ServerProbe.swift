// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A plain TCP connection to a server, to see whether anybody is there.
final class ServerProbe: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// A connection to a port of 127.0.0.1, or nil if it is refused.
    static func connect(to port: Int) -> ServerProbe? {
        #if canImport(Glibc)
        let probe = ServerProbe(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #else
        let probe = ServerProbe(socket(AF_INET, SOCK_STREAM, 0))
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let length = socklen_t(MemoryLayout<sockaddr_in>.size)
                #if canImport(Glibc)
                return Glibc.connect(probe.descriptor, pointer, length)
                #elseif canImport(Musl)
                return Musl.connect(probe.descriptor, pointer, length)
                #else
                return Darwin.connect(probe.descriptor, pointer, length)
                #endif
            }
        }
        return status == 0 ? probe : nil
    }

    /// Waits until a port accepts connections.
    ///
    /// - Returns: Whether it does, within half a minute.
    static func isAccepting(_ port: Int) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if connect(to: port) != nil { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Asks for TLS as a PostgreSQL client does. The server answers with one letter.
    func askForTLS() {
        let request: [UInt8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    }

    /// Whether the server says something, within so many milliseconds.
    func hears(within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        return poll(&polled, 1, milliseconds) == 1 && recv(descriptor, &byte, 1, 0) == 1
    }
}
