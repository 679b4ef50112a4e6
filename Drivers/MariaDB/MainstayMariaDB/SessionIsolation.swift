// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// The isolation of a session's transactions, by the values of the server's variables.
struct SessionIsolation: Hashable {
    /// `tx_isolation`, as in `REPEATABLE-READ`.
    var level: String
    /// `innodb_snapshot_isolation`: whether a transaction at `REPEATABLE READ` fails instead of changing a row that others
    /// changed since its snapshot. Nil where the server has no such variable, as before MariaDB 10.6.18 and 10.11.8.
    ///
    /// [innodb_snapshot_isolation](https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-system-variables)
    var detectsConflicts: Bool?

    /// What a session has to be for transactions of a level.
    ///
    /// - Parameter level: Nil for what the server gave the session.
    func changed(to level: IsolationLevel?) -> SessionIsolation {
        guard let level else { return self }
        var changed = self
        if level == .snapshot {
            if self.level != "SERIALIZABLE" { changed.level = "REPEATABLE-READ" }
            if detectsConflicts != nil { changed.detectsConflicts = true }
        } else {
            changed.level = level.sql.replacing(" ", with: "-")
        }
        return changed
    }

    /// What to assign so that a session which is like another one becomes like this.
    func assignments(insteadOf other: SessionIsolation) -> String {
        var assignments: [String] = []
        if level != other.level { assignments.append("tx_isolation = '\(level)'") }
        if let detectsConflicts, detectsConflicts != other.detectsConflicts {
            assignments.append("innodb_snapshot_isolation = \(detectsConflicts ? "ON" : "OFF")")
        }
        return assignments.joined(separator: ", ")
    }
}
