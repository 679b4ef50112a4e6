// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Who is told what happens in a database's pools: the configuration's observer, and any number of sequences.
final class PoolObservers: Sendable {
    private struct State {
        var streams: [Int: AsyncStream<PoolEvent>.Continuation] = [:]
        var next = 0
        var isFinished = false
    }

    private let observer: (@Sendable (PoolEvent) -> Void)?
    private let state = Mutex(State())
    private let streams = Atomic<Int>(0)

    init(_ observer: (@Sendable (PoolEvent) -> Void)? = nil) {
        self.observer = observer
    }

    /// Whether anyone listens. Asked on every lease, so it is one load.
    var isEmpty: Bool { observer == nil && streams.load(ordering: .relaxed) == 0 }

    /// Tells all of them. No lock of a pool's is held.
    func tell(_ event: PoolEvent) {
        observer?(event)
        for stream in state.withLock({ Array($0.streams.values) }) {
            stream.yield(event)
        }
    }

    /// What happens from now on. Who reads too slowly misses the oldest.
    func events(bufferingNewest limit: Int) -> AsyncStream<PoolEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PoolEvent.self,
            bufferingPolicy: .bufferingNewest(limit)
        )
        let id = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.next += 1
            state.streams[state.next] = continuation
            streams.store(state.streams.count, ordering: .relaxed)
            return state.next
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    /// Ends the sequences: nothing happens any more.
    func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            return Array(state.streams.values)
        }
        // Each removes itself as it ends.
        streams.forEach { $0.finish() }
    }

    private func remove(_ id: Int) {
        state.withLock { state in
            state.streams[id] = nil
            streams.store(state.streams.count, ordering: .relaxed)
        }
    }
}
