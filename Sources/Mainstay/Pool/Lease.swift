// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The right to use one connection until it is given back.
struct Lease: Sendable {
    let connection: PooledConnection
    let waiter: PoolState.WaiterID
    /// Where the scope begins.
    let site: CallSite
    let askedAt: Duration
    let grantedAt: Duration
    /// Whether the connection rested long enough to be looked at before it is used.
    let isToBeLookedAt: Bool

    var slot: SlotID { connection.id }
}
