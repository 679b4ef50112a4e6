// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension PostgreSQLConnection {
    /// Inserts rows by COPY in its binary format: a fraction of what INSERT costs the server.
    ///
    /// COPY passes by rules and row-level security, and its binary format converts nothing. So it is used where neither is
    /// there and each column's type is that of its values. A round trip finds out.
    ///
    /// - Returns: Nil if COPY would not do what INSERT does; nothing has happened then.
    public func load(_ rows: RowLoad) throws(DatabaseError) -> Int? {
        let handle = try link.open()
        guard server != nil, PQserverVersion(handle) >= 120_000, !rows.columns.isEmpty else { return nil }
        let table = try Dialect.postgreSQL.quote(rows.table)
        guard let columns = try copyColumns(of: rows, table) else { return nil }
        var format = CopyFormat(rows, columns)
        // Of the first rows the server is to say itself what it can't hold, and an INSERT is there for that.
        guard let first = try rows.next(), let bytes = try format.bytes(of: first) else { return nil }
        var names: [String] = []
        for column in rows.columns { names.append(try Dialect.postgreSQL.quote([column])) }
        let sql = "COPY \(table) (\(names.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
        do throws(DatabaseError) {
            return try link.copy(sql) { (send) throws(DatabaseError) in
                try send(CopyFormat.start)
                try send(bytes)
                while let values = try rows.next() {
                    guard let bytes = try format.bytes(of: values) else { throw format.valueOutOfRange }
                    try send(bytes)
                }
                try send(CopyFormat.end)
            }
        } catch {
            throw error.inStatement(sql)
        }
    }

    /// How the values of each column travel; nil if one of them can't, or the table is none for COPY.
    private func copyColumns(of rows: RowLoad, _ table: String) throws(DatabaseError) -> [CopyColumn]? {
        var types: [String: Oid] = [:]
        try ask(
            """
            SELECT a.attname, a.atttypid FROM pg_catalog.pg_class c \
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
            WHERE c.oid = pg_catalog.to_regclass('\(table.replacing("'", with: "''"))') AND c.relkind IN ('r', 'p') \
            AND NOT c.relhasrules AND NOT c.relrowsecurity AND a.attnum > 0 AND NOT a.attisdropped \
            AND a.attgenerated = '' AND a.attidentity <> 'a'
            """
        ) { answer in
            for row in 0..<PQntuples(answer.pointer) {
                guard let name = PQgetvalue(answer.pointer, row, 0), let type = PQgetvalue(answer.pointer, row, 1)
                else {
                    continue
                }
                types[String(cString: name)] = Oid(String(cString: type))
            }
        }
        var columns: [CopyColumn] = []
        for (name, type) in zip(rows.columns, rows.types) {
            guard let column = types[name].flatMap({ CopyColumn(type, in: $0) }) else { return nil }
            columns.append(column)
        }
        return columns
    }
}
