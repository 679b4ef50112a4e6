// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How a SELECT locks the rows that it reads, until the transaction ends.
public struct RowLock: Sendable, Hashable {
    /// What others may still do with the rows.
    public enum Strength: Sendable, Hashable {
        /// Nothing but read them without a lock: `FOR UPDATE`.
        case update
        /// Read them with a lock of the same kind: `FOR SHARE`.
        case share
    }

    /// What to do about rows that somebody else has locked.
    public enum Conflict: Sendable, Hashable {
        /// Wait for them.
        case wait
        /// Fail with `lockTimeout`: `NOWAIT`.
        case fail
        /// Leave them out: `SKIP LOCKED`.
        case skip
    }

    /// What others may still do with the rows.
    public var strength: Strength
    /// What to do about rows that somebody else has locked.
    public var conflict: Conflict

    /// Rows that are about to be changed.
    public static let update = RowLock(.update)
    /// Rows that must stay as they are.
    public static let share = RowLock(.share)

    /// Creates a lock.
    public init(_ strength: Strength, whenLocked conflict: Conflict = .wait) {
        self.strength = strength
        self.conflict = conflict
    }

    /// The clause as PostgreSQL and the SQL standard's successors write it.
    public var standardClause: String {
        let clause =
            switch strength {
            case .update: "FOR UPDATE"
            case .share: "FOR SHARE"
            }
        return clause + conflictClause
    }

    /// What follows the clause for rows that are locked already.
    public var conflictClause: String {
        switch conflict {
        case .wait: ""
        case .fail: " NOWAIT"
        case .skip: " SKIP LOCKED"
        }
    }
}
