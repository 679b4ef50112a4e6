// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A placeholder for values that are compared with, or assigned to, a known column of a record.
///
/// Where a type has two stored forms, the column decides which one is bound. That is known only when the statement meets a database.
package struct ColumnValues: Sendable, Hashable {
    /// What describes the column's table.
    let table: any AnyObject & Sendable
    /// The column's position there.
    let column: Int
    let type: ValueType
    let count: Int

    package static func == (left: ColumnValues, right: ColumnValues) -> Bool {
        left.table === right.table && left.column == right.column && left.type == right.type
            && left.count == right.count
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(table))
        hasher.combine(column)
        hasher.combine(type)
        hasher.combine(count)
    }
}

extension SQL {
    /// The same bound values, known to be those of a column.
    package func values(ofColumn column: Int, in table: any AnyObject & Sendable) -> SQL {
        guard failure == nil, let type = values.first?.type else { return self }
        var sql = SQL()
        sql.shape.append(.columnValues(ColumnValues(table: table, column: column, type: type, count: values.count)))
        sql.values = values
        return sql
    }

    /// The same statement with the UUIDs of columns that hold bytes bound as bytes.
    ///
    /// - Parameter isBytes: Whether a column does.
    package func bindingColumns(
        _ isBytes: (any AnyObject & Sendable, Int) throws(DatabaseError) -> Bool
    ) throws(DatabaseError) -> SQL {
        guard shape.hasColumnValues else { return self }
        var sql = self
        sql.shape = Shape()
        var place = 0
        for part in shape.parts {
            guard case .columnValues(let values) = part, try isBytes(values.table, values.column) else {
                sql.shape.append(part)
                place += part.valueCount
                continue
            }
            sql.shape.append(.list(.bytes, count: values.count))
            for index in place..<place + values.count { sql.values[index] = sql.values[index].asBytes }
            place += values.count
        }
        return sql
    }
}

extension SQL.Part {
    /// How many values are bound to it.
    fileprivate var valueCount: Int {
        switch self {
        case .value: 1
        case .list(_, let count): count
        case .columnValues(let values): values.count
        case .rows(let types, let count): types.count * count
        case .raw, .identifier, .columnType, .names, .defaultRow: 0
        }
    }
}

extension Value {
    /// A UUID as its bytes; anything else as it is.
    package var asBytes: Value {
        switch self {
        case .uuid(let uuid): .bytes(uuid.sqlBytes)
        case .null(.uuid): .null(.bytes)
        default: self
        }
    }
}
