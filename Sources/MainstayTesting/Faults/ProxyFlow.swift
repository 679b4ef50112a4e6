// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// One direction of a connection: what arrived and was not delivered yet, and what holds it back.
struct ProxyFlow {
    /// What was received at once.
    struct Chunk {
        var bytes: ArraySlice<UInt8>

        /// When it may be delivered.
        var due: ContinuousClock.Instant

        /// The rules that have fired because of it, and must not fire again.
        var fired: Set<ObjectIdentifier> = []
    }

    /// How the side that sends has ended.
    enum End {
        case orderly
        case broken
    }

    /// How much may wait here before no more is read, as on a long line.
    static let capacity = 4 << 20

    // MARK: What waits

    var arrived: [Chunk] = []

    /// What has passed all rules, and was not handed to the system yet.
    var ready: ArraySlice<UInt8> = []

    /// What happens as soon as `ready` is handed over.
    var afterReady: [FaultRule] = []

    /// What happens when a byte beyond a position comes, which is the answer to something.
    var onAnswer: [(position: Int, rule: FaultRule)] = []

    var end: (kind: End, due: ContinuousClock.Instant)?
    var isEndDelivered = false

    /// The side that receives is gone, so everything is swallowed.
    var isBroken = false

    // MARK: What was

    /// How many bytes were received, were delivered or swallowed, and were delivered.
    var received = 0, position = 0, passed = 0

    /// The end of what was delivered, as much as the longest text needs.
    var tail: [UInt8] = []

    /// The rules of a number of bytes that have fired on this connection.
    var fired: Set<ObjectIdentifier> = []

    // MARK: Faults

    var delay = Duration.zero
    var slice: (bytes: Int, pause: Duration)?
    var sliceDue = ContinuousClock.now
    var isBlackhole = false
    var isStalled = false
    var isCorrupting = false

    mutating func heal() {
        delay = .zero
        slice = nil
        sliceDue = .now
        isBlackhole = false
        isStalled = false
        isCorrupting = false
        afterReady = []
        onAnswer = []
        for index in arrived.indices { arrived[index].due = .now }
        end?.due = .now
    }

    mutating func postpone(by delay: Duration) {
        self.delay = delay
        let due = ContinuousClock.now + delay
        for index in arrived.indices { arrived[index].due = max(arrived[index].due, due) }
        end?.due = due
    }

    // MARK: What it waits for

    var wantsToReceive: Bool { end == nil && !isStalled && received - position < Self.capacity }

    func wantsToSend(at now: ContinuousClock.Instant) -> Bool { !isStalled && !ready.isEmpty && sliceDue <= now }

    /// When something can be done without an event on a socket. At the same moment, ``wantsToSend(at:)`` says the rest.
    func nextMoment(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if isStalled || isEndDelivered { return nil }
        if !ready.isEmpty { return sliceDue > now ? sliceDue : nil }
        return arrived.first?.due ?? (isBlackhole ? nil : end?.due)
    }

    // MARK: What it does

    mutating func add(_ bytes: [UInt8]) {
        received += bytes.count
        arrived.append(Chunk(bytes: bytes[...], due: .now + delay))
    }

    /// Takes bytes from the first chunk.
    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let bytes = arrived[0].bytes.prefix(count)
        arrived[0].bytes.removeFirst(bytes.count)
        if arrived[0].bytes.isEmpty { arrived.removeFirst() }
        position += bytes.count
        return bytes
    }

    /// Takes the first chunk, and delivers nothing of it.
    mutating func swallow() {
        _ = take(.max)
        tail = []
    }

    /// Lets bytes of the first chunk pass.
    ///
    /// - Parameter memory: How many bytes of what has passed are kept.
    mutating func admit(_ count: Int, memory: Int) {
        guard count > 0 else { return }
        ready = take(count)
        passed += count
        tail = Array((tail + ready).suffix(memory))
        guard isCorrupting else { return }
        isCorrupting = false
        ready[ready.startIndex + ready.count / 2] ^= 1
    }
}
