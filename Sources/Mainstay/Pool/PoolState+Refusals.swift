// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolState {
    /// Why someone who can't be served at once is not to wait; nil if waiting makes sense.
    func refusal(of waiter: Waiter) -> DatabaseError? {
        if let refusal, now < refusal.until { return refusal.error }
        if let waiterLimit = configuration.waiterLimit, !waiter.isBack, waiters.count - underWay > waiterLimit {
            return DatabaseError(
                .poolExhausted,
                "all connections are in use, and \(waiters.count - 1) tasks wait already\(holders)",
                hint: "try again later; waiterLimit says how many may wait"
            )
        }
        return isDeadlock(completedBy: waiter) ? nestedLease(waiter) : nil
    }

    /// How many connections are being opened or checked for those who wait, or may still be opened.
    private var underWay: Int {
        guard !isSuspended else { return 0 }
        return slots.count(.connecting) + slots.count(.checking) + max(0, limit - slots.count)
    }

    /// The error of someone who waited too long.
    func acquireTimeout(_ waiter: Waiter) -> DatabaseError {
        let others = [(slots.count(.resetting), "are being cleaned"), (slots.count(.checking), "are being checked")]
        let rest = others.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
        return DatabaseError(
            .acquireTimeout,
            "no connection became free within \((now - waiter.since).forPeople): \(slots.count(.leased)) of at most "
                + "\(limit) are leased, \(slots.count(.connecting)) are being opened\(rest), \(waiters.count) tasks wait"
                + "\(isSuspended ? "; the pool is suspended" : "")\(holders)",
            hint: hint(for: waiter),
            cause: lastFailure
        )
    }

    private func hint(for waiter: Waiter) -> String {
        if lastFailure != nil { return "the database could not be reached; see the cause" }
        if let own = waiter.holds.flatMap({ slots[$0]?.site }) {
            return "the task holds a connection of its own since \(own): use its session instead of a second scope"
        }
        return "keep scopes short, do not lease a second connection inside of a scope, or raise the pool's size"
    }

    /// The longest leases: `; leased at Shop/Orders.swift:42 for 31.2 s, …`.
    private var holders: String {
        let leased = slots.all.filter { $0.phase == .leased }.sorted {
            ($0.since, $0.id.serial) < ($1.since, $1.id.serial)
        }
        guard !leased.isEmpty else { return "" }
        let named = leased.prefix(Self.namedHolders).compactMap { slot in
            slot.site.map { "at \($0) for \((now - slot.since).forPeople)" }
        }
        let rest = leased.count - named.count
        return "; leased " + named.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private static let namedHolders = 5

    /// Whether all connections are leased by tasks that wait for a second one, now that this one does too: none of them would
    /// ever be returned.
    private func isDeadlock(completedBy waiter: Waiter) -> Bool {
        guard waiter.holds != nil, slots.count == limit, slots.count(.leased) == limit, !isSuspended else {
            return false
        }
        return Set(waiters.compactMap(\.holds).filter { slots.has($0, in: .leased) }).count == limit
    }

    private func nestedLease(_ waiter: Waiter) -> DatabaseError {
        let own = waiter.holds.flatMap { slots[$0]?.site }.map { " (since \($0))" } ?? ""
        return DatabaseError(
            .wouldDeadlock,
            "the task waits for a connection while it holds the last one itself\(own), and would wait for ever",
            hint: "use the session of the scope that runs already instead of a second scope"
        )
    }
}

extension DatabaseError {
    static let leftUnclean = DatabaseError(
        .other,
        "what the last scope left in the database in memory could not be put back",
        hint: "it is tried again with the next scope"
    )

    static let databaseClosed = DatabaseError(.databaseClosed, "the database was closed")

    static let cancelledWaiting = DatabaseError(.cancelled, "the task was cancelled while it waited for a connection")
}

extension Duration {
    /// The duration for a message, as in `1.5 s` or `20 ms`.
    var forPeople: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if seconds == 0, milliseconds < 1000 { return "\(milliseconds) ms" }
        return milliseconds < 100 ? "\(seconds) s" : "\(seconds).\(milliseconds / 100) s"
    }
}
