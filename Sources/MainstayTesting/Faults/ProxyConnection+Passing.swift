// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ProxyConnection {
    /// Passes on what may pass, until nothing moves any more.
    func pass(_ rules: [FaultRule]) {
        guard !isConnecting else { return }
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for direction in FaultProxy.Direction.allCases where isOpen && step(direction, rules) { hasMoved = true }
        }
    }

    /// Does the next thing in a direction, if there is one that can be done now.
    private func step(_ direction: FaultProxy.Direction, _ rules: [FaultRule]) -> Bool {
        let flow = self[direction]
        if flow.isStalled { return false }
        if !flow.ready.isEmpty { return send(direction) }
        if !flow.afterReady.isEmpty {
            self[direction].afterReady = []
            fire(flow.afterReady)
            return true
        }
        guard let chunk = flow.arrived.first else { return deliverEnd(direction) }
        guard chunk.due <= .now else { return false }
        if flow.isBlackhole || flow.isBroken {
            self[direction].swallow()
        } else {
            admit(chunk, direction, rules)
        }
        return true
    }

    private func send(_ direction: FaultProxy.Direction) -> Bool {
        let flow = self[direction]
        guard flow.sliceDue <= .now, let destination = destination(direction) else { return false }
        switch destination.send(flow.ready.prefix(flow.slice?.bytes ?? .max)) {
        case .bytes(let count):
            self[direction].ready.removeFirst(count)
            if let slice = flow.slice { self[direction].sliceDue = .now + slice.pause }
            return true
        case .nothing:
            return false
        case .broken:
            self[direction].isBroken = true
            self[direction].ready = []
            // One that had ended before, and took no more: who goes on sending to it is to hear of that.
            if self[direction.opposite].end != nil {
                self[direction.opposite].end = (.broken, .now + self[direction.opposite].delay)
                self[direction.opposite].isEndDelivered = false
            }
            return true
        }
    }

    private func deliverEnd(_ direction: FaultProxy.Direction) -> Bool {
        let flow = self[direction]
        guard let end = flow.end, end.due <= .now, !flow.isEndDelivered, !flow.isBlackhole else { return false }
        self[direction].isEndDelivered = true
        switch end.kind {
        case .broken: reset()
        case .orderly where self[direction.opposite].isEndDelivered: close()
        case .orderly: destination(direction)?.end()
        }
        return true
    }
}
