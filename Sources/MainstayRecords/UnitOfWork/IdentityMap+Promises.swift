// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension IdentityMap {
    /// Stops a debug build if the map breaks one of its promises.
    func checkInvariants() {
        #if DEBUG
        if let brokenPromise { assertionFailure("IdentityMap of \(R.schema.name): \(brokenPromise)") }
        #endif
    }

    /// The first promise that the map breaks; nil if it keeps all.
    var brokenPromise: String? {
        guard keys.count == handles.count else { return "each key has a place for a handle" }
        guard 2 * keys.count <= slots.count, slots.count.nonzeroBitCount == 1 else {
            return "half of the slots are free"
        }
        guard slots.count(where: { $0 >= 0 }) == keys.count else { return "each key has one slot" }
        for place in keys.indices where slots[slot(of: keys[place])] != place {
            return "each key is found at its place"
        }
        var seen: Set<ObjectIdentifier> = []
        for (key, handle) in zip(keys, handles) {
            guard let handle else { continue }
            guard seen.insert(ObjectIdentifier(handle)).inserted else { return "a handle has one key" }
            guard handle.phase == .persistent, let own = handle.original.recordKey else { continue }
            guard R.isSame(own, key) else { return "a handle has the key of its row" }
        }
        return nil
    }
}
