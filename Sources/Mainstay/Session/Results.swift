// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The results of one statement, in the order in which the database gives them; see ``Session/results(_:_:)``.
public final class Results {
    private let context: SessionContext
    private let entry: StatementCache.Entry
    private var isFirst = true

    init(_ context: SessionContext, _ entry: StatementCache.Entry) {
        self.context = context
        self.entry = entry
    }

    /// The rows of the next result.
    ///
    /// - Throws: `noRows` if there is no other result; ``DatabaseError``.
    public func next() throws(DatabaseError) -> [Row] { try next(.rows) }

    /// The values of the next result, which has one column.
    ///
    /// - Throws: `noRows` if there is no other result; ``DatabaseError``.
    public func next<Value: SQLDecodable>(as type: Value.Type) throws(DatabaseError) -> [Value] { try next(.values()) }

    /// The rows of the next result as tuples.
    ///
    /// - Throws: `noRows` if there is no other result; ``DatabaseError``.
    public func next<First: SQLDecodable, Second: SQLDecodable, each Other: SQLDecodable>(
        as type: (First, Second, repeat each Other).Type
    ) throws(DatabaseError) -> [(First, Second, repeat each Other)] {
        try next(.tuples())
    }

    /// The rows of the next result as `Decodable` values, by their columns' names.
    ///
    /// - Throws: `noRows` if there is no other result; ``DatabaseError``.
    public func next<Output: Decodable>(decoding type: Output.Type) throws(DatabaseError) -> [Output] {
        try next(.decodable(type))
    }

    private func next<Output>(_ reading: RowReading<Output>) throws(DatabaseError) -> [Output] {
        let isThere = isFirst ? !entry.statement.columns.isEmpty : try context.nextResult(entry)
        isFirst = false
        guard isThere else { throw DatabaseError(.noRows, "the statement has no other result, and one was expected") }
        let read = try reading.prepare(entry.statement.columns)
        var outputs: [Output] = []
        while try context.step(entry) { outputs.append(try read(entry.statement)) }
        return outputs
    }
}

@available(*, unavailable, message: "results stay in the scope of their session")
extension Results: Sendable {}
