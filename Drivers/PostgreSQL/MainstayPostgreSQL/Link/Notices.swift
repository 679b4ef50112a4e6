// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// Receives the notices and warnings that a server sends besides its answers, so that libpq prints none of them.
///
/// A server that shuts down at once, or whose sibling process crashed, says so in a warning and never in an answer; what
/// follows is a bare end of file. The warning is kept, as the cause of the loss.
final class Notices {
    /// The last warning of SQLSTATE class 57, *operator intervention*, or the last words to an idle connection.
    private(set) var shutdown: DatabaseError?

    /// Whether the server is about to leave, or libpq received what it did not expect.
    var tellTrouble: Bool { shutdown != nil || isOutOfStep }

    // libpq's own complaints come the same way, but without a SQLSTATE.
    private var isOutOfStep = false

    /// What commands did to the transaction and to the session since it was last asked for.
    var trace: SessionTrace = []

    /// Forgets what the driver itself did to the transaction.
    func forgetOwnTrace() {
        trace.formIntersection(.touchedSession)
    }

    // The server's words when its wait for a standby was ended in the middle of a COMMIT.
    private var missingStandby: String?

    /// The error of a COMMIT that was done here, and whose wait for a standby was ended. Asking takes it away.
    func takeMissingStandby(isConnectionUsable: Bool) -> DatabaseError? {
        guard let message = missingStandby else { return nil }
        missingStandby = nil
        return DatabaseError(
            .commitNotReplicated,
            "the transaction is committed on this server, and perhaps on no standby: \(message)",
            hint: "it is not to be repeated; whether the standbys have it is for whoever looks after them to see",
            isConnectionUsable: isConnectionUsable
        )
    }

    /// Has the connection's notices sent here.
    ///
    /// The connection keeps an unowned pointer to this object, so the object must outlive the connection.
    func receive(from connection: OpaquePointer) {
        let receiver: PQnoticeReceiver = { receiver, notice in
            guard let receiver, let notice else { return }
            // `Link` holds the object until after PQfinish, and libpq calls from within its own functions only, so on
            // the one thread that uses the connection.
            Unmanaged<Notices>.fromOpaque(receiver).takeUnretainedValue().take(notice)
        }
        _ = PQsetNoticeReceiver(connection, receiver, Unmanaged.passUnretained(self).toOpaque())
    }

    private func take(_ notice: OpaquePointer) {
        guard let state = mainstay_error_sqlstate(notice) else {
            isOutOfStep = true
            return
        }
        // The transaction is committed, whatever follows. By the function's name, for the words are in the server's language, and
        // of the two occasions one has no SQLSTATE of its own.
        if mainstay_error_function(notice)?.equals("SyncRepWaitForLSN") == true {
            missingStandby = mainstay_error_message(notice).map { String(cString: $0) } ?? "the wait for it was ended"
        }
        // An error that comes while nothing runs is passed on like a warning.
        let isFatal = mainstay_error_severity(notice)?.equals("FATAL") == true
        guard isFatal || state.hasPrefix("57") else { return }
        shutdown = DatabaseError(
            .connectionLost,
            mainstay_error_message(notice).map { String(cString: $0) } ?? "the server ends the connection",
            sqlState: String(cString: state)
        )
    }
}
