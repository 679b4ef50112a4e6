// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A TCP socket of this machine that never blocks. A copy is the same socket.
struct ProxySocket {
    /// What became of bytes that were to be received.
    enum Received {
        case bytes([UInt8])
        case nothing
        case end
        case broken
    }

    /// What became of bytes that were to be sent.
    enum Sent {
        case bytes(Int)
        case nothing
        case broken
    }

    static let chunkSize = 1 << 16

    let descriptor: Int32

    private init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        #if canImport(Darwin)
        set(SOL_SOCKET, SO_NOSIGPIPE, 1)
        #endif
    }

    /// A new socket, or an error number.
    private static func make() throws(FaultProxyError) -> ProxySocket {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw FaultProxyError("socket", errno) }
        return ProxySocket(adopting: descriptor)
    }

    /// A socket that has a port of 127.0.0.1, and refuses connections until it listens.
    ///
    /// - Parameter isReused: Whether connections that were made through that port may still exist.
    static func bound(to port: Int, isReused: Bool) throws(FaultProxyError) -> ProxySocket {
        let socket = try make()
        if isReused { socket.set(SOL_SOCKET, SO_REUSEADDR, 1) }
        guard withAddress(port, { bind(socket.descriptor, $0, $1) }) == 0 else {
            let error = FaultProxyError("bind", errno)
            socket.close()
            throw error
        }
        // Connections inherit it, and the port can be bound again while they exist.
        socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        return socket
    }

    /// A socket that is connecting to a port of 127.0.0.1, or has failed to.
    static func connecting(to port: Int) throws(FaultProxyError) -> ProxySocket {
        let socket = try make()
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        _ = withAddress(port) { connect(socket.descriptor, $0, $1) }
        return socket
    }

    func listen() throws(FaultProxyError) {
        #if canImport(Glibc)
        let status = Glibc.listen(descriptor, 511)
        #elseif canImport(Musl)
        let status = Musl.listen(descriptor, 511)
        #else
        let status = Darwin.listen(descriptor, 511)
        #endif
        guard status == 0 else { throw FaultProxyError("listen", errno) }
    }

    /// The next connection, if one waits.
    func accept() -> ProxySocket? {
        #if canImport(Glibc)
        let accepted = Glibc.accept(descriptor, nil, nil)
        #elseif canImport(Musl)
        let accepted = Musl.accept(descriptor, nil, nil)
        #else
        let accepted = Darwin.accept(descriptor, nil, nil)
        #endif
        guard accepted >= 0 else { return nil }
        let socket = ProxySocket(adopting: accepted)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return socket
    }

    /// Whether a connection that was being made is there. To be asked once the system says that it is decided.
    var isConnected: Bool {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0
    }

    func receive() -> Received {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, initialized in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            initialized = max(count, 0)
        }
        if count > 0 { return .bytes(bytes) }
        if count == 0 { return .end }
        return Self.isTemporary(errno) ? .nothing : .broken
    }

    func send(_ bytes: ArraySlice<UInt8>) -> Sent {
        #if canImport(Darwin)
        let count = bytes.withUnsafeBytes { Darwin.send(descriptor, $0.baseAddress, $0.count, 0) }
        #elseif canImport(Musl)
        let flags = Int32(MSG_NOSIGNAL)
        let count = bytes.withUnsafeBytes { Musl.send(descriptor, $0.baseAddress, $0.count, flags) }
        #else
        let flags = Int32(MSG_NOSIGNAL)
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
        #endif
        guard count < 0 else { return .bytes(count) }
        return Self.isTemporary(errno) ? .nothing : .broken
    }

    /// Tells the peer that nothing more will be sent.
    func end() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
        _ = Musl.close(descriptor)
        #else
        _ = Darwin.close(descriptor)
        #endif
    }

    /// Closes with a RST.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func isTemporary(_ error: Int32) -> Bool {
        error == EAGAIN || error == EWOULDBLOCK || error == EINTR
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
