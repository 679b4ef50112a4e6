// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A lease as the task that holds it knows it, by which a second one inside of it is told.
///
/// Tasks inherit what their creator holds. Only the creator itself is sure not to give its lease back while it waits, so that
/// a lease counts for the task that has it and for no other.
final class HeldLease: Sendable {
    @TaskLocal private static var innermost: HeldLease?
    /// The lease inside of which, and of those around it, scopes may begin all the same.
    @TaskLocal private static var excused: HeldLease?

    private let database: ObjectIdentifier
    private let pool: Pool
    private let slot: SlotID
    private let waiter: PoolState.WaiterID
    private let site: CallSite
    private let task: Int
    private let outer: HeldLease?

    private init(_ lease: Lease, of pool: Pool, in database: AnyObject) {
        self.database = ObjectIdentifier(database)
        self.pool = pool
        slot = lease.slot
        waiter = lease.waiter
        site = lease.site
        task = Self.currentTask
        outer = Self.innermost
    }

    /// Runs a function in the knowledge that its task holds a lease.
    static func with<Result>(
        _ lease: Lease,
        of pool: Pool,
        in database: AnyObject,
        _ body: () async -> Result
    ) async -> Result {
        await $innermost.withValue(HeldLease(lease, of: pool, in: database), operation: body)
    }

    /// Runs a function whose scopes are no mistake, though the task holds a lease.
    static func excused<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        try await $excused.withValue(innermost, operation: body)
    }

    /// Whether the current task itself holds a lease of any database.
    static var isHeld: Bool { innermost?.first { _ in true } != nil }

    /// The slot of a pool that the current task itself leases.
    static func current(of pool: Pool) -> SlotID? {
        innermost?.first { $0.pool === pool }?.slot
    }

    /// Where the scope of a database began that the current task is in, unless the task said that it means another one.
    static func scope(in database: Database) -> CallSite? {
        guard let innermost else { return nil }
        let identity = ObjectIdentifier(database)
        return innermost.first(until: excused) { $0.database == identity }?.site
    }

    /// The innermost lease of the current task that fits, up to another one.
    ///
    /// A task is known by its address, which another one has once it has ended: who was granted the lease is asked as
    /// well.
    private func first(until end: HeldLease? = nil, where fits: (HeldLease) -> Bool) -> HeldLease? {
        let task = Self.currentTask
        var held: HeldLease? = self
        while let candidate = held, candidate !== end {
            if fits(candidate), candidate.task == task, candidate.pool.isLeased(candidate.slot, to: candidate.waiter) {
                return candidate
            }
            held = candidate.outer
        }
        return nil
    }

    private static var currentTask: Int {
        withUnsafeCurrentTask { $0?.hashValue ?? 0 }
    }
}
