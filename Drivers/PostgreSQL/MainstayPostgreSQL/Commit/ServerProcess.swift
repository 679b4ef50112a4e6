// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A server's process for a connection. Its id is used again when it has ended, so the time when it began belongs to
/// it.
struct ServerProcess: Sendable, Hashable {
    var id: Int32
    var start: String
}

extension ServerProcess {
    /// The columns that tell the one of the connection that asks.
    static let columns = """
        pg_catalog.pg_backend_pid(), \
        (SELECT backend_start FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()))
        """

    /// Whether the process, as the server's activity shows it, is not one that has committed and waits for standbys.
    static let isNotWaitingForStandbys = "wait_event IS DISTINCT FROM 'SyncRep'"

    /// Reads the columns, the first of which has an index.
    init?(_ answer: borrowing Answer, from first: Int32) {
        guard let id = answer.cell(first).flatMap({ Int32($0) }), let start = answer.cell(first + 1) else { return nil }
        self.init(id: id, start: start)
    }

    /// The statement that ends it, if it is still the same.
    ///
    /// One that has committed and only waits for its standbys is left alone: it would give up what COMMIT promises, and
    /// the transaction would be found committed.
    var termination: String {
        """
        SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_get_activity(\(id)) \
        WHERE backend_start = '\(start)' AND \(Self.isNotWaitingForStandbys)
        """
    }
}
