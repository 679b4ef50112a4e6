// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SessionContext {
    /// The columns of a query's result. The query returns no rows. It is sent once on each connection, whose prepared statement
    /// remembers them.
    package func columns(of query: SQL) throws(DatabaseError) -> [Column] {
        if let known = resource.cache.find(query.shape)?.statement.columns, !known.isEmpty { return known }
        return try run(query, reading: .all) { (entry) throws(DatabaseError) in
            while try step(entry) {}
            return entry.statement.columns
        }.0
    }
}
