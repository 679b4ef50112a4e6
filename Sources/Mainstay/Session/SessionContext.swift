// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A session's work on its connection. Synchronous, not `Sendable`, and only ever touched on the lane.
///
/// ``Session`` is the door through which one gets here; queries and row sequences hold on to the context, so that they
/// need no hop to go on and, not being `Sendable`, can't leave the scope.
@usableFromInline
package final class SessionContext {
    let resource: PooledConnection
    /// By which number the connection knows this session while it may use it, and who was there before.
    private let lease: (user: Int, before: Int?)
    /// Nil where nothing is cancelled: while a connection is prepared.
    let cancellation: Cancellation?
    // Unchecked, since each statement and each row looks at them: they are touched on the lane alone, and nothing that is called while
    // one of them is being changed comes back to the session.
    @exclusivity(unchecked) var policy: SessionPolicy
    var options: TransactionOptions
    /// Whether the session was made for a scope that only reads.
    let isReadOnlyScope: Bool
    @exclusivity(unchecked) var transaction = TransactionMachine()
    /// The execution whose rows are being read.
    @exclusivity(unchecked) var pending: StatementCache.Entry?
    /// The one whose rows were being read when the session was abandoned.
    var unfinished: StatementCache.Entry?
    /// Whether some of them were read.
    @exclusivity(unchecked) private var hasDelivered = false
    var savepoints = 0
    /// How many savepoints are around what is being done.
    package internal(set) var savepointDepth = 0
    @exclusivity(unchecked) private(set) var statements = 0
    /// Whether an error has told that the connection was lost, and what was set in it.
    @exclusivity(unchecked) var knowsOfLoss = false
    /// Whether the session has another connection by now, and what was set in the first was lost, of which nobody was told.
    var hasLostSettings = false
    /// The unit of work, if the session has one.
    @exclusivity(unchecked) var participant: (any SessionParticipant)?

    init(
        _ resource: PooledConnection,
        options: TransactionOptions,
        isReadOnlyScope: Bool,
        policy: SessionPolicy = SessionPolicy(),
        cancellation: Cancellation?
    ) {
        self.resource = resource
        lease = resource.begin()
        self.cancellation = cancellation
        self.policy = policy
        self.options = options
        self.isReadOnlyScope = isReadOnlyScope
    }

    package var dialect: Dialect { resource.dialect }

    /// Whether the connection is another session's by now, or nobody's. Everything that a session can do asks this first.
    var isClosed: Bool { resource.user != lease.user }

    /// Gives up the right to use the connection.
    func endLease() {
        if !isClosed { resource.end(returningTo: lease.before) }
    }

    /// Throws if the session has ended.
    package func requireOpen() throws(DatabaseError) {
        guard !isClosed else {
            throw DatabaseError(
                .sessionClosed,
                "the session is used after its scope has ended",
                hint: "do all work inside the closure; sessions are not kept"
            )
        }
    }

    // MARK: - Executing

    /// Prepares and starts a statement, beginning a transaction if there is none.
    @usableFromInline
    package func start(
        _ sql: SQL,
        reading: Reading,
        inTransaction: Bool = true
    ) throws(DatabaseError) -> StatementCache.Entry {
        try requireReady()
        if let failure = sql.failure { throw failure }
        if inTransaction { try participant?.flush(before: .statement) }
        let entry = try begins(sql, inTransaction: inTransaction)
        statements += 1
        noteIfCommitting(entry.effect)
        do {
            try entry.statement.start(sql.values, reading: reading)
        } catch {
            // Another session changed a table. The scope is run again, or the caller does it: with the statement prepared anew.
            if error.code == .staleStatement { resource.forgetStatements() }
            throw failed(error.duringExecution, entry)
        }
        pending = entry
        hasDelivered = false
        return entry
    }

    /// Goes to the next row.
    @usableFromInline
    package func step(_ entry: StatementCache.Entry) throws(DatabaseError) -> Bool {
        guard pending === entry else {
            throw DatabaseError(
                isClosed ? .sessionClosed : .misuse,
                "rows are read after the scope or the result has ended"
            )
        }
        do {
            let isRow = try entry.statement.step()
            if isRow { hasDelivered = true }
            return isRow
        } catch {
            throw failed(hasDelivered ? error.during(.rowsDelivered) : error.duringExecution, entry)
        }
    }

    /// Goes on to the next result of an execution.
    func nextResult(_ entry: StatementCache.Entry) throws(DatabaseError) -> Bool {
        guard pending === entry else { return false }
        do {
            return try entry.statement.nextResult()
        } catch {
            throw failed(hasDelivered ? error.during(.rowsDelivered) : error.duringExecution, entry)
        }
    }

    /// Throws if there is another result, which would be dropped without a word.
    @usableFromInline
    package func requireLastResult(_ entry: StatementCache.Entry) throws(DatabaseError) {
        guard try nextResult(entry) else { return }
        throw DatabaseError(
            .tooManyResults,
            "the statement has more than one result, and one was expected",
            hint: "results(_:_:) reads them in order"
        )
    }

    /// Ends an execution; unread rows are discarded.
    @usableFromInline
    package func finish(_ entry: StatementCache.Entry) throws(DatabaseError) -> Completion {
        guard pending === entry else { return Completion(affectedRows: 0) }
        do {
            let completion = try entry.statement.finish()
            cancellation?.ends()
            pending = nil
            succeeded()
            if entry.effect.contains(.changesSchema) { resource.forgetStatements() }
            return completion
        } catch {
            throw failed(hasDelivered ? error.during(.rowsDelivered) : error.duringExecution, entry)
        }
    }

    /// Executes a statement, lets a function read its rows, and ends it, whatever happens.
    @inlinable
    package func run<R>(
        _ sql: SQL,
        reading: Reading,
        _ body: (StatementCache.Entry) throws(DatabaseError) -> R
    ) throws(DatabaseError) -> (R, Completion) {
        let entry = try start(sql, reading: reading)
        let result: R
        do {
            result = try body(entry)
        } catch {
            // A value that can't be read is no reason to leave the connection in the middle of a result.
            _ = try? finish(entry)
            throw error.inStatement(entry.text)
        }
        return (result, try finish(entry))
    }

    /// Executes a statement and discards its rows.
    package func execute(_ sql: SQL) throws(DatabaseError) -> Completion {
        try run(sql, reading: .rowByRow) { (entry) throws(DatabaseError) in
            while try step(entry) {}
        }.1
    }

    /// Executes a statement outside of any transaction.
    func executeAutocommit(_ sql: SQL) throws(DatabaseError) -> Completion {
        guard !isReadOnlyScope else {
            throw DatabaseError(
                .misuse,
                "a read { } scope executes nothing outside of its transaction",
                hint: "use withSession { }"
            )
        }
        guard case .idle = transaction.phase else {
            throw DatabaseError(
                .misuse,
                "a transaction is open, and the statement is to run outside of any",
                hint: "commit() or rollback() first"
            )
        }
        // Whatever becomes of it, it may have been done and is not repeated.
        defer { transaction.committed() }
        let entry = try start(sql, reading: .rowByRow, inTransaction: false)
        while try step(entry) {}
        return try finish(entry)
    }

    package func executeBatch(_ statements: [SQL]) throws(DatabaseError) -> Completion {
        guard let first = statements.first else { return Completion(affectedRows: 0) }
        for statement in statements {
            if let failure = statement.failure { throw failure }
            guard statement.shape == first.shape else {
                throw DatabaseError(
                    .misuse,
                    "a batch is one statement with several sets of parameters, and these statements differ",
                    hint: "write the statement as one literal that differs in its values only"
                )
            }
        }
        return try executeBatch(first, sets: statements.map(\.values))
    }

    /// Executes a statement once for each set of values, instead of those that it has.
    package func executeBatch(_ sql: SQL, sets: [[Value]]) throws(DatabaseError) -> Completion {
        try requireReady()
        try participant?.flush(before: .statement)
        let entry = try begins(sql)
        noteIfCommitting(entry.effect)
        return try completing(entry) { () throws(DatabaseError) in try entry.statement.executeBatch(sets) }.0
    }

    /// Inserts rows past statements, if the database has a way to do that. Flushes nothing before.
    ///
    /// - Returns: How many; nil if nothing was done.
    package func load(_ rows: RowLoad) throws(DatabaseError) -> Int? {
        try requireReady()
        try begins()
        return try completing { () throws(DatabaseError) in try resource.connection.load(rows) }.0
    }

    /// Executes something of which no rows are to be read, so that it has ended when the function returns.
    func completing<Result>(
        _ entry: StatementCache.Entry? = nil,
        _ body: () throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> (Result, SessionTrace) {
        statements += 1
        do {
            let result = try body()
            cancellation?.ends()
            return (result, succeeded())
        } catch {
            throw failed(error.duringExecution, entry)
        }
    }

    func withConnection<Native, R>(as type: Native.Type, _ body: (Native) throws -> R) throws -> R {
        try requireReady()
        guard let native = resource.connection as? Native else {
            throw DatabaseError(.misuse, "the connection is a \(Swift.type(of: resource.connection)), no \(type)")
        }
        try participant?.flush(before: .statement)
        try begins()
        defer { cancellation?.ends() }
        resource.isTouched = true
        do {
            let result = try body(native)
            // If the function broke the connection, the next statement says so.
            if resource.connection.isUsable { succeeded() }
            return result
        } catch {
            let cause =
                error as? DatabaseError ?? DatabaseError(.other, "the driver's connection was used", cause: error)
            let trace = resource.takeTrace()
            telling(trace) { $0.failed(cause, server: resource.connection.transactionState, trace: trace) }
            throw error
        }
    }

    /// Where DDL is not part of the transaction, a statement that is lost may have committed what was before it.
    private func noteIfCommitting(_ effect: StatementEffect) {
        if commits(effect) { transaction.mayCommit() }
    }

    private func commits(_ effect: StatementEffect) -> Bool {
        effect.contains(.mayCommit) && !dialect.capabilities.contains(.transactionalDDL)
    }

    /// A statement is about to be sent. If there is nothing to send in the end, nothing is left to be stopped either.
    private func begins(_ sql: SQL, inTransaction: Bool = true) throws(DatabaseError) -> StatementCache.Entry {
        try begins(inTransaction: inTransaction)
        do {
            return try prepare(sql)
        } catch {
            cancellation?.ends()
            throw error
        }
    }

    private func prepare(_ sql: SQL) throws(DatabaseError) -> StatementCache.Entry {
        if let entry = resource.cache.find(sql.shape) {
            if entry.effect.contains(.touchesSession) { resource.isTouched = true }
            return entry
        }
        let rendered = try sql.render(for: dialect)
        let effect = StatementEffect(of: rendered.text)
        guard !effect.contains(.isEmpty) else { throw DatabaseError(.syntaxError, "there is no statement in the text") }
        guard !effect.contains(.controlsTransaction) else {
            throw DatabaseError.statementControlsTransaction.inStatement(rendered.text)
        }
        if effect.contains(.touchesSession) { resource.isTouched = true }
        let statement: any PreparedStatement
        do {
            statement = try resource.connection.prepare(rendered.text, parameterTypes: rendered.parameterTypes)
        } catch {
            // It was not executed yet, whatever became of the connection.
            throw failed(error.duringPreparation).inStatement(rendered.text)
        }
        let entry = StatementCache.Entry(statement: statement, text: rendered.text, effect: effect)
        for evicted in resource.cache.insert(entry, for: sql.shape) {
            evicted.statement.close()
        }
        return entry
    }

    func requireReady() throws(DatabaseError) {
        try requireOpen()
        try transaction.requireUsable()
        try resource.requireNotBrokenOff()
        guard pending == nil else {
            throw DatabaseError(
                .resultPending,
                "another result of this session is still being read",
                hint: "leave its loop first, or collect its rows with all()"
            )
        }
    }

    func failed(_ error: DatabaseError, _ entry: StatementCache.Entry? = nil) -> DatabaseError {
        pending = nil
        let error = explained(error)
        if !error.isConnectionUsable { knowsOfLoss = true }
        let located = entry.map { error.inStatement($0.text) } ?? error
        let (server, trace) = (resource.connection.transactionState, resource.takeTrace())
        let isCommitting = entry.map { commits($0.effect) } ?? false
        telling(trace) { machine in
            if isCommitting {
                machine.failedCommitting(located, server: server, trace: trace)
            } else {
                machine.failed(located, server: server, trace: trace)
            }
        }
        return located
    }
}

extension DatabaseError {
    /// The same error of a statement that was executed.
    fileprivate var duringExecution: DatabaseError {
        during(code == .connectionLost ? .maybeSent : .refused)
    }

    /// The same error of a statement that was to be prepared.
    fileprivate var duringPreparation: DatabaseError {
        during(code == .connectionLost ? .notSent : .refused)
    }
}
