// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A lease as the task that holds it knows it, by which a second one inside of it is told.
///
/// Tasks inherit what their creator holds. Only the creator itself is sure not to give its lease back while it waits, so that
/// a lease counts for the task that has it and for no other.
final class HeldLease: Sendable {
    @TaskLocal private static var innermost: HeldLease?

    private let pool: ObjectIdentifier
    private let slot: SlotID
    private let waiter: PoolState.WaiterID
    private let task: Int
    private let outer: HeldLease?

    private init(_ lease: Lease, of pool: Pool) {
        self.pool = ObjectIdentifier(pool)
        slot = lease.slot
        waiter = lease.waiter
        task = Self.currentTask
        outer = Self.innermost
    }

    /// Runs a function in the knowledge that its task holds a lease.
    static func with<Result>(_ lease: Lease, of pool: Pool, _ body: () async -> Result) async -> Result {
        await $innermost.withValue(HeldLease(lease, of: pool), operation: body)
    }

    /// The slot of a pool that the current task itself leases.
    ///
    /// A task is known by its address, which another one has once it has ended: who was granted the lease is asked as
    /// well.
    static func current(of pool: Pool) -> SlotID? {
        guard innermost != nil else { return nil }
        let (identity, task) = (ObjectIdentifier(pool), currentTask)
        var held = innermost
        while let candidate = held {
            if candidate.pool == identity, candidate.task == task, pool.isLeased(candidate.slot, to: candidate.waiter) {
                return candidate.slot
            }
            held = candidate.outer
        }
        return nil
    }

    private static var currentTask: Int {
        withUnsafeCurrentTask { $0?.hashValue ?? 0 }
    }
}
