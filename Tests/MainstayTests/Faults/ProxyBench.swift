// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayTesting
import Testing

/// A proxy with both its sides in the test's hands.
struct ProxyBench {
    /// The two ends of a connection, as one direction sees them.
    struct Link {
        let sender: BlockingSocket
        let receiver: BlockingSocket
    }

    let proxy: FaultProxy
    let listener: BlockingSocket

    init() throws {
        let port: Int
        (listener, port) = try BlockingSocket.listen()
        proxy = try FaultProxy(to: port)
    }

    /// A connection through the proxy.
    func connect() throws -> (client: BlockingSocket, server: BlockingSocket) {
        let client = try BlockingSocket.connect(to: proxy.port)
        return (client, try #require(listener.accept()))
    }

    /// A connection through the proxy, as a direction sees it.
    func link(_ direction: FaultProxy.Direction) throws -> Link {
        let (client, server) = try connect()
        return direction == .toServer
            ? Link(sender: client, receiver: server) : Link(sender: server, receiver: client)
    }

    /// Whether so many connections are open, in a moment.
    func isOpen(_ count: Int) -> Bool {
        eventually { proxy.open == count }
    }

    /// Asks again and again, for ten seconds at most.
    func eventually(_ condition: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            guard ContinuousClock.now < deadline else { return false }
            pause(.milliseconds(1))
        }
        return true
    }

    /// Blocks the thread for a while.
    func pause(_ duration: Duration) {
        Thread.sleep(forTimeInterval: duration / .seconds(1))
    }
}
