// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// What the server tells by session tracking, in the OK packets with which it answers:
/// [session tracking](https://mariadb.com/kb/en/session_track_transaction_info/).
extension MariaDBConnection {
    /// Whether the answer to the session's set-up told of transactions, as it does where they are tracked from then on.
    static func isTracking(_ handle: UnsafeMutablePointer<MYSQL>) -> Bool {
        tells(SESSION_TRACK_TRANSACTION_CHARACTERISTICS, handle)
    }

    /// What statements have done since it was last asked.
    public func takeTrace() -> SessionTrace {
        defer { trace = [] }
        return isTracked && isUsable ? trace : trace.union(.isIncomplete)
    }

    /// Notes what the answer to a statement tells: an OK packet, or the end of a result.
    ///
    /// The end of a result tells only that something changed. In a transaction the answer to its COMMIT or ROLLBACK tells what;
    /// outside of one it is the session, for whatever of transactions changes there begins or ends one.
    func noteAnswer(endsRows: Bool) {
        guard isTracked, hasNews else { return }
        guard !endsRows else {
            if transactionState == .none { trace.insert(.touchedSession) }
            return
        }
        noteTouch()
        // Told whenever a transaction begins or ends. Whether it was committed it does not tell.
        if Self.tells(SESSION_TRACK_TRANSACTION_CHARACTERISTICS, handle) {
            trace.formUnion([.endedTransaction, .committed])
        }
    }

    /// Notes what an answer to a command of the driver's own tells of the statements before it.
    func noteOwnAnswer() {
        if isTracked, hasNews { noteTouch() }
    }

    /// Notes that a statement failed: with an error the server tells nothing, and keeps what it had to tell of the session for later.
    func noteFailure() {
        trace.insert(.isIncomplete)
    }

    private func noteTouch() {
        guard Self.tells(SESSION_TRACK_STATE_CHANGE, handle) else { return }
        trace.insert(.touchedSession)
        noteIsolation()
    }

    /// Notes the isolation that a statement gave the session. From then on it is the one to return to, up to the next reset.
    private func noteIsolation() {
        guard let isolation else { return }
        let changed = SessionFacts(handle).isolation(insteadOf: isolation)
        if changed != isolation { (serverIsolation, self.isolation) = (changed, changed) }
    }

    private var hasNews: Bool { handle.pointee.server_status & UInt32(SERVER_SESSION_STATE_CHANGED) != 0 }

    /// Whether the last OK packet had news of a kind. The library keeps them until the next such packet.
    private static func tells(_ kind: enum_session_state_type, _ handle: UnsafeMutablePointer<MYSQL>) -> Bool {
        var data: UnsafePointer<CChar>?
        var length = 0
        return mysql_session_track_get_first(handle, kind, &data, &length) == 0
    }
}
