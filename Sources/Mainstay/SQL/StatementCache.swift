// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The prepared statements of one connection, the least recently used of which give way to others.
///
/// Not thread-safe: it belongs to a connection and so to its lane.
@usableFromInline
package struct StatementCache {
    /// A prepared statement with what is asked of it at every use.
    @usableFromInline
    package final class Entry {
        @usableFromInline package let statement: any PreparedStatement
        @usableFromInline package let text: String
        let effect: StatementEffect
        fileprivate(set) var lastUse: UInt64 = 0

        init(statement: any PreparedStatement, text: String, effect: StatementEffect) {
            self.statement = statement
            self.text = text
            self.effect = effect
        }
    }

    /// The largest number of statements kept.
    let capacity: Int

    private var entries: [SQL.Shape: Entry] = [:]
    /// The statement that was used last. Mostly it is the next one too, and to compare a key costs less than to hash it.
    private var last: (shape: SQL.Shape, entry: Entry)?
    private var clock: UInt64 = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    mutating func find(_ shape: SQL.Shape) -> Entry? {
        if let last, last.shape == shape { return last.entry }
        guard let entry = entries[shape] else { return nil }
        used(entry, shape)
        return entry
    }

    /// Keeps a statement and returns those that gave way, which the caller closes.
    ///
    /// An eighth of the statements give way at once, so that the search for the oldest is paid once for many.
    mutating func insert(_ entry: Entry, for shape: SQL.Shape) -> [Entry] {
        var evicted: [Entry] = []
        if entries.count >= capacity {
            let oldest = entries.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(max(1, capacity / 8))
            for (key, value) in oldest {
                entries[key] = nil
                evicted.append(value)
            }
        }
        entries[shape] = entry
        used(entry, shape)
        return evicted
    }

    private mutating func used(_ entry: Entry, _ shape: SQL.Shape) {
        clock &+= 1
        entry.lastUse = clock
        last = (shape, entry)
    }

    mutating func remove(_ shape: SQL.Shape) -> Entry? {
        last = nil
        return entries.removeValue(forKey: shape)
    }

    /// Forgets all statements and returns them, which the caller closes.
    mutating func removeAll() -> [Entry] {
        defer { (entries, last) = ([:], nil) }
        return Array(entries.values)
    }
}
