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

/// Passes connections on to the server, from another address, or not quite.
final class Proxy: Sendable {
    enum Behaviour: Sendable {
        /// Passes everything on.
        case honest
        /// Accepts connections, and that is all.
        case silent
        /// Passes the server's greeting on, and nothing else.
        case greetsOnly
        /// After the greeting, asks the client to authenticate by a plug-in.
        case asksForPlugin(String)
        /// Answers the first query by asking for a file of the client.
        case asksForFile(String)
        /// Passes a text on as another one of the same length.
        case replaces(String, by: String)
        /// Passes everything on until a client sends a text, and from then on nothing.
        case fallsSilent(at: String)
        /// Breaks the connection when a client sends a text.
        case breaks(at: String)
    }

    let port: Int
    private let serverPort: Int
    private let behaviour: Behaviour
    private let listener: Int32
    private let sockets = Mutex<[Int32]>([])
    private let bytes = Mutex<[UInt8]>([])
    private let isPaused = Atomic(false)

    /// What clients have sent.
    var received: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Listens on a free port of an address.
    init(on address: String = "127.0.0.1", to serverPort: Int, _ behaviour: Behaviour = .honest) throws {
        self.serverPort = serverPort
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
        Thread.detachNewThread { [self] in accept() }
    }

    deinit {
        close(listener)
        sockets.withLock { sockets in sockets.forEach { _ = close($0) } }
    }

    /// Breaks all connections, and takes no more.
    func cut() {
        shutdown(listener, Int32(SHUT_RDWR))
        sockets.withLock { sockets in
            sockets.forEach { _ = shutdown($0, Int32(SHUT_RDWR)) }
        }
    }

    /// Passes nothing more on, and leaves all connections open.
    func pause() {
        isPaused.store(true, ordering: .relaxed)
    }

    private func accept() {
        while true {
            #if canImport(Darwin)
            let client = Darwin.accept(listener, nil, nil)
            #else
            let client = Glibc.accept(listener, nil, nil)
            #endif
            guard client >= 0 else { return }
            sockets.withLock { $0.append(client) }
            if case .silent = behaviour { continue }
            let server = Self.socket()
            var name = Self.name("127.0.0.1", serverPort)
            _ = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            sockets.withLock { $0.append(server) }
            Thread.detachNewThread { [self] in passRequests(client, server) }
            Thread.detachNewThread { [self] in passAnswers(server, client) }
        }
    }

    private func passRequests(_ client: Int32, _ server: Int32) {
        while let request = Self.read(client) {
            bytes.withLock { $0 += request }
            switch behaviour {
            case .greetsOnly, .silent: continue
            case .asksForPlugin(let plugin):
                // AuthSwitchRequest: a plug-in's name and a scramble.
                let answer: [UInt8] = [0xFE] + plugin.utf8 + [0] + Array(repeating: 0x41, count: 20) + [0]
                Self.write(client, [UInt8(answer.count), 0, 0, 2] + answer)
            case .asksForFile(let file) where request.count > 4 && request[3] == 0 && request[4] == 3:
                let answer: [UInt8] = [0xFB] + file.utf8
                Self.write(client, [UInt8(answer.count), 0, 0, 1] + answer)
            case .replaces(let text, let other): Self.write(server, request.replacing(text.utf8, with: other.utf8))
            case .fallsSilent(let text) where request.contains(text.utf8): return
            case .breaks(let text) where request.contains(text.utf8): shutdown(client, Int32(SHUT_RDWR))
            case .asksForFile, .fallsSilent, .breaks, .honest: Self.write(server, request)
            }
        }
        shutdown(server, Int32(SHUT_RDWR))
    }

    private func passAnswers(_ server: Int32, _ client: Int32) {
        while let answer = Self.read(server), !isPaused.load(ordering: .relaxed) {
            Self.write(client, answer)
            switch behaviour {
            case .greetsOnly, .asksForPlugin: return
            default: continue
            }
        }
        if !isPaused.load(ordering: .relaxed) { shutdown(client, Int32(SHUT_RDWR)) }
    }

    private static func read(_ socket: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    private static func write(_ socket: Int32, _ bytes: [UInt8]) {
        _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
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
