// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A TCP proxy between clients and a server that does to their connections what networks and servers do.
///
/// ```swift
/// let proxy = try FaultProxy(to: serverPort)
/// let injection = proxy.inject(.reset, when: .text(.toServer, "COMMIT", .answered))
/// // … a client connects to `proxy.port` and commits …
/// #expect(await injection.fired())
/// ```
///
/// Texts are found in what passes, so clients must not encrypt. All of a proxy's connections are served by one thread,
/// which never blocks on one of them; what a method does has happened when it returns.
public final class FaultProxy: Sendable {
    /// The port of 127.0.0.1 that the proxy listens on.
    public let port: Int

    private let loop: ProxyLoop
    private let counts: ProxyCounts

    /// Listens on a free port of 127.0.0.1, and passes connections on to a server's port there.
    ///
    /// A client whose connection the server refuses gets a RST.
    public init(to serverPort: Int) throws {
        let counts = ProxyCounts()
        (loop, port) = try ProxyLoop.start(to: serverPort, counts)
        self.counts = counts
    }

    deinit {
        stop()
    }

    /// How many connections were accepted.
    public var accepted: Int { counts.accepted.load(ordering: .relaxed) }

    /// How many connections are open, on one side at least.
    public var open: Int { counts.open.load(ordering: .relaxed) }

    /// Does something to all connections that are open, now.
    ///
    /// - Returns: How many these were.
    @discardableResult
    public func inject(_ fault: Fault) -> Int {
        loop.perform { $0.inject(fault) } ?? 0
    }

    /// Does something to a connection, be it open or a later one, when a trigger fires on it.
    ///
    /// - Parameters:
    ///   - fault: What is done.
    ///   - trigger: When. A connection that has already passed more bytes than a trigger wants never fires it.
    ///   - times: How often at most, on all connections together. A chunk fires a trigger once at most, and
    ///     a connection fires ``FaultTrigger/bytes(_:_:)`` and ``FaultTrigger/accepted`` once at most.
    @discardableResult
    public func inject(_ fault: Fault, when trigger: FaultTrigger, times: Int = 1) -> FaultInjection {
        let injection = FaultInjection()
        _ = loop.perform { $0.add(FaultRule(fault, trigger, injection, times: times)) }
        return injection
    }

    /// Forgets all triggers, and passes everything on again: what faults have held back, and what comes.
    ///
    /// What a black hole has swallowed is lost. Whether connections are refused stays as it is.
    public func heal() {
        _ = loop.perform { $0.heal() }
    }

    /// Refuses connections from now on. Those that are open stay open.
    public func refuse() {
        _ = loop.perform { $0.refuse() }
    }

    /// Accepts connections again, on the same port.
    ///
    /// - Throws: ``FaultProxyError`` if the port has been taken meanwhile.
    public func accept() throws {
        switch loop.perform({ $0.accept() }) {
        case .failure(let error): throw error
        case .success, nil: break
        }
    }

    /// Closes all connections and the port. Nothing of the proxy is left when it returns, and nothing starts it again.
    public func stop() {
        loop.stop()
    }
}
