// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A pool's slots, found by their names without a search, and counted by what they are doing.
struct SlotTable: Sendable {
    /// Where slots are kept; a place whose slot is gone bears the name of none.
    private var places: [PoolSlot] = []
    private var free: [Int] = []
    private var counts = [Int](repeating: 0, count: PoolSlot.Phase.allCases.count)
    private var nextSerial = 0
    private(set) var count = 0

    /// All slots, in no order that means anything.
    var all: some Sequence<PoolSlot> { places.lazy.filter { !$0.id.isNobody } }

    func count(_ phase: PoolSlot.Phase) -> Int { counts[phase.rawValue] }

    /// How many slots are not on their way out.
    var open: Int { count - count(.closing) }

    /// The slot of that name; nil once it is gone.
    subscript(id: SlotID) -> PoolSlot? {
        isThere(id) ? places[id.index] : nil
    }

    /// Looks at a slot where it is, for it is large: each lease looks at some, and to copy them would take half of its time.
    ///
    /// Inlined, as what calls it for each lease, and given closures that need nothing of the pool's state: one that does would be
    /// given a copy of all of it.
    @inline(__always)
    func look<Seen>(at id: SlotID, _ body: (borrowing PoolSlot) -> Seen) -> Seen? {
        isThere(id) ? body(places[id.index]) : nil
    }

    /// Whether the slot is there and doing that.
    func has(_ id: SlotID, in phase: PoolSlot.Phase) -> Bool {
        isThere(id) && places[id.index].phase == phase
    }

    /// Adds a slot that is connecting.
    mutating func add(outages: Int, now: Duration) -> SlotID {
        let index = free.popLast() ?? places.count
        let id = SlotID(index: index, serial: nextSerial)
        nextSerial += 1
        let slot = PoolSlot(id: id, since: now, outages: outages, lastUsed: now, lastAlive: now)
        if index == places.count { places.append(slot) } else { places[index] = slot }
        counts[PoolSlot.Phase.connecting.rawValue] += 1
        count += 1
        return id
    }

    /// Changes a slot in its place; does nothing if it is gone.
    mutating func change(_ id: SlotID, _ body: (inout PoolSlot) -> Void) {
        guard isThere(id) else { return }
        body(&places[id.index])
    }

    /// Has a slot begin to do something else; does nothing if it is gone.
    mutating func move(_ id: SlotID, to phase: PoolSlot.Phase, now: Duration) {
        guard isThere(id) else { return }
        counts[places[id.index].phase.rawValue] -= 1
        counts[phase.rawValue] += 1
        places[id.index].phase = phase
        places[id.index].since = now
    }

    mutating func remove(_ id: SlotID) {
        guard isThere(id) else { return }
        counts[places[id.index].phase.rawValue] -= 1
        count -= 1
        places[id.index].id = SlotID(index: id.index, serial: SlotID.nobody)
        free.append(id.index)
    }

    private func isThere(_ id: SlotID) -> Bool {
        id.index < places.count && places[id.index].id == id
    }
}
