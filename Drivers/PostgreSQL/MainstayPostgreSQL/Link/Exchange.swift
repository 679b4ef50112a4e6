// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// What came of one command: takes its answers one after the other, to the last.
struct Exchange: ~Copyable {
    /// The rows that the answers so far have inserted, updated or deleted.
    private(set) var affectedRows = 0
    /// Whether the last command ended by undoing a transaction: the answer to the COMMIT of a failed one.
    private(set) var isRolledBack = false
    /// What the commands did besides their results.
    private var trace: SessionTrace = []
    /// Whether there was a COPY, for which statements and scripts have no place.
    private(set) var hasCopy = false

    // The first that has a SQLSTATE. libpq adds one of its own that has none when the connection breaks.
    private var failure: Answer?
    private var hasState = false

    var hasFailed: Bool { failure != nil }

    /// Takes an answer. Rows are dropped.
    mutating func take(_ answer: consuming Answer, _ names: StatementNames) {
        if answer.isFailure {
            let state = mainstay_error_sqlstate(answer.pointer)
            if failure == nil || (!hasState && state != nil) {
                hasState = state != nil
                failure = consume answer
            }
            return
        }
        affectedRows += answer.affectedRows
        guard let tag = answer.tag, tag[0] != 0 else { return }
        isRolledBack = tag.equals("ROLLBACK")
        names.observe(tag)
        note(answer.trace)
    }

    private mutating func note(_ one: SessionTrace) {
        guard !one.isEmpty else { return }
        // A transaction that begins after a ROLLBACK shows that it was not one to a savepoint.
        if one == .beginTag, trace.contains(.rollbackTag) { trace.insert(.endedTransaction) }
        trace.formUnion(one)
    }

    /// The error among the answers, if there was one. Called once, when all of them were read.
    func error(_ link: Link) -> DatabaseError? {
        if !trace.isEmpty { link.notices.trace.formUnion(trace) }
        if hasCopy {
            return DatabaseError(
                .unsupported,
                "COPY is not executed as a statement",
                hint: "use the native handle with PQputCopyData or PQgetCopyData",
                isConnectionUsable: link.isUsable
            )
        }
        let missing = link.notices.takeMissingStandby(isConnectionUsable: link.isUsable)
        switch failure {
        case .some(let failure):
            let error = link.error(failure)
            return missing?.causedBy(error) ?? error
        case .none: return missing
        }
    }

    /// Notes a COPY, which was refused.
    mutating func refuseCopy() {
        hasCopy = true
    }
}
