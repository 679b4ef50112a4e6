// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension PostgreSQLStatement {
    // How many executions may be under way, and after how many the server is asked to hand out what it has.
    private static let window = 512
    private static let stride = 256

    /// Executes the statement for each set without waiting for an answer in between. All of it is one transaction, also
    /// when none was begun: the first set that fails undoes those before it, and those after it are not executed.
    ///
    /// - Throws: The error of the set that failed; its message begins with the set's index, from 0.
    func executeBatch(_ sets: [[Value]]) throws(DatabaseError) -> Completion {
        guard !sets.isEmpty else { return Completion(affectedRows: 0) }
        // All once in advance: a value that can't be bound is found before anything is sent.
        for index in sets.indices {
            try atSet(index) { () throws(DatabaseError) in try parameters.encode(sets[index]) }
        }
        let isAlone = link.transactionState == .none
        defer { notePath() }
        do throws(DatabaseError) {
            return try executeAll(sets)
        } catch  where error.code == .staleStatement {
            forget()
            guard isAlone, link.isUsable else { throw error }
            return try executeAll(sets)
        }
    }

    private func executeAll(_ sets: [[Value]]) throws(DatabaseError) -> Completion {
        let name = try knownName()
        try link.enterPipeline()
        var exchange = Exchange()
        // What has no name is parsed first, which has an answer of its own.
        if !isNamed { try link.queue(sendParsing) }
        var (sent, received) = (0, isNamed ? 0 : -1)
        while received < sets.count, !exchange.hasFailed {
            if sent < sets.count, sent - received < Self.window {
                try parameters.encode(sets[sent])
                sent += 1
                try send(name, endsStride: sent % Self.stride == 0 || sent == sets.count)
                // The results of a window fit into the buffers between here and there, so that none waits to be read.
            } else if let answer = try link.nextAnswer() {
                try link.takeFromPipeline(answer, &exchange)
            } else {
                received += 1
            }
        }
        try link.flushPipeline { handle in PQpipelineSync(handle) }
        // Without a failure so far, only a deferred constraint is left to fail, which belongs to no set.
        guard exchange.hasFailed else {
            try link.leavePipeline(&exchange, syncs: 1)
            return Completion(affectedRows: exchange.affectedRows)
        }
        guard received >= 0 else {
            try link.leavePipeline(&exchange, syncs: 1)
            return Completion(affectedRows: 0)
        }
        try atSet(received) { () throws(DatabaseError) in try link.leavePipeline(&exchange, syncs: 1) }
        return Completion(affectedRows: 0)
    }

    /// Sends one execution with the values that are in the buffer.
    private func send(_ name: String, endsStride: Bool) throws(DatabaseError) {
        try link.queue { handle in
            parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 0)
            }
        }
        // Many small executions travel together; a large one is not gathered in memory.
        if endsStride || parameters.isLarge {
            try link.flushPipeline { handle in PQsendFlushRequest(handle) }
        }
    }

    private func atSet(
        _ index: Int,
        _ body: () throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        do throws(DatabaseError) {
            try body()
        } catch {
            throw error.prefixed(by: "set \(index)")
        }
    }
}
