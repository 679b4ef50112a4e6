// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What to do with a savepoint.
public enum SavepointAction: Sendable {
    /// Set it.
    case set
    /// Forget it and keep what was done since.
    case release
    /// Undo what was done since, and forget it.
    case rollback
}
