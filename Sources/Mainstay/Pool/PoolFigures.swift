// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How many connections a pool has, by what they are doing.
public struct PoolFigures: Sendable, Hashable {
    /// Connections that nobody uses.
    public var idle: Int
    /// Connections that a scope uses.
    public var leased: Int
    /// Connections that are being opened.
    public var connecting: Int
    /// Connections that are being closed.
    public var closing: Int
    /// Tasks that wait for a connection.
    public var waiting: Int
    /// The largest number of connections.
    public var limit: Int
}
