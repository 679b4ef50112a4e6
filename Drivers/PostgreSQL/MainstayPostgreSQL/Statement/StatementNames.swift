// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The names of the statements that a connection has prepared on the server.
final class StatementNames {
    /// Grows when all statements of the session may have been freed by SQL. What was prepared before must be prepared
    /// again.
    private(set) var generation = 0
    /// Whether somebody prepared a statement by SQL, which the next user of the connection must not find.
    private(set) var hasForeign = false
    /// Statements that are not used any more, but that the server still holds.
    private(set) var discarded: [String] = []

    private var count = 0

    /// A name that no other statement of this connection has.
    func next() -> String {
        count += 1
        return "mainstay_\(count)"
    }

    /// Notes that a statement is not used any more. Freeing it takes a round trip, which many share.
    func discard(_ name: String, generation: Int) {
        if generation == self.generation { discarded.append(name) }
    }

    /// Notes that the discarded statements were freed.
    func forgetDiscarded() {
        discarded = []
    }

    /// Notes that the session has no statements any more.
    func forgetAll() {
        generation += 1
        hasForeign = false
        discarded = []
    }

    /// Looks at the tag of a command for what it does to statements. What a function does inside goes unseen.
    func observe(_ tag: UnsafePointer<CChar>) {
        if tag[0] == CChar(bitPattern: UInt8(ascii: "P")) {
            if tag.equals("PREPARE") { hasForeign = true }
        } else if tag[0] == CChar(bitPattern: UInt8(ascii: "D")) {
            if tag.equals("DEALLOCATE ALL") || tag.equals("DISCARD ALL") { forgetAll() }
        }
    }
}
