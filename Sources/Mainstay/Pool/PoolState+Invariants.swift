// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolState {
    /// Checks what holds after each event, in debug builds alone. What the pool promises to those who wait, the simulation checks
    /// besides, in words of its own.
    @inline(__always)
    func checkInvariants() {
        assert(brokenInvariant == nil, brokenInvariant ?? "")
    }

    private var brokenInvariant: String? {
        if Set(idle).count != idle.count { return "a slot rests twice" }
        if idle.count != slots.count(.idle) || !idle.allSatisfy({ slots.has($0, in: .idle) }) {
            return "the slots that rest are not those in the list"
        }
        if let slot = slots.all.first(where: { $0.phase == .leased && $0.holder == nil }) {
            return "slot \(slot.id) is leased by nobody"
        }
        if zip(waiters, waiters.dropFirst()).contains(where: { $0.id >= $1.id }) { return "the queue is out of order" }
        if isRefusing, !waiters.isEmpty || !warmUps.isEmpty { return "somebody waits for a closed pool" }
        if overdue != slots.all.count(where: { $0.phase == .idle && $0.isOverdue }) {
            return "slots that rest too long are miscounted"
        }
        return nil
    }
}
