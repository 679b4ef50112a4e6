// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// A statement, and the cursor over its result.
///
/// The server keeps it under a name, if the session is this connection's own. Behind a pooler that gives each transaction
/// another session, its text travels with each execution, and so does that of one with more parameters than libpq lets
/// the server describe.
final class PostgreSQLStatement: PreparedStatement {
    private(set) var columns: [Column] = []

    let link: Link
    var parameters: ParameterBuffer
    private let text: String
    /// Whether it writes, and whether it is nothing but a query, as far as its first word tells.
    private let isWrite: Bool
    private let isQuery: Bool
    private let parameterTypes: [Oid]
    /// True if the server keeps the statement under a name.
    let isNamed: Bool
    private let demand: SessionDemand?

    // The server's knowledge of the statement: under which name, since when, and for which search path.
    private var name = ""
    private var generation = -1
    private var path = -1

    // Unchecked, since each cell looks at them: they are touched on the lane alone, and by nothing that `cell(at:)` calls.
    // Each column's type, how it is read, and the format in which all of them come: 1 for binary, 0 for text.
    @exclusivity(unchecked) private var types: ContiguousArray<Oid> = []
    @exclusivity(unchecked) private var readers: ContiguousArray<ColumnReader> = []
    @exclusivity(unchecked) private var format: Int32 = 0
    // Whether the columns are known to be those of the execution.
    @exclusivity(unchecked) private var hasColumns = false

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
        isNamed = !link.sharesServer && types.count <= Self.describableParameters
        demand = SessionDemand.mayChangePath(text) ? SessionDemand(of: text) : nil
        try Placeholders.require(types.count, in: text)
        try requireUTF8()
        if isNamed { try prepare() }
    }

    /// The largest number of parameters whose description any libpq takes: some releases refuse one of more than 30,000
    /// bytes, and then the connection is lost.
    private static let describableParameters = 7498

    /// Frees the statement, together with others and later.
    func close() {
        answer = nil
        rows = nil
        if isNamed { link.names.discard(name, generation: generation) }
    }

    /// The name by which the server knows the statement, or an empty one if it is sent as it is.
    ///
    /// The server would plan it anew itself for another search path, but refuse it if then its columns had other types.
    ///
    /// - Throws: ``DatabaseError`` if it does not know it any more, and now does not take it.
    func knownName() throws(DatabaseError) -> String {
        guard isNamed else { return "" }
        if link.transactionState == .none { link.names.pathMayReturn(isEnd: true) }
        let isElsewhere = path != link.names.path && demand?.isOfNoTable != true
        if isElsewhere { forget() }
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
    /// Has the server parse the statement and describe its columns: one round trip.
    private func prepare() throws(DatabaseError) {
        try requireUTF8()
        let name = link.names.next()
        try link.pipeline(
            { handle in
                guard PQsendPrepare(handle, name, text, Int32(parameterTypes.count), parameterTypes) == 1,
                    PQsendDescribePrepared(handle, name) == 1
                else { return 0 }
                return PQpipelineSync(handle)
            },
            // The answer to the first is empty, and the second's follows it. One format for all columns is what libpq
            // offers: binary, unless there is a type of which only the text is known.
            take: { answer in format = readColumns(of: answer) ? 1 : 0 }
        )
        (self.name, generation, path) = (name, link.names.generation, link.names.path)
    }

    /// Takes the columns from a result, or from the description of one.
    ///
    /// - Returns: Whether all are of types whose binary format is known.
    @discardableResult
    private func readColumns(of answer: borrowing Answer) -> Bool {
        columns = answer.columns
        types = ContiguousArray((0..<PQnfields(answer.pointer)).map { PQftype(answer.pointer, $0) })
        let known = types.map { ColumnReader($0) }
        readers = ContiguousArray(known.map { $0 ?? .unknown })
        return known.allSatisfy { $0 != nil }
    }

    /// Whether a result has the columns that are known. Their names can't change while the server keeps the statement.
    private func knowsColumns(of result: OpaquePointer) -> Bool {
        guard Int(PQnfields(result)) == types.count else { return false }
        for (index, type) in types.enumerated() {
            let index = Int32(truncatingIfNeeded: index)
            guard PQftype(result, index) == type else { return false }
            if !isNamed, PQfname(result, index).map({ String(cString: $0) }) != columns[Int(index)].name {
                return false
            }
        }
        return true
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
        defer { notePath() }
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

    /// Notes that what was executed may have changed the search path.
    func notePath() {
        if demand?.changesPath == true { link.names.pathChanged(inTransaction: link.transactionState != .none) }
    }

    /// True if it is known that a statement that writes returns nothing.
    private var returnsNoRows: Bool {
        isNamed ? readers.isEmpty : !isQuery && !text.uppercased().contains("RETURNING")
    }

    private static let writingWords: Set<String> = ["INSERT", "UPDATE", "DELETE", "MERGE", "WITH"]
    private static let queryingWords: Set<String> = ["SELECT", "WITH", "VALUES", "TABLE"]

    private func execute(_ reading: Reading) throws(DatabaseError) {
        try requireUTF8()
        let name = try knownName()
        if link.isLimitedToReading, link.transactionState == .none { return try executeReading(name) }
        if isWrite, link.number.isMissing {
            if case .all = reading { return try executeAndNumber(name) }
            if returnsNoRows { return try executeAndNumber(name) }
        }
        try link.send { handle in
            let isSent = send(handle, name)
            // Not possible any more once something has arrived, and libpq reads nothing in between.
            if isSent == 1, case .rowByRow = reading { return mainstay_read_in_batches(handle) }
            return isSent
        }
        link.isReading = true
        try receive()
        guard case .all = reading, link.isReading else { return }
        try finishReading()
    }

    /// Hands one execution with the values that are in the buffer to libpq, which gives 1 for success.
    private func send(_ handle: OpaquePointer, _ name: String) -> Int32 {
        parameters.withPointers { count, values, lengths, formats in
            isNamed
                ? PQsendQueryPrepared(handle, name, count, values, lengths, formats, format)
                // As text, which can be read whatever types the columns turn out to have.
                : PQsendQueryParams(handle, text, count, parameterTypes, values, lengths, formats, 0)
        }
    }

    /// Has the server parse the statement under no name, for the executions that follow at once.
    func sendParsing(_ handle: OpaquePointer) -> Int32 {
        PQsendPrepare(handle, "", text, Int32(parameterTypes.count), parameterTypes)
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
        try execute(name, after: limit)
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
            guard send(handle, name) == 1, last.map({ $0(handle) == 1 }) ?? true else { return 0 }
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
        if !hasColumns {
            if !knowsColumns(of: next.pointer), !readColumns(of: next), format == 1 {
                link.abandon()
                throw DatabaseError(.connectionLost, "the server sent other columns than it had announced")
            }
            hasColumns = true
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
        hasColumns = false
    }

    private func clearRows() {
        answer = nil
        rows = nil
        row = -1
        rowCount = 0
    }
}
