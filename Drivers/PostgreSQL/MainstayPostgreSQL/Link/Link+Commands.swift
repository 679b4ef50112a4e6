// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension Link {
    /// Executes SQL without parameters, any number of statements, and drops their rows.
    ///
    /// - Throws: The first error, when all answers were read, so that the link is ready for the next command.
    @discardableResult
    func run(_ sql: String) throws(DatabaseError) -> Exchange {
        try send { handle in PQsendQuery(handle, sql) }
        var exchange = Exchange()
        try finish(&exchange)
        return exchange
    }

    /// Reads the current command's answers to the end.
    ///
    /// - Throws: The first error among them.
    func finish(_ exchange: inout Exchange) throws(DatabaseError) {
        while let answer = try nextAnswer() {
            try take(answer, &exchange)
        }
        isReading = false
        if let error = exchange.error(self) { throw error }
    }

    /// Takes one answer of the current command.
    func take(_ answer: consuming Answer, _ exchange: inout Exchange) throws(DatabaseError) {
        switch answer.status {
        case PGRES_COPY_IN: try refuseCopyIn(&exchange)
        case PGRES_COPY_OUT: try dropCopyOut(&exchange)
        case PGRES_COPY_BOTH:
            abandon()
            throw DatabaseError(.unsupported, "replication is not supported", isConnectionUsable: false)
        default:
            if let tag = answer.tag { number.observe(tag) }
            exchange.take(answer, names)
        }
    }

    private func refuseCopyIn(_ exchange: inout Exchange) throws(DatabaseError) {
        exchange.refuseCopy()
        let handle = try open()
        while PQputCopyEnd(handle, "COPY is not executed as a statement") == 0 {
            try flush(handle)
        }
        try flush(handle)
    }

    private func dropCopyOut(_ exchange: inout Exchange) throws(DatabaseError) {
        exchange.refuseCopy()
        let handle = try open()
        while true {
            var data: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(handle, &data, 1)
            PQfreemem(data)
            // Less than zero is the end or an error; the next answer tells which.
            if length < 0 { return }
            if length == 0 { try receive(handle) }
        }
    }
}
