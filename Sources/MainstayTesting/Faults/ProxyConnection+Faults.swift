// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ProxyConnection {
    func suffer(_ fault: Fault) {
        guard isOpen else { return }
        switch fault {
        case .delay(let direction, let duration): change(direction) { $0.postpone(by: duration) }
        case .slice(let direction, let bytes, let pause): change(direction) { $0.slice = (max(1, bytes), pause) }
        case .blackhole(let direction):
            change(direction) {
                $0.isBlackhole = true
                $0.ready = []
            }
        case .stall(let direction): change(direction) { $0.isStalled = true }
        case .corrupt(let direction): self[direction].isCorrupting = true
        case .reset: reset()
        case .close: close()
        }
    }

    private func change(_ direction: FaultProxy.Direction?, _ body: (inout ProxyFlow) -> Void) {
        for each in FaultProxy.Direction.allCases where direction == nil || direction == each { body(&self[each]) }
    }

    func heal() {
        toServer.heal()
        toClient.heal()
    }

    func reset() {
        guard isOpen else { return }
        isOpen = false
        client.reset()
        server?.reset()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        for socket in [client, server].compactMap(\.self) {
            // The system sends a RST instead of a FIN when there is something left to read.
            socket.end()
            for _ in 0..<64 {
                guard case .bytes = socket.receive() else { break }
            }
            socket.close()
        }
    }
}
