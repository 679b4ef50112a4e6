// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a connection is like when its lease or its reset ends.
enum LeaseCondition: Sendable, Hashable {
    /// Nothing was asked of it.
    case unused
    /// It was used, and nothing of that is left.
    case clean
    /// It may have settings, temporary tables or locks left.
    case touched
    /// It works, and something is left that can't be put back.
    case dirty
    /// It broke, or the server ended it.
    case lost
}
