// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

extension RecordQuery {
    /// The statement that reads all columns.
    @usableFromInline var sql: SQL {
        let schema = R.schema
        let names: SQL = .names(schema.names, of: schema.tableName.name)
        let tail: SQL = "\(filterSQL)\(orderSQL)\(limitSQL)"
        return unit.bound("SELECT \(names) FROM \(schema.tableSQL)\(tail)\(lockSQL)")
    }

    var filterSQL: SQL { SQL.filter(conditions) }
    var limitSQL: SQL { SQL.limit(limit, offset) }
    private var orderSQL: SQL { SQL.order(orderings) }

    private var lockSQL: SQL { SQL.lock(lock, unit.context.dialect) }
}

extension SQL {
    static func filter(_ conditions: [SQL]) -> SQL {
        conditions.isEmpty ? "" : " WHERE \(conditions, separator: " AND ")"
    }

    static func lock(_ lock: RowLock?, _ dialect: Dialect) -> SQL {
        guard let clause = lock.map(dialect.rowLock), !clause.isEmpty else { return "" }
        return " \(raw: clause)"
    }

    static func order(_ orderings: [SQL]) -> SQL {
        orderings.isEmpty ? "" : " ORDER BY \(orderings, separator: ", ")"
    }

    /// MariaDB and SQLite know no OFFSET without LIMIT.
    static func limit(_ limit: Int?, _ offset: Int?) -> SQL {
        switch (limit, offset) {
        case (nil, nil): ""
        case (let limit?, nil): " LIMIT \(limit)"
        case (let limit, let offset?): " LIMIT \(limit ?? Int.max) OFFSET \(offset)"
        }
    }
}
