// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// Which server it is, on which timeline, and since when it runs: what makes a transaction's number mean the same.
///
/// A server that crashed may give the number of a transaction that was lost to another one, for numbers are not written
/// down before something of the transaction is. So it matters whether it started anew in between. A start ends with a
/// checkpoint of its own, which is told from others by its redo location: that is its own location.
struct ServerIdentity: Sendable, Hashable {
    /// The cluster's number, the same on its standbys.
    var system: String
    /// The part of the cluster's history; nil on a standby.
    var timeline: String?
    /// Where the last checkpoint is.
    var checkpoint: String
    /// Whether that was made when the server started. Not known with `wal_level = minimal`.
    var isCheckpointOfStart: Bool
    /// The first transaction number that was not given when that was made.
    var nextNumber: UInt64
    /// When the server was started, in seconds.
    var start: Double
    /// When it last forgot its statistics, in seconds: at a start after a crash, also of one of its processes only, and
    /// not at one after an orderly end; or when somebody told it to. Nil if it does not tell.
    var forgotAt: Double?
}

extension ServerIdentity {
    /// The columns that tell it. No privilege is needed; a server that is not quite PostgreSQL may not have them.
    static let columns = """
        (SELECT system_identifier FROM pg_catalog.pg_control_system()), \
        CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN \
        pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()), 1, 8) END, \
        checkpoint_lsn, redo_lsn, next_xid, pg_catalog.current_setting('wal_level'), \
        \(startColumn), \
        pg_catalog.date_part('epoch', pg_catalog.pg_stat_get_bgwriter_stat_reset_time())
        """

    /// When the server was started. It is told at once, while the other columns take a look into files.
    static let startColumn = "pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time())"

    /// Where the columns are from.
    static let source = "FROM pg_catalog.pg_control_checkpoint()"

    /// Reads the columns, the first of which has an index.
    init?(_ answer: borrowing Answer, from first: Int32) {
        guard let system = answer.cell(first), let checkpoint = answer.cell(first + 2),
            let redo = answer.cell(first + 3), let next = answer.cell(first + 4).flatMap(Self.number),
            let level = answer.cell(first + 5), let start = answer.cell(first + 6).flatMap(Double.init)
        else { return nil }
        self.init(
            system: system,
            timeline: answer.cell(first + 1),
            checkpoint: checkpoint,
            isCheckpointOfStart: checkpoint == redo && level != "minimal",
            nextNumber: next,
            start: start,
            forgotAt: answer.cell(first + 7).flatMap(Double.init)
        )
    }

    /// Whether the server has been running without a break since it was another one; false if that can't be told.
    func isRunningSince(_ other: ServerIdentity) -> Bool {
        checkpoint == other.checkpoint || (start == other.start && forgotAt != nil && forgotAt == other.forgotAt)
    }

    /// Whether the last start is the only one since then that may have followed a crash; false if that can't be told.
    func hasCrashedAtMostLast(since other: ServerIdentity) -> Bool {
        guard let forgotAt else { return false }
        return forgotAt == other.forgotAt || forgotAt >= start
    }

    /// A number of 64 bits that shows itself as two of 32, `epoch:xid`.
    static func number(_ text: String) -> UInt64? {
        let parts = text.split(separator: ":").map { UInt64($0) }
        guard parts.count == 2, let epoch = parts[0], let low = parts[1] else { return nil }
        return epoch << 32 | low
    }
}
