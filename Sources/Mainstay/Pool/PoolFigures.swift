// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How many connections a pool has, by what they are doing, and what it has done so far.
public struct PoolFigures: Sendable, Hashable {
    /// Connections that nobody uses.
    public var idle: Int
    /// Connections that a scope uses.
    public var leased: Int
    /// Connections that are being opened.
    public var connecting: Int
    /// Connections that are being pinged.
    public var checking: Int
    /// Connections that are being rolled back or reset after a scope.
    public var resetting: Int
    /// Connections that may not be used before a request to cancel a statement is over.
    public var quarantined: Int
    /// Connections that are being closed.
    public var closing: Int
    /// Tasks that wait for a connection.
    public var waiting: Int
    /// How many connections the pool has under usual load.
    public var size: Int
    /// The largest number of connections, overflow included.
    public var limit: Int
    /// How many connections are opened ahead.
    public var minimumIdle: Int
    /// What was done since the database was opened.
    public var totals: PoolTotals
    /// Which reading of the pool this is, from 1. Threads that tell events may overtake each other: the largest is the
    /// newest.
    public var reading: Int

    /// All connections, whatever they are doing: what the server sees at most.
    public var connections: Int { idle + leased + connecting + checking + resetting + quarantined + closing }
}
