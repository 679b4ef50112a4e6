// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// Inserts records of which nothing is read back.
///
/// What looks at each record is inlined where its type is known, which takes half of the time; the rest knows values only.
@usableFromInline
struct BulkInsertion {
    /// How many records are kept at once: no more than a statement's time is meant for.
    @usableFromInline static let partSize = 10_000
    /// For fewer rows a statement takes less time than to find out whether there is another way.
    private static let leastLoaded = 500
    /// How many rows the server works on while the next ones are made.
    private static let leastSent = 1000

    /// The values of the columns of some rows, row after row.
    @usableFromInline typealias Rows = (_ rows: Range<Int>, _ columns: [Int]) throws(DatabaseError) -> [Value]

    private let unit: UnitOfWork
    private let schema: RecordSchema
    /// Whether rows may go past statements.
    private var mayLoad: Bool

    @usableFromInline
    init(_ unit: UnitOfWork, _ schema: RecordSchema) {
        self.unit = unit
        self.schema = schema
        mayLoad = unit.context.dialect.capabilities.contains(.rowLoading)
    }

    /// Inserts the next records.
    @inlinable
    mutating func insert<R: Record>(_ records: [R]) throws(DatabaseError) {
        var absent: [ColumnSet] = []
        absent.reserveCapacity(records.count)
        for record in records { absent.append(try R.absent(in: record)) }
        // Rows that leave the same columns to the database go together.
        var kinds: [ColumnSet] = []
        for columns in absent where columns != kinds.last && !kinds.contains(columns) { kinds.append(columns) }
        for kind in kinds {
            let group = kinds.count == 1 ? records : records.indices.filter { absent[$0] == kind }.map { records[$0] }
            try insert(group.count, absent: kind) { (rows, columns) throws(DatabaseError) in
                try R.values(of: group[rows], in: columns)
            }
        }
    }

    /// - Throws: `invalidParameter` for a column that has values of several types.
    @usableFromInline
    mutating func insert(_ count: Int, absent: ColumnSet, _ values: @escaping Rows) throws(DatabaseError) {
        let given = schema.all.subtracting(absent)
        if mayLoad, count >= Self.leastLoaded, !given.isEmpty {
            mayLoad = try load(count, given.indices, values)
            if mayLoad { return }
        }
        try execute(count, given, values)
    }

    /// - Returns: Whether the database has a way past statements; nothing has happened if not.
    private func load(_ count: Int, _ columns: [Int], _ values: @escaping Rows) throws(DatabaseError) -> Bool {
        let types = try schema.types(of: values(0..<1, columns), in: columns)
        let schema = schema
        var next = 0
        let load = RowLoad(
            table: schema.table,
            columns: columns.map { schema.columns[$0].name },
            types: types
        ) { () throws(DatabaseError) in
            guard next < count else { return nil }
            let rows = next..<min(next + Self.leastSent, count)
            next = rows.upperBound
            let values = try values(rows, columns)
            _ = try schema.types(of: values, in: columns, types)
            return values
        }
        return try unit.context.load(load) != nil
    }

    /// Inserts rows by statements.
    func execute(_ count: Int, _ given: ColumnSet, _ values: Rows) throws(DatabaseError) {
        let columns = given.indices
        var types: [ValueType] = []
        for batch in unit.context.dialect.batches(of: count, columns: columns.count) {
            let values = try values(batch, columns)
            types = try schema.types(of: values, in: columns, types)
            let bound = try unit.bound(values, columns, of: schema)
            let boundTypes = bound.prefix(columns.count).map(\.type)
            _ = try unit.context.execute(schema.insertion(given, SQL.rows(bound, of: boundTypes)))
        }
    }
}

extension Dialect {
    /// Which rows go into a statement: powers of two, so that few statements are prepared for any number of rows.
    func batches(of count: Int, columns: Int) -> [Range<Int>] {
        // Rows without any column are inserted one by one.
        let limit = columns == 0 ? 1 : max(1, min(1024, parameterLimit / columns))
        var batches: [Range<Int>] = []
        var start = 0
        while start < count {
            var size = 1
            while size * 2 <= min(limit, count - start) { size *= 2 }
            batches.append(start..<start + size)
            start += size
        }
        return batches
    }
}

extension RecordSchema {
    /// The types of the values of columns, row after row.
    ///
    /// - Parameter known: Those of the rows before these, if there were any.
    /// - Throws: `invalidParameter` for a column that has values of several types.
    func types(of values: [Value], in columns: [Int], _ known: [ValueType] = []) throws(DatabaseError) -> [ValueType] {
        let types = known.isEmpty ? values.prefix(columns.count).map(\.type) : known
        var place = 0
        for value in values {
            guard value.type == types[place] else {
                throw DatabaseError(
                    .invalidParameter,
                    "column \"\(self.columns[columns[place]].name)\" of \(name) has values of several types",
                    hint: "an SQLEncodable type gives values of its sqlType only"
                )
            }
            place = place + 1 == columns.count ? 0 : place + 1
        }
        return types
    }
}
