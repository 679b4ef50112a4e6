// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Why a connection was closed.
public enum CloseReason: String, Sendable, Hashable, CaseIterable {
    /// It rested longer than `idleTimeout`, or than `overflowTimeout` while more than `size` were open.
    case idle
    /// It reached its `maxLifetime`.
    case lifetime
    /// It broke, or the server ended it.
    case lost
    /// What a session left could not be put back, or not in time.
    case notClean
    /// A ping was not answered in time.
    case silent
    /// It was evicted, or the pool was made smaller.
    case evicted
    /// The database was closed.
    case databaseClosed
}
