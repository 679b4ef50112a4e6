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

    /// Grows when names in statements may be looked up in other schemas than before: what was prepared before may have
    /// other columns then, or be of another table.
    private(set) var path = 0

    private var count = 0
    // A counter alone would be the name of another connection's statement, where both reach one session of the server.
    private let prefix = "mainstay_\(String(UInt64.random(in: 0 ... .max), radix: 36))_"
    // Whether the path was changed since the transaction began, which its end may undo, or since the session was reset.
    private var isPathOfTransaction = false
    private var isPathOfSession = false

    /// A name that no other statement has, of this connection or another.
    func next() -> String {
        count += 1
        return "\(prefix)\(count)"
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

    // MARK: - The search path

    /// Notes that the path may have been changed, in a transaction or outside of any.
    func pathChanged(inTransaction: Bool) {
        path += 1
        isPathOfSession = true
        if inTransaction { isPathOfTransaction = true }
    }

    /// Notes that a transaction has ended, or that a part of it was undone.
    func pathMayReturn(isEnd: Bool) {
        guard isPathOfTransaction else { return }
        path += 1
        if isEnd { isPathOfTransaction = false }
    }

    /// Notes that all settings are those of the beginning.
    func pathIsReset() {
        if isPathOfSession { path += 1 }
        (isPathOfSession, isPathOfTransaction) = (false, false)
    }

    // MARK: - What others do

    /// Looks at the tag of a command for what it does to statements. What a function does inside goes unseen.
    func observe(_ tag: UnsafePointer<CChar>) {
        if tag[0] == CChar(bitPattern: UInt8(ascii: "P")) {
            if tag.equals("PREPARE") { hasForeign = true }
        } else if tag[0] == CChar(bitPattern: UInt8(ascii: "D")) {
            if tag.equals("DEALLOCATE ALL") || tag.equals("DISCARD ALL") { forgetAll() }
        }
    }
}
