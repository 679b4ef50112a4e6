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

/// A TCP socket that blocks, for a while at most.
final class BlockingSocket: Sendable {
    /// What a receiver hears.
    enum Received: Equatable {
        case text(String)
        case nothing
        case end
        case reset
    }

    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        set(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    }

    deinit {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
        _ = Musl.close(descriptor)
        #else
        _ = Darwin.close(descriptor)
        #endif
    }

    private static func make() -> BlockingSocket {
        #if canImport(Glibc)
        BlockingSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #else
        BlockingSocket(socket(AF_INET, SOCK_STREAM, 0))
        #endif
    }

    /// A connection to a port, or the system's refusal.
    static func connect(to port: Int) throws -> BlockingSocket {
        let socket = make()
        try socket.name(port) { address, length in
            #if canImport(Glibc)
            Glibc.connect(socket.descriptor, address, length)
            #elseif canImport(Musl)
            Musl.connect(socket.descriptor, address, length)
            #else
            Darwin.connect(socket.descriptor, address, length)
            #endif
        }
        return socket
    }

    /// Listens on a free port.
    static func listen() throws -> (BlockingSocket, port: Int) {
        let socket = make()
        try socket.name(0) { bind(socket.descriptor, $0, $1) }
        #if canImport(Glibc)
        _ = Glibc.listen(socket.descriptor, 128)
        #elseif canImport(Musl)
        _ = Musl.listen(socket.descriptor, 128)
        #else
        _ = Darwin.listen(socket.descriptor, 128)
        #endif
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket.descriptor, $0, &length)
            }
        }
        return (socket, Int(UInt16(bigEndian: name.sin_port)))
    }

    /// The next connection, or nil if none comes for a while.
    func accept(within milliseconds: Int = 10_000) -> BlockingSocket? {
        set(milliseconds, SO_RCVTIMEO)
        #if canImport(Glibc)
        let accepted = Glibc.accept(descriptor, nil, nil)
        #elseif canImport(Musl)
        let accepted = Musl.accept(descriptor, nil, nil)
        #else
        let accepted = Darwin.accept(descriptor, nil, nil)
        #endif
        return accepted < 0 ? nil : BlockingSocket(accepted)
    }

    /// Sends all of it, or as much as possible.
    ///
    /// - Returns: How many bytes were taken, or nil if the connection is broken.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8>, within milliseconds: Int = 10_000) -> Int? {
        set(milliseconds, SO_SNDTIMEO)
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                #if canImport(Glibc)
                Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                #elseif canImport(Musl)
                Musl.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                #else
                Darwin.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                #endif
            }
            if count < 0 { return errno == EAGAIN || errno == EWOULDBLOCK ? sent : nil }
            sent += count
        }
        return sent
    }

    @discardableResult
    func send(_ text: String) -> Int? {
        send(text.utf8)
    }

    /// What comes next, in one piece.
    func receive(within milliseconds: Int = 10_000) -> Received {
        let (count, bytes) = read(1 << 16, milliseconds)
        if count > 0 { return .text(String(decoding: bytes, as: UTF8.self)) }
        if count == 0 { return .end }
        return errno == EAGAIN || errno == EWOULDBLOCK ? .nothing : .reset
    }

    /// So many bytes, in however many pieces, or fewer if no more come.
    func receive(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let (received, piece) = read(min(count - bytes.count, 1 << 20), 10_000)
            guard received > 0 else { break }
            bytes += piece
        }
        return bytes
    }

    /// Sends nothing more.
    func end() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the end of this object a RST.
    func resetAtEnd() {
        set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    private func read(_ count: Int, _ milliseconds: Int) -> (Int, [UInt8]) {
        set(milliseconds, SO_RCVTIMEO)
        var buffer = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &buffer, count, 0)
        return (received, Array(buffer.prefix(max(received, 0))))
    }

    private func set(_ milliseconds: Int, _ option: Int32) {
        var timeout = timeval()
        timeout.tv_sec = numericCast(milliseconds / 1000)
        timeout.tv_usec = numericCast(milliseconds % 1000 * 1000)
        set(SOL_SOCKET, option, timeout)
    }

    private func set<Value: BitwiseCopyable>(_ level: Int32, _ option: Int32, _ value: Value) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    private func name(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}
