// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How much of a result will be read.
public enum Reading: Sendable {
    /// All of it, at once: a driver may hold it in memory.
    case all
    /// Row by row, perhaps not to the end: a driver must not hold more than a batch of rows in memory.
    case rowByRow
}
