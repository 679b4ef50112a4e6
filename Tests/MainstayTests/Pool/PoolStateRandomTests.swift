// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Random events against pools of random configurations, with a second opinion on what may and what must follow.
struct PoolStateRandomTests {
    private static let steps = 400

    private static func configuration(_ generator: inout SplitMix64) -> PoolConfiguration {
        func seconds(_ range: Range<Int>) -> Duration { .seconds(Int.random(in: range, using: &generator)) }
        func sometimes<Value>(_ value: Value) -> Value? { Bool.random(using: &generator) ? value : nil }
        var pool = PoolConfiguration(size: Int.random(in: 1...5, using: &generator))
        pool.overflow = Int.random(in: 0...2, using: &generator)
        pool.minimumIdle = Int.random(in: 0...pool.size, using: &generator)
        pool.acquireTimeout = seconds(1..<10)
        pool.waiterLimit = sometimes(Int.random(in: 0...6, using: &generator))
        pool.parallelConnects = Int.random(in: 1...4, using: &generator)
        pool.connectTimeout = seconds(1..<10)
        pool.idleTimeout = sometimes(seconds(1..<20))
        pool.overflowTimeout = seconds(1..<10)
        pool.maxLifetime = sometimes(seconds(10..<60))
        pool.keepAlivePeriod = sometimes(seconds(2..<9))
        pool.pingAfter = sometimes(seconds(0..<9))
        pool.leakThreshold = sometimes(seconds(1..<9))
        pool.resetPolicy = [.never, .always, .whenTouched].randomElement(using: &generator) ?? .never
        return pool
    }

    @Test("No order of events breaks what a pool promises", arguments: 0..<100 as Range<UInt64>)
    func randomEvents(seed: UInt64) {
        var generator = SplitMix64(state: seed)
        let configuration = Self.configuration(&generator)
        let backoff = Backoff(first: .seconds(1), limit: .seconds(5))
        var state = PoolState(configuration: configuration, backoff: backoff, seed: seed)
        var ledger = PoolStateLedger(limit: configuration.limit)
        var history: [PoolStateEvent] = []
        for step in 0..<Self.steps where ledger.fault == nil {
            let resize = PoolStateEvent.resize(
                size: Int.random(in: 1...6, using: &generator),
                overflow: Int.random(in: 0...2, using: &generator),
                minimumIdle: generator.unit() < 0.5 ? nil : 0
            )
            let warmUp = PoolStateEvent.warmUp(step, count: Int.random(in: 1...8, using: &generator))
            let all = (PoolStateEvent.all(state, waiter: step) + [resize, warmUp, .refuse]).filter { event in
                // What ends or changes all is rare.
                switch event {
                case .close, .refuse: step > 300 && generator.unit() < 0.05
                case .evict, .suspend: generator.unit() < 0.1
                case .resize, .warmUp: generator.unit() < 0.3
                default: true
                }
            }
            guard let event = all.randomElement(using: &generator) else { break }
            event.happen(to: &state, &ledger)
            history.append(event)
            guard case .ring = event, let deadline = state.nextDeadline else { continue }
            #expect(deadline > state.now, "seed \(seed): the alarm would ring without end")
        }
        #expect(ledger.fault == nil, "seed \(seed): \(ledger.fault ?? "")\n\(history.suffix(12))")
        drain(&state, &ledger)
        #expect(ledger.fault == nil && state.isDrained, "seed \(seed): \(ledger.fault ?? "not drained")")
    }

    /// Closes the pool and lets everything come to its end.
    private func drain(_ state: inout PoolState, _ ledger: inout PoolStateLedger) {
        if !state.isClosed { PoolStateEvent.close.happen(to: &state, &ledger) }
        while ledger.fault == nil, let slot = state.slots.all.min(by: { $0.id.serial < $1.id.serial }) {
            let event: PoolStateEvent =
                switch slot.phase {
                case .connecting, .idle: .opened(slot.id)
                case .checking: .checked(slot.id, isAlive: true)
                case .leased: .returned(slot.id, .clean)
                case .resetting: .cleaned(slot.id, .clean)
                case .quarantined: .cancelEnded(slot.id)
                case .closing: .closed(slot.id)
                }
            event.happen(to: &state, &ledger)
        }
    }
}
