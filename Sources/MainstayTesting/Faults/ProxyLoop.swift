// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The thread of a proxy: all that concerns its connections happens there, in turns, and so needs no lock.
final class ProxyLoop: Sendable {
    typealias Command = @Sendable (ProxyTraffic) -> Void

    private struct Mailbox {
        var commands: [Command] = []
        var isStopping = false
        var isStopped = false
    }

    private let mailbox = Mutex(Mailbox())

    /// A pipe. A byte in it ends the thread's wait.
    private let bell: (reader: Int32, writer: Int32)

    private let thread = Mutex<ProxyThread?>(nil)

    /// Starts a thread that listens on a free port.
    static func start(to serverPort: Int, _ counts: ProxyCounts) throws(FaultProxyError) -> (ProxyLoop, port: Int) {
        let (listener, port) = try listen()
        do {
            let loop = try ProxyLoop()
            let thread = try ProxyThread { loop.run(ProxyTraffic(to: serverPort, listener, port: port, counts)) }
            loop.thread.withLock { $0 = thread }
            return (loop, port)
        } catch {
            listener.close()
            throw error
        }
    }

    /// A port below those that the system gives to outgoing connections, or one of these might take it while the proxy
    /// refuses connections, and a client that connects to a port that nobody listens on might even meet itself.
    private static func listen() throws(FaultProxyError) -> (ProxySocket, port: Int) {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            guard let socket = try? ProxySocket.bound(to: port, isReused: false) else { continue }
            if (try? socket.listen()) != nil { return (socket, port) }
            socket.close()
        }
        throw FaultProxyError("bind", EADDRINUSE)
    }

    private init() throws(FaultProxyError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw FaultProxyError("pipe", errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        bell = (ends[0], ends[1])
    }

    deinit {
        _ = close(bell.reader)
        _ = close(bell.writer)
    }

    /// Runs something on the thread, and waits for it.
    ///
    /// - Returns: Nil if the thread has ended.
    func perform<Result: Sendable>(_ body: @escaping @Sendable (ProxyTraffic) -> Result) -> Result? {
        let done = DispatchSemaphore(value: 0)
        let result = ProxyResult<Result>()
        let isTaken = mailbox.withLock { mailbox in
            guard !mailbox.isStopped else { return false }
            mailbox.commands.append { traffic in
                result.value.withLock { $0 = body(traffic) }
                done.signal()
            }
            return true
        }
        guard isTaken else { return nil }
        ring()
        done.wait()
        return result.value.withLock { $0 }
    }

    /// Ends the thread, and waits for its end.
    func stop() {
        mailbox.withLock { $0.isStopping = true }
        ring()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func ring() {
        var byte: UInt8 = 0
        // A pipe that is full rings as well.
        _ = write(bell.writer, &byte, 1)
    }

    private func run(_ traffic: ProxyTraffic) {
        while true {
            let (commands, isStopping) = mailbox.withLock { mailbox in
                defer { mailbox.commands = [] }
                mailbox.isStopped = mailbox.isStopping
                return (mailbox.commands, mailbox.isStopping)
            }
            commands.forEach { $0(traffic) }
            if isStopping { return traffic.end() }
            traffic.turn(bell: bell.reader)
            var bytes: (UInt64, UInt64) = (0, 0)
            while read(bell.reader, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
        }
    }
}
