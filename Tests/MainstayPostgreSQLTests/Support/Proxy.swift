// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Passes connections on to the server, from another address, or not quite, or to nobody at all.
final class Proxy: Sendable {
    enum Behaviour: Sendable {
        /// Passes everything on.
        case honest
        /// Passes a text on as another one of the same length.
        case replaces(String, by: String)
        /// Passes everything on until a client sends a text, and from then on nothing.
        case fallsSilent(at: String)
        /// Breaks the connection when a client sends a text.
        case breaks(at: String)
    }

    let port: Int
    private let behaviour: Behaviour
    private let listener: Int32
    private let sockets = Mutex<[Int32]>([])
    private let count = Mutex(0)

    /// How many times clients have sent something. What is small and sent at once is one.
    var requests: Int { count.withLock { $0 } }

    /// Listens on a free port of an address. Without a port to go to, it accepts and says nothing.
    init(on address: String = "127.0.0.1", to serverPort: Int?, _ behaviour: Behaviour = .honest) throws {
        self.behaviour = behaviour
        let listener = Self.socket()
        self.listener = listener
        var name = Self.name(address, 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: name.sin_port))
        Thread.detachNewThread { [self] in accept(for: serverPort) }
    }

    deinit {
        close(listener)
        sockets.withLock { sockets in sockets.forEach { _ = close($0) } }
    }

    /// Breaks all connections.
    func cut() {
        shutdown(listener, Int32(SHUT_RDWR))
        sockets.withLock { sockets in
            sockets.forEach { _ = shutdown($0, Int32(SHUT_RDWR)) }
        }
    }

    private func accept(for serverPort: Int?) {
        while true {
            #if canImport(Darwin)
            let client = Darwin.accept(listener, nil, nil)
            #else
            let client = Glibc.accept(listener, nil, nil)
            #endif
            guard client >= 0 else { return }
            sockets.withLock { $0.append(client) }
            guard let serverPort else { continue }
            let server = Self.socket()
            var name = Self.name("127.0.0.1", serverPort)
            _ = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            sockets.withLock { $0.append(server) }
            Thread.detachNewThread { [self] in
                Self.pump(client, server, behaviour) { [self] in count.withLock { $0 += 1 } }
            }
            Thread.detachNewThread { Self.pump(server, client, .honest) }
        }
    }

    private static func pump(
        _ from: Int32,
        _ to: Int32,
        _ behaviour: Behaviour,
        _ received: () -> Void = {}
    ) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received()
            var bytes = buffer[..<count]
            switch behaviour {
            case .honest: break
            case .replaces(let text, let other): bytes.replace(text.utf8, with: other.utf8)
            case .fallsSilent(let text): if bytes.contains(text.utf8) { return }
            case .breaks(let text): if bytes.contains(text.utf8) { shutdown(from, Int32(SHUT_RDWR)) }
            }
            guard Array(bytes).withUnsafeBytes({ send(to, $0.baseAddress, count, Int32(MSG_NOSIGNAL)) }) == count else {
                break
            }
        }
        shutdown(to, Int32(SHUT_RDWR))
    }

    private static func socket() -> Int32 {
        #if canImport(Darwin)
        Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #else
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
    }

    private static func name(_ address: String, _ port: Int) -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        name.sin_addr.s_addr = inet_addr(address)
        return name
    }
}
