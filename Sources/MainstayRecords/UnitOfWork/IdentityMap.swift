// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The handles that a session has, by the keys of their rows: the bytes that the database has, not what Swift takes for equal.
///
/// A hash table of places in an array, with linear probing. A key is hashed once to be found or added, where a dictionary hashes it
/// twice; and a hundred thousand handles are looked through and let go in the order in which they lie in memory, which takes a
/// fraction of the time that a dictionary's order does.
@usableFromInline
struct IdentityMap<R: Record> {
    /// The place of each key, at the first free slot from that of its hash on; -1 where there is none. At most half full.
    @usableFromInline var slots = [Int](repeating: -1, count: 16)
    // The keys in the order in which they came, and their handles; nil where one was removed, whose key keeps the place.
    @usableFromInline var keys: [R.Key] = []
    @usableFromInline var handles: [Tracked<R>?] = []

    @inlinable
    init() {}

    /// How many handles there are, and gaps that removed ones have left.
    @inlinable var count: Int { keys.count }

    /// All handles, in the order in which they came.
    var values: [Tracked<R>] { handles.compactMap { $0 } }

    @usableFromInline
    subscript(key: R.Key) -> Tracked<R>? {
        get {
            let place = slots[slot(of: key)]
            return place < 0 ? nil : handles[place]
        }
        set {
            let place = newValue == nil ? slots[slot(of: key)] : place(of: key)
            if place >= 0 { set(newValue, at: place) }
        }
    }

    /// Where a key's handle is or is to be.
    @inlinable
    mutating func place(of key: R.Key) -> Int {
        let slot = slot(of: key)
        if slots[slot] >= 0 { return slots[slot] }
        let place = keys.count
        slots[slot] = place
        keys.append(key)
        handles.append(nil)
        if 2 * keys.count > slots.count { grow() }
        return place
    }

    /// The handle at a place.
    @inlinable
    subscript(place place: Int) -> Tracked<R>? { handles[place] }

    @inlinable
    mutating func set(_ handle: Tracked<R>?, at place: Int) {
        handles[place] = handle
    }

    /// The slot that has a key's place, or is to have it.
    @inlinable
    func slot(of key: R.Key) -> Int {
        var slot = R.hashValue(of: key) & (slots.count - 1)
        while slots[slot] >= 0, !R.isSame(keys[slots[slot]], key) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    @usableFromInline
    mutating func grow() {
        slots = [Int](repeating: -1, count: 2 * slots.count)
        for place in keys.indices { slots[slot(of: keys[place])] = place }
    }

    /// Removes the handles that nobody else holds and that need not be kept, and the gaps between the others.
    @inlinable
    mutating func removeUnheld(unless isKept: (Tracked<R>) -> Bool) {
        for place in handles.indices {
            // Looked at where it is, so that nothing here holds it a second time.
            guard isKnownUniquelyReferenced(&handles[place]), let handle = handles[place], !isKept(handle) else {
                continue
            }
            handles[place] = nil
        }
        var others = IdentityMap()
        for place in keys.indices where handles[place] != nil {
            others.set(handles[place], at: others.place(of: keys[place]))
        }
        self = others
    }
}
