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
        try endCopy(try open(), because: "COPY is not executed as a statement")
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

// MARK: - COPY

extension Link {
    /// Executes a COPY … FROM STDIN.
    ///
    /// - Parameter body: Calls a function with what is to be sent, part after part. If it throws, nothing is inserted, and the
    ///   transaction has failed.
    /// - Returns: The number of rows.
    func copy(
        _ sql: String,
        _ body: (_ send: ([UInt8]) throws(DatabaseError) -> Void) throws(DatabaseError) -> Void
    ) throws(DatabaseError) -> Int {
        try send { handle in PQsendQuery(handle, sql) }
        var exchange = Exchange()
        if let answer = try nextAnswer() {
            if answer.status == PGRES_COPY_IN {
                let handle = try open()
                do throws(DatabaseError) {
                    try body { (bytes) throws(DatabaseError) in try sendCopy(bytes, handle) }
                } catch {
                    try endCopy(handle, because: "there are no more rows")
                    // It is the consequence, and no news.
                    do throws(DatabaseError) { try finish(&exchange) } catch  where isUsable {}
                    throw error
                }
                try endCopy(handle)
            } else {
                try take(answer, &exchange)
            }
        }
        try finish(&exchange)
        return exchange.affectedRows
    }

    private func sendCopy(_ bytes: [UInt8], _ handle: OpaquePointer) throws(DatabaseError) {
        var sent = 0
        while sent < bytes.count {
            let size = min(1 << 16, bytes.count - sent)
            let status = bytes.withUnsafeBytes { bytes in
                PQputCopyData(
                    handle,
                    bytes.baseAddress?.advanced(by: sent).assumingMemoryBound(to: CChar.self),
                    Int32(size)
                )
            }
            // Of a connection that is broken the answer tells.
            if status < 0 { return }
            if status == 1 { sent += size }
            try flush(handle)
        }
    }

    /// - Parameter reason: Why nothing is to be inserted.
    private func endCopy(_ handle: OpaquePointer, because reason: String? = nil) throws(DatabaseError) {
        while PQputCopyEnd(handle, reason) == 0 { try flush(handle) }
        try flush(handle)
    }
}
