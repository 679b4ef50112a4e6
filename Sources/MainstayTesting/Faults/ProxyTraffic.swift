// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A proxy's connections, and what is to happen to them. Used on the proxy's thread only.
final class ProxyTraffic {
    private let serverPort: Int
    private let port: Int
    private let counts: ProxyCounts

    /// Listens, or while connections are refused keeps the port.
    private var listener: ProxySocket?
    private var isListening = true

    private var connections: [ProxyConnection] = []
    private var rules: [FaultRule] = []

    init(to serverPort: Int, _ listener: ProxySocket, port: Int, _ counts: ProxyCounts) {
        self.serverPort = serverPort
        self.listener = listener
        self.port = port
        self.counts = counts
    }

    // MARK: Commands

    func inject(_ fault: Fault) -> Int {
        let affected = connections.count
        connections.forEach { $0.suffer(fault) }
        pass()
        return affected
    }

    func add(_ rule: FaultRule) {
        rules.append(rule)
    }

    func heal() {
        rules = []
        connections.forEach { $0.heal() }
        pass()
    }

    func refuse() {
        guard isListening else { return }
        isListening = false
        listener?.close()
        // Only kept, so that nobody else gets it. Should it fail, `accept` tries again.
        listener = try? ProxySocket.bound(to: port, isReused: true)
    }

    func accept() -> Result<Void, FaultProxyError> {
        Result { () throws(FaultProxyError) in try listen() }
    }

    private func listen() throws(FaultProxyError) {
        guard !isListening else { return }
        if listener == nil { listener = try ProxySocket.bound(to: port, isReused: true) }
        try listener?.listen()
        isListening = true
    }

    func end() {
        connections.forEach { $0.suffer(.close) }
        pass()
        listener?.close()
        listener = nil
    }

    // MARK: Turns

    /// Waits until something can be done, and does it.
    ///
    /// - Parameter bell: A descriptor that ends the wait when it can be read.
    func turn(bell: Int32) {
        let now = ContinuousClock.now
        var polled = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
        polled.append(pollfd(fd: isListening ? listener?.descriptor ?? -1 : -1, events: Int16(POLLIN), revents: 0))
        for connection in connections {
            for (socket, events) in connection.interest(at: now) {
                // One that is waited for in no way is left out, or the system would tell of its end over and over.
                polled.append(pollfd(fd: events == 0 ? -1 : socket, events: events, revents: 0))
            }
        }
        let timeout = connections.compactMap { $0.nextMoment(after: now) }.min().map { now.duration(to: $0) }
        // Rounded up: what is to wait waits so long at least.
        let milliseconds = timeout.map { Int32(min(max(0, ($0 / .milliseconds(1)).rounded(.up)), 60_000)) } ?? -1
        guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 else { return }

        for (index, connection) in connections.enumerated() {
            connection.receive(client: polled[2 + 2 * index].revents, server: polled[3 + 2 * index].revents)
        }
        pass()
        if polled[1].revents != 0 { admit() }
    }

    /// Passes on what may pass on every connection, and forgets those that have ended.
    private func pass() {
        connections.forEach { $0.pass(rules) }
        connections.removeAll { !$0.isOpen }
        rules.removeAll { !$0.isLive }
        counts.open.store(connections.count, ordering: .relaxed)
    }

    private func admit() {
        while let client = listener?.accept() {
            counts.accepted.add(1, ordering: .relaxed)
            let connection = ProxyConnection(from: client)
            for rule in rules where rule.isLive && rule.trigger == .accepted {
                guard connection.isOpen else { break }
                rule.claim()
                rule.injection.fire { connection.suffer(rule.fault) }
            }
            connection.connect(to: serverPort)
            connections.append(connection)
        }
        pass()
    }
}
