// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A statement and how its rows are read. Executed by each of its methods, and not before.
///
/// A query belongs to its session's scope: it is not `Sendable`, so the compiler keeps it from leaving.
///
/// | method | rows |
/// |---|---|
/// | ``all()`` | all of them |
/// | ``first()`` | the first, or nil; others are ignored |
/// | ``one()`` | exactly one, else an error |
/// | ``oneOrNil()`` | one or none, else an error |
/// | ``rows()``, ``forEach(_:)``, `for try await` | one after the other in constant memory |
public struct Query<Output> {
    @usableFromInline let context: SessionContext
    @usableFromInline let sql: SQL
    @usableFromInline let reading: RowReading<Output>

    @inlinable
    package init(_ context: SessionContext, _ sql: SQL, _ reading: RowReading<Output>) {
        self.context = context
        self.sql = sql
        self.reading = reading
    }

    /// All rows.
    ///
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func all() throws(DatabaseError) -> [Output] {
        try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
            let read = try reading.prepare(entry.statement.columns)
            var outputs: [Output] = []
            outputs.reserveCapacity(entry.statement.rowsAtHand)
            while try context.step(entry) {
                outputs.append(try read(entry.statement))
            }
            try context.requireLastResult(entry)
            return outputs
        }.0
    }

    /// The first row, or nil if there is none. Further rows are ignored; a `LIMIT` keeps the server from sending them.
    ///
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func first() throws(DatabaseError) -> Output? {
        try context.run(sql, reading: .rowByRow) { (entry) throws(DatabaseError) in
            let read = try reading.prepare(entry.statement.columns)
            return try context.step(entry) ? try read(entry.statement) : nil
        }.0
    }

    /// The only row.
    ///
    /// - Throws: `noRows` or `tooManyRows` if the result has not exactly one; ``DatabaseError`` otherwise.
    @inlinable
    public func one() throws(DatabaseError) -> Output {
        try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
            let read = try reading.prepare(entry.statement.columns)
            guard try context.step(entry) else {
                throw DatabaseError(.noRows, "the result has no row, and one was expected")
            }
            let output = try read(entry.statement)
            try requireEnd(entry)
            return output
        }.0
    }

    /// The only row, or nil if there is none.
    ///
    /// - Throws: `tooManyRows` if the result has more than one; ``DatabaseError`` otherwise.
    @inlinable
    public func oneOrNil() throws(DatabaseError) -> Output? {
        try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
            let read = try reading.prepare(entry.statement.columns)
            guard try context.step(entry) else {
                try context.requireLastResult(entry)
                return nil
            }
            let output = try read(entry.statement)
            try requireEnd(entry)
            return output
        }.0
    }

    @usableFromInline
    func requireEnd(_ entry: StatementCache.Entry) throws(DatabaseError) {
        guard try context.step(entry) else { return try context.requireLastResult(entry) }
        throw DatabaseError(
            .tooManyRows,
            "the result has more than one row, and one was expected",
            hint: "narrow the statement, or use first() to ignore the others"
        )
    }

    /// The rows one after the other, fetched as they are asked for.
    ///
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func rows() throws(DatabaseError) -> Rows<Output> {
        let entry = try context.start(sql, reading: .rowByRow)
        do {
            return Rows(context, entry, try reading.prepare(entry.statement.columns))
        } catch {
            _ = try? context.finish(entry)
            throw error.inStatement(entry.text)
        }
    }

    /// Calls a function for each row, in constant memory.
    ///
    /// - Throws: ``DatabaseError``, or what the function throws; the remaining rows are then discarded.
    @inlinable
    public func forEach(_ body: (consuming Output) throws -> Void) throws {
        let entry = try context.start(sql, reading: .rowByRow)
        do {
            let read = try located(entry) { () throws(DatabaseError) in try reading.prepare(entry.statement.columns) }
            // Not by way of `Rows`, whose optional of a row costs as much as to read some columns of it.
            while try context.step(entry) {
                try body(try located(entry) { () throws(DatabaseError) in try read(entry.statement) })
            }
            try context.requireLastResult(entry)
        } catch {
            _ = try? context.finish(entry)
            throw error
        }
        _ = try context.finish(entry)
    }

    @inlinable
    func located<Result>(
        _ entry: StatementCache.Entry,
        _ body: () throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        do {
            return try body()
        } catch {
            throw error.inStatement(entry.text)
        }
    }
}

@available(*, unavailable, message: "a query stays in the scope of its session")
extension Query: Sendable {}

extension Query: AsyncSequence {
    /// What a row is read as.
    public typealias Element = Output

    /// Goes through the rows without leaving the session's lane.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline let query: Query<Output>
        @usableFromInline var rows: Rows<Output>?

        @inlinable
        init(_ query: Query<Output>) {
            self.query = query
        }

        /// The next row, or nil after the last.
        @inlinable
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(DatabaseError) -> Output? {
            if rows == nil { rows = try query.rows() }
            return try rows?.next()
        }

        /// The next row, or nil after the last.
        @inlinable
        public mutating func next() async throws(DatabaseError) -> Output? {
            if rows == nil { rows = try query.rows() }
            return try rows?.next()
        }
    }

    /// Makes the iterator of a `for try await` loop. Leaving the loop early discards the remaining rows.
    @inlinable
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(self)
    }
}
