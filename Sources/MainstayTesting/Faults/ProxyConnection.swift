// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A client's connection and the one to the server that belongs to it. Used on the proxy's thread only.
final class ProxyConnection {
    let client: ProxySocket
    var server: ProxySocket?
    var isOpen = true

    /// The connection to the server is being made. Nothing passes meanwhile.
    var isConnecting = false

    var toServer = ProxyFlow()
    var toClient = ProxyFlow()

    init(from client: ProxySocket) {
        self.client = client
    }

    func connect(to port: Int) {
        guard isOpen else { return }
        server = try? ProxySocket.connecting(to: port)
        isConnecting = server != nil
        if server == nil { toClient.end = (.broken, .now) }
    }

    subscript(direction: FaultProxy.Direction) -> ProxyFlow {
        get { direction == .toServer ? toServer : toClient }
        _modify {
            switch direction {
            case .toServer: yield &toServer
            case .toClient: yield &toClient
            }
        }
    }

    func source(_ direction: FaultProxy.Direction) -> ProxySocket? {
        direction == .toServer ? client : server
    }

    func destination(_ direction: FaultProxy.Direction) -> ProxySocket? {
        direction == .toServer ? server : client
    }

    // MARK: Events

    /// The two descriptors, and what is waited for on each.
    func interest(at now: ContinuousClock.Instant) -> [(descriptor: Int32, events: Int16)] {
        guard !isConnecting else { return [(-1, 0), (server?.descriptor ?? -1, Int16(POLLOUT))] }
        func events(_ incoming: ProxyFlow, _ outgoing: ProxyFlow) -> Int16 {
            (incoming.wantsToReceive ? Int16(POLLIN) : 0) | (outgoing.wantsToSend(at: now) ? Int16(POLLOUT) : 0)
        }
        return [
            (client.descriptor, events(toServer, toClient)),
            (server?.descriptor ?? -1, events(toClient, toServer)),
        ]
    }

    /// When something is to be done, whatever happens on the sockets.
    func nextMoment(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        isConnecting ? nil : [toServer, toClient].compactMap { $0.nextMoment(after: now) }.min()
    }

    /// Reads what the system says is there.
    func receive(client clientEvents: Int16, server serverEvents: Int16) {
        if isConnecting {
            guard serverEvents != 0 else { return }
            isConnecting = false
            if server?.isConnected == false { toClient.end = (.broken, .now) }
            return
        }
        if clientEvents & ~Int16(POLLOUT) != 0 { receive(.toServer) }
        if serverEvents & ~Int16(POLLOUT) != 0 { receive(.toClient) }
    }

    /// - Returns: Whether there was something.
    @discardableResult
    func receive(_ direction: FaultProxy.Direction) -> Bool {
        guard self[direction].wantsToReceive, let source = source(direction) else { return false }
        let due = ContinuousClock.now + self[direction].delay
        switch source.receive() {
        case .bytes(let bytes): self[direction].add(bytes)
        // The side to which nothing could be sent any more has not ended in good order, whatever the system says.
        case .end: self[direction].end = (self[direction.opposite].isBroken ? .broken : .orderly, due)
        case .broken: self[direction].end = (.broken, due)
        case .nothing: return false
        }
        return true
    }
}
