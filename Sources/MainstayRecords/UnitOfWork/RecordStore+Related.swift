// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

extension RecordStore {
    /// The name of the table with the keys, in a join.
    static var joined: TableName { TableName("mainstay_joined") }

    /// The handles of the rows with some keys, by the value that was given for each.
    func load(_ keys: [Value]) throws(DatabaseError) -> [Value: Tracked<R>] {
        let column = try R.keyColumn()
        var found = try load(column, in: keys).compactMapValues(\.first)
        // Each of the rows was found by one of the keys. Where the bytes do not tell by which, the database is asked.
        guard !found.isEmpty else { return [:] }
        let others = keys.unique.filter { $0.mayEqualOthers && found[$0] == nil }
        let rows: SQL = "\(SQL.names(schema.names)) FROM \(schema.tableSQL)"
        for batch in context.dialect.batches(of: others.count, columns: context.dialect.parameterLimit / 64) {
            let selects = others[batch].enumerated().map { place, key in
                "SELECT \(place) AS place, \(rows) WHERE \(schema.equation(column, key))" as SQL
            }
            let sql: SQL = "\(selects, separator: " UNION ALL ")"
            _ = try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
                while try context.step(entry) {
                    let place = try Int(from: entry.statement.cell(at: 0))
                    let row = try R(from: RecordRow(entry.statement, schema, at: 1))
                    guard others[batch].indices.contains(batch.lowerBound + place) else { continue }
                    found[others[batch.lowerBound + place]] = try load(row)
                }
            }
        }
        return found
    }

    /// The handles of the rows in which a column has one of some values, by that value.
    func load(_ column: Int, in keys: [Value]) throws(DatabaseError) -> [Value: [Tracked<R>]] {
        var found: [Value: [Tracked<R>]] = [:]
        for batch in try batches(of: keys, column, schema) {
            let name = schema.columns[column].name
            let sql: SQL =
                "SELECT \(SQL.names(schema.names)) FROM \(schema.tableSQL) WHERE \(identifier: name) IN \(SQL.list(batch)) ORDER BY \(SQL.names(schema.keyNames))"
            _ = try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
                while try context.step(entry) {
                    let row = try R(from: RecordRow(entry.statement, schema))
                    found[try row.columnValue(at: column), default: []].append(try load(row))
                }
            }
        }
        return found
    }

    /// The handles of the rows that refer to others, by the keys of these. Which row refers to which key is the database's word.
    ///
    /// - Parameters:
    ///   - base: Any of the other records.
    ///   - key: The column of their keys.
    ///   - on: The condition of the join.
    func load<Target: Record>(
        joining base: Target,
        _ key: Int,
        on: SQL,
        in keys: [Value]
    ) throws(DatabaseError) -> [Value: [Tracked<R>]] {
        let target = Target.schema
        let table = schema.tableName.name
        let (alias, name) = (Self.joined.name, target.columns[key].name)
        var found: [Value: [Tracked<R>]] = [:]
        for batch in try batches(of: keys, key, target) {
            let tables: SQL = "\(schema.tableSQL) JOIN \(target.tableSQL) AS \(identifier: alias) ON \(on)"
            let sql: SQL =
                "SELECT \(SQL.names(schema.names, of: table)), \(identifier: alias, name) FROM \(tables) WHERE \(identifier: alias, name) IN \(SQL.list(batch)) ORDER BY \(SQL.names(schema.keyNames, of: table))"
            _ = try context.run(sql, reading: .all) { (entry) throws(DatabaseError) in
                while try context.step(entry) {
                    let row = try R(from: RecordRow(entry.statement, schema))
                    let other = RecordRow(entry.statement, target, at: schema.columns.count, columns: [key])
                    let value = try Target(from: other, replacingIn: base).columnValue(at: key)
                    found[value, default: []].append(try load(row))
                }
            }
        }
        return found
    }

    /// The different values but NULL, in the form that a column has, as many as a statement takes at a time.
    private func batches(
        of keys: [Value],
        _ column: Int,
        _ schema: RecordSchema
    ) throws(DatabaseError) -> [[Value]] {
        var batches: [[Value]] = []
        var rest = keys.unique[...]
        while !rest.isEmpty {
            var batch = Array(rest.prefix(context.dialect.parameterLimit / 2))
            rest = rest.dropFirst(batch.count)
            // Filled up to a power of two with one of them, so that few statements are prepared for any number of keys.
            var size = 1
            while size < batch.count { size *= 2 }
            batch += Array(repeating: batch[0], count: size - batch.count)
            batches.append(try unit.bound(batch, [column], of: schema))
        }
        return batches
    }
}

extension Record {
    /// The column of a key of one column.
    static func keyColumn() throws(DatabaseError) -> Int {
        guard schema.keys.count == 1, let index = schema.keys.indices.first else {
            throw DatabaseError(.unsupported, "\(schema.name) has a key of several columns, which no reference holds")
        }
        return index
    }
}

extension [Value] {
    /// The different ones, in their order, without NULL.
    fileprivate var unique: [Value] {
        var seen: Set<Value> = []
        return filter { value in
            if case .null = value { false } else { seen.insert(value).inserted }
        }
    }
}

extension Value {
    /// Whether a database may take the value for equal to one with other bytes: by a collation, a scale, or the sign of zero.
    var mayEqualOthers: Bool {
        switch self {
        case .text, .json, .decimal, .float, .double, .array: true
        case .null, .bool, .int16, .int32, .int64, .uint64, .bytes, .uuid, .date, .time, .dateTime, .timestamp: false
        }
    }
}

extension SQL {
    /// Values in parentheses, for IN.
    static func list(_ values: [Value]) -> SQL { .rows(values, of: values.map(\.type)) }
}
