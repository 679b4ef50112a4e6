// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Where a handle stands with its session.
public enum TrackedState: Sendable, Hashable {
    /// The session knows nothing of it: it was not added, or was taken out, or its insertion was rolled back.
    case transient
    /// It was added, and the next flush inserts it.
    case pending
    /// Its row is in the database, and its values were read or written in this transaction.
    case persistent
    /// Its row is in the database, and its values are those of an earlier transaction.
    case stale
    /// Its row was deleted, or the next flush deletes it.
    case deleted
}
