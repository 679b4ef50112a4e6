// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// One of the connections that a pool may have, from the decision to open it until it is closed.
struct PoolSlot: Sendable, Hashable {
    /// What the slot is doing. It is always doing exactly one of these.
    ///
    /// ```
    ///      opened            granted            returned
    /// connecting ──▶ idle ───────────▶ leased ───────────────────────────▶ idle …
    ///                ▲  │                │ │  touched              cleaned  ▲
    ///       answered │  ▼ pinged         │ └───────────▶ resetting ─────────┘
    ///                checking            │   cancelled       ▲
    ///                                    └──────────▶ quarantined
    /// ```
    /// Each but `connecting` may go to `closing`. `connecting` (if it fails) and `closing` end in nothing.
    enum Phase: Int, Sendable, Hashable, CaseIterable {
        /// A connection is being opened, and prepared for its first use.
        case connecting
        /// Nobody uses the connection.
        case idle
        /// The server is asked for a sign of life.
        case checking
        /// A lease uses the connection.
        case leased
        /// The lease is over, and what it left is being rolled back or reset.
        case resetting
        /// The lease is over, and a request to cancel its statement may still be under way.
        case quarantined
        /// The connection is being closed.
        case closing
    }

    var id: SlotID
    var phase = Phase.connecting
    /// When the phase began.
    var since: Duration
    /// The number of outages that were known when the connection was last known to be alive.
    var outages: Int
    /// When a lease last ended, or the connection was opened.
    var lastUsed: Duration
    /// The number of outages that were known when the server was asked for a sign of life.
    var outagesWhenAsked = 0
    /// When the server was last heard of.
    var lastAlive: Duration
    /// When the connection has lived long enough.
    var retireAt: Duration?
    /// When the server is to be asked for a sign of life, if the connection still rests.
    var pingAt: Duration?
    /// How long the connection may go without a sign of life before it is pinged, jitter not yet taken off.
    var pingPeriod: Duration?
    /// The same for the next time, jitter taken off.
    var pingPause: Duration?
    /// Whether the connection is closed as soon as nobody uses it.
    var isEvicted = false
    /// Whether the connection rests though what its last lease left could not be put back.
    var isUnclean = false
    /// Whether the connection has lived long enough, and rests until another one has taken its place.
    var isOverdue = false
    /// When a connection that is there has to be prepared.
    var preparedBy: Duration?
    /// Whether somebody was told that the lease takes long; whether opening, or preparing, was to be broken off.
    var isReported = false
    /// Where the scope begins that leases the connection.
    var site: CallSite?
    /// Who was granted the connection, as long as it is leased.
    var holder: PoolState.WaiterID?

    /// When something is due though the connection rests, be it used soon or not.
    var upkeepAt: Duration? { Duration.earlier(pingAt, isOverdue ? nil : retireAt) }
}

extension Duration {
    /// The earlier one of two times, of which one may never come.
    @inline(__always)
    static func earlier(_ one: Duration?, _ other: Duration?) -> Duration? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}
