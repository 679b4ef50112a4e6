// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension Link {
    /// Sends several commands at once and reads all their answers: one round trip.
    ///
    /// - Parameters:
    ///   - syncs: How many times `PQpipelineSync` is called.
    ///   - commands: Calls `PQsend…` functions, `PQpipelineSync` last, and gives 1 if all of them did.
    ///   - take: Looks at the answers that are no failures.
    /// - Throws: The first error among the answers.
    func pipeline(
        syncs: Int = 1,
        _ commands: (OpaquePointer) -> Int32,
        take: (borrowing Answer) -> Void = { _ in }
    ) throws(DatabaseError) {
        try enterPipeline()
        try flushPipeline(commands)
        var exchange = Exchange()
        try leavePipeline(&exchange, syncs: syncs, take: take)
    }

    /// Begins to gather commands instead of sending one at a time.
    func enterPipeline() throws(DatabaseError) {
        if isReading { try dropAnswers() }
        let handle = try open()
        interrupter.commandBegins()
        guard PQenterPipelineMode(handle) == 1 else { throw refusal(handle) }
    }

    /// Gathers a command.
    func queue(_ command: (OpaquePointer) -> Int32) throws(DatabaseError) {
        let handle = try open()
        guard command(handle) == 1 else {
            let error = refusal(handle)
            // Some of it may be on its way.
            abandon()
            throw error
        }
    }

    /// Gathers a command, and sends all that was gathered.
    func flushPipeline(_ command: (OpaquePointer) -> Int32) throws(DatabaseError) {
        try queue(command)
        try flush(try open())
    }

    /// Reads the answers up to the last Sync, and goes back to one command at a time.
    ///
    /// - Throws: The first error among the answers.
    func leavePipeline(
        _ exchange: inout Exchange,
        syncs: Int,
        take: (borrowing Answer) -> Void = { _ in }
    ) throws(DatabaseError) {
        var remaining = syncs
        var isBetween = false
        while remaining > 0 {
            guard let answer = try nextAnswer() else {
                // Nil ends each command's answers. Two in a row: there are no more.
                guard isUsable, !isBetween else { break }
                isBetween = true
                continue
            }
            isBetween = false
            let status = answer.status
            if status == PGRES_PIPELINE_SYNC {
                remaining -= 1
            } else if status != PGRES_PIPELINE_ABORTED {
                if !answer.isFailure { take(answer) }
                try takeFromPipeline(answer, &exchange)
            }
        }
        let handle = try open()
        let isComplete = remaining == 0 && PQexitPipelineMode(handle) == 1
        if !isComplete { abandon() }
        if let error = exchange.error(self) { throw error }
        if !isComplete { throw lost("") }
    }

    /// Takes an answer to one of several commands that were sent at once.
    ///
    /// - Throws: `unsupported` for COPY, of which libpq knows no way out in this mode, so that the connection is given
    /// up.
    func takeFromPipeline(_ answer: consuming Answer, _ exchange: inout Exchange) throws(DatabaseError) {
        guard ![PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(answer.status) else {
            abandon()
            throw DatabaseError(.unsupported, "COPY is not executed in batches", isConnectionUsable: false)
        }
        if let tag = answer.tag { number.observe(tag) }
        exchange.take(answer, names)
    }
}
