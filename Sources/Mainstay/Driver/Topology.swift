// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Which connections a database allows or wants.
public enum Topology: Sendable, Hashable {
    /// Any number, each for reading and writing: a server.
    case uniform
    /// One that writes and any number that only read: an SQLite file in WAL mode.
    case singleWriter
    /// One for everything, and it is never replaced since the data would go with it: SQLite in memory.
    case singleConnection
}
