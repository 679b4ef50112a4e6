// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a pool has done since the database was opened.
public struct PoolTotals: Sendable, Hashable {
    /// Leases that were granted.
    public var leases = 0
    /// Leases for which a task had to wait; a connection that was opened or checked first is waited for, and one that
    /// rested is not.
    public var waits = 0
    /// The time that was waited in all, by those who got a lease.
    public var waitTime = Duration.zero
    /// The time for which connections were leased in all, leases that have ended.
    public var useTime = Duration.zero
    /// Waits that ended because the acquire timeout was over.
    public var timeouts = 0
    /// Waits that ended because the task was cancelled.
    public var cancelledWaits = 0
    /// Leases refused at once because too many waited already, or because the wait could never have ended.
    public var refusals = 0
    /// Connections that were opened.
    public var connects = 0
    /// Connections that could not be opened.
    public var failedConnects = 0
    /// The time that opening connections took in all, failures included.
    public var connectTime = Duration.zero
    /// Pings of connections that rested, before a lease or to keep them alive.
    public var checks = 0
    /// Connections that were found dead by a ping, or by looking at them before a lease.
    public var foundDead = 0
    /// Connections that were reset after a lease.
    public var resets = 0
    /// Connections that were closed, by the reason.
    public var closes: [CloseReason: Int] = [:]
    /// Leases that were reported because they took longer than the leak threshold.
    public var longLeases = 0
    /// Outages: losses of connections that made all older ones suspect.
    public var outages = 0
}
