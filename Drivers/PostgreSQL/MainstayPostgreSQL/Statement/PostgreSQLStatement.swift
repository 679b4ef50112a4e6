// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// A statement that is prepared on the server, and the cursor over its result.
final class PostgreSQLStatement: PreparedStatement {
    private(set) var columns: [Column] = []

    let link: Link
    var parameters: ParameterBuffer
    private let text: String
    /// Whether it writes, and whether it is nothing but a query, as far as its first word tells.
    private let isWrite: Bool
    private let isQuery: Bool
    private let parameterTypes: [Oid]

    // The server's knowledge of the statement: under which name, and since when.
    private var name = ""
    private var generation = -1

    // Unchecked, since each cell looks at them: they are touched on the lane alone, and by nothing that `cell(at:)` calls.
    // How each column is read, and the format in which all of them come: 1 for binary, 0 for text.
    @exclusivity(unchecked) private var readers: ContiguousArray<ColumnReader> = []
    @exclusivity(unchecked) private var format: Int32 = 0

    // The rows at hand. The pointer is the answer's, for a quick look.
    private var answer: Answer?
    @exclusivity(unchecked) private var rows: OpaquePointer?
    @exclusivity(unchecked) private var row: Int32 = -1
    @exclusivity(unchecked) private var rowCount: Int32 = 0
    private var affectedRows = 0
    private let storage = RowStorage()

    init(_ text: String, _ types: [ValueType], _ link: Link) throws(DatabaseError) {
        guard !text.utf8.contains(0) else { throw DatabaseError(.invalidParameter, "the statement contains U+0000") }
        guard types.count <= 65535 else {
            throw DatabaseError(.invalidParameter, "\(types.count) parameters are more than PostgreSQL takes, 65535")
        }
        self.link = link
        self.text = text
        let word = text.prefix { $0.isLetter }.uppercased()
        (isWrite, isQuery) = (Self.writingWords.contains(word), Self.queryingWords.contains(word))
        parameterTypes = types.map(\.oid)
        parameters = ParameterBuffer(types)
        try prepare()
    }

    /// Frees the statement, together with others and later.
    func close() {
        answer = nil
        rows = nil
        link.names.discard(name, generation: generation)
    }

    /// The name by which the server knows the statement.
    ///
    /// - Throws: ``DatabaseError`` if it does not know it any more, and now does not take it.
    func knownName() throws(DatabaseError) -> String {
        if generation != link.names.generation { try prepare() }
        return name
    }

    /// Notes that the statement must be prepared again.
    func forget() {
        close()
        generation = -1
    }
}

// MARK: - Preparing

extension PostgreSQLStatement {
    /// Has the server parse the statement and describe its parameters and columns: one round trip.
    private func prepare() throws(DatabaseError) {
        try requireUTF8()
        let name = link.names.next()
        var parameterCount = 0
        try link.pipeline(
            { handle in
                guard PQsendPrepare(handle, name, text, Int32(parameterTypes.count), parameterTypes) == 1,
                    PQsendDescribePrepared(handle, name) == 1
                else { return 0 }
                return PQpipelineSync(handle)
            },
            // The answer to the first is empty, and the second's follows it.
            take: { answer in
                parameterCount = Int(PQnparams(answer.pointer))
                columns = answer.columns
                chooseFormat(answer.pointer)
            }
        )
        (self.name, generation) = (name, link.names.generation)
        let placeholders = parameterCount > 0 ? Placeholders.highest(in: text) : 0
        guard parameterCount == parameterTypes.count, placeholders == parameterCount else {
            close()
            throw DatabaseError(
                .parameterCount,
                "the statement has \(placeholders) placeholders and is given \(parameterTypes.count) values"
            )
        }
    }

    /// One format for all columns is what libpq offers: binary, unless there is a type of which only the text is known.
    private func chooseFormat(_ description: OpaquePointer) {
        let known = (0..<PQnfields(description)).map { ColumnReader(PQftype(description, $0)) }
        readers = ContiguousArray(known.map { $0 ?? .unknown })
        format = known.contains { $0 == nil } ? 0 : 1
    }

    private func requireUTF8() throws(DatabaseError) {
        guard link.speaksUTF8 || !link.isUsable else {
            throw DatabaseError(
                .unsupported,
                "client_encoding was changed, and texts are UTF-8",
                hint: "SET client_encoding TO 'UTF8'"
            )
        }
    }
}

// MARK: - Executing

extension PostgreSQLStatement {
    func start(_ values: [Value], reading: Reading) throws(DatabaseError) {
        clear()
        try parameters.encode(values)
        let isAlone = link.transactionState == .none
        do throws(DatabaseError) {
            try execute(reading)
        } catch  where error.code == .staleStatement {
            forget()
            link.readingLimit = nil
            // The server refused to begin, so nothing has happened yet, and no transaction has failed with it but its own.
            guard isAlone, link.isUsable else { throw error }
            if link.transactionState == .failed { try link.run("ROLLBACK") }
            try execute(reading)
        }
    }

    private static let writingWords: Set<String> = ["INSERT", "UPDATE", "DELETE", "MERGE", "WITH"]
    private static let queryingWords: Set<String> = ["SELECT", "WITH", "VALUES", "TABLE"]

    private func execute(_ reading: Reading) throws(DatabaseError) {
        try requireUTF8()
        let name = try knownName()
        if link.isLimitedToReading, link.transactionState == .none { return try executeReading(name) }
        if isWrite, link.number.isMissing {
            if case .all = reading { return try executeAndNumber(name) }
            if readers.isEmpty { return try executeAndNumber(name) }
        }
        try link.send { handle in
            let isSent = parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, format)
            }
            // Not possible any more once something has arrived, and libpq reads nothing in between.
            if isSent == 1, case .rowByRow = reading { return mainstay_read_in_batches(handle) }
            return isSent
        }
        link.isReading = true
        try receive()
        guard case .all = reading, link.isReading else { return }
        try finishReading()
    }

    /// Executes the statement and asks for the transaction's number in the same round trip.
    private func executeAndNumber(_ name: String) throws(DatabaseError) {
        let question = link.number.question
        try execute(
            name,
            before: { PQsendQueryParams($0, question, 0, nil, nil, nil, nil, 0) },
            takeLast: { answer in link.number.take(answer) }
        )
    }

    /// Executes the statement in a transaction of its own that only reads, in one round trip.
    ///
    /// CALL and DO may end such a transaction, and then write in the next one, unless it was begun: then they may not.
    private func executeReading(_ name: String) throws(DatabaseError) {
        guard isQuery else {
            link.wasBegunReadOnly = true
            return try execute(
                name,
                after: { PQsendQueryParams($0, "BEGIN READ ONLY", 0, nil, nil, nil, nil, 0) },
                before: { PQsendQueryParams($0, "COMMIT", 0, nil, nil, nil, nil, 0) }
            )
        }
        let limit = try link.knownReadingLimit()
        try execute(name, after: { PQsendQueryPrepared($0, limit.name, 0, nil, nil, nil, 0) })
    }

    /// Executes the statement together with others in one round trip. Its rows, if any, come at once.
    ///
    /// - Parameters:
    ///   - first: Queues what comes before the statement, if anything does.
    ///   - last: Queues what follows it, if anything does.
    ///   - takeLast: Looks at the answer to that.
    private func execute(
        _ name: String,
        after first: ((OpaquePointer) -> Int32)? = nil,
        before last: ((OpaquePointer) -> Int32)? = nil,
        takeLast: (borrowing Answer) -> Void = { _ in }
    ) throws(DatabaseError) {
        try link.enterPipeline()
        try link.flushPipeline { handle in
            if let first, first(handle) != 1 { return 0 }
            let isQueued = parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, format)
            }
            guard isQueued == 1, last.map({ $0(handle) == 1 }) ?? true else { return 0 }
            return PQpipelineSync(handle)
        }
        var exchange = Exchange()
        // Up to the nil that ends the answers to it.
        while first != nil, let answer = try link.nextAnswer() { try link.takeFromPipeline(answer, &exchange) }
        var rows: Answer?
        if let answer = try link.nextAnswer() {
            let isRows = answer.status == PGRES_TUPLES_OK
            if isRows { rows = consume answer } else { try link.takeFromPipeline(answer, &exchange) }
        }
        try link.leavePipeline(&exchange, syncs: 1, take: takeLast)
        affectedRows += exchange.affectedRows
        if let rows { try take(rows) }
    }

    /// Takes the next answer if it is rows, and all that is left if it is anything else.
    private func receive() throws(DatabaseError) {
        guard let next = try link.nextAnswer() else {
            link.isReading = false
            return
        }
        let status = next.status
        guard status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE || status == MAINSTAY_TUPLES_CHUNK else {
            var exchange = Exchange()
            try link.take(next, &exchange)
            try link.finish(&exchange)
            affectedRows += exchange.affectedRows
            return
        }
        try take(next)
    }

    private func take(_ next: consuming Answer) throws(DatabaseError) {
        guard Int(PQnfields(next.pointer)) == readers.count else {
            link.abandon()
            throw DatabaseError(.connectionLost, "the server sent other columns than it had announced")
        }
        affectedRows += next.affectedRows
        rows = next.pointer
        rowCount = PQntuples(next.pointer)
        row = -1
        answer = consume next
    }

    /// Reads to the end, where a deferred constraint may fail.
    private func finishReading() throws(DatabaseError) {
        guard link.isReading else { return }
        var exchange = Exchange()
        try link.finish(&exchange)
        affectedRows += exchange.affectedRows
    }

    /// Those that have arrived and were not read.
    var rowsAtHand: Int { Int(rowCount - row - 1) }

    func step() throws(DatabaseError) -> Bool {
        storage.reset()
        row += 1
        while row >= rowCount {
            guard link.isReading else { return false }
            clearRows()
            try receive()
            row += 1
        }
        return true
    }

    func cell(at index: Int) throws(DatabaseError) -> Cell {
        let column = Int32(truncatingIfNeeded: index)
        let length = PQgetlength(rows, row, column)
        // libpq gives no length for NULL; the question is put only when it matters.
        if length == 0, PQgetisnull(rows, row, column) == 1 { return .null }
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(rows, row, column), count: Int(length))
        return format == 1
            ? try BinaryFormat.cell(bytes, readers[index], storage)
            : try TextFormat.cell(bytes, readers[index], storage)
    }

    /// Ends the execution. Rows that were not read are received and dropped: cancelling would fail the transaction.
    func finish() throws(DatabaseError) -> Completion {
        defer { clear() }
        try finishReading()
        return Completion(affectedRows: affectedRows)
    }

    private func clear() {
        clearRows()
        storage.reset()
        affectedRows = 0
    }

    private func clearRows() {
        answer = nil
        rows = nil
        row = -1
        rowCount = 0
    }
}
